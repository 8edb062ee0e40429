"""Prefixes that are dialled before numbers, and emergency numbers, from libphonenumber's metadata."""

import re
from collections.abc import Mapping
from typing import Any

from terrafirma.dataset.inputs import Inputs

SHORT = r"phonenumbers/shortdata/region_[A-Z]{2}\.py"
ANY_DIGIT = r"\d"
NONE = "(?!)"
"""An expression that matches nothing."""


def read_dialling(inputs: Inputs, members: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Prefixes, an example and emergency numbers by region; ``members`` are the files of numbers."""
    found = {member[-5:-3]: read_plan(text) for member, text in members.items()}
    for member, text in inputs.read_texts("phonenumbers", SHORT).items():
        if (region := member[-5:-3]) in found and (numbers := list_emergency_numbers(text)):
            found[region]["emergency_numbers"] = numbers
    return found


def read_plan(text: str) -> dict[str, Any]:
    """The prefixes of a region's numbers, and a mobile number; a choice of carriers is left out."""
    facts = {
        "international_prefix": read_prefix(text, "preferred_international_prefix")
        or read_prefix(text, "international_prefix"),
        "trunk_prefix": read_prefix(text, "national_prefix"),
        "example_number": read_example(text),
    }
    return {field: value for field, value in facts.items() if value}


def read_prefix(text: str, name: str) -> str:
    """A prefix of digits; empty where it is an expression. A tilde is a pause for a tone."""
    match = re.search(rf"\b{name}='([0-9~]+)'", text)
    return match[1].replace("~", "") if match else ""


def read_example(text: str) -> str:
    """The example of a mobile number, with the calling code; empty without one."""
    code = re.search(r"country_code=(\d+)", text)
    example = re.search(r"mobile=PhoneNumberDesc\([^\n]*example_number='(\d+)'", text)
    return f"+{code[1]}{example[1]}" if code and example else ""


def list_emergency_numbers(text: str) -> list[str]:
    """The numbers that the expression of emergency numbers stands for, but whole ranges of numbers."""
    match = re.search(
        r"emergency=PhoneNumberDesc\(national_number_pattern='([^']*)'.*?possible_length=\(([^)]*)\)",
        text,
        re.DOTALL,
    )
    if match is None:
        return []
    expression = re.compile(match[1].replace("\\\\d", ANY_DIGIT).replace(ANY_DIGIT, NONE))
    lengths = [int(length) for length in re.findall(r"\d+", match[2])]
    return [
        number
        for length in lengths
        for each in range(10**length)
        if expression.fullmatch(number := f"{each:0{length}}")
    ]
