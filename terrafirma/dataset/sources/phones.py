"""Calling codes, from libphonenumber's metadata."""

import itertools
import re

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

# Regions with metadata of their own that are part of an ISO country.
PARTS = {"AC": "SH", "TA": "SH"}

# The two that own all of +1 that is not someone else's.
WHOLE_PLAN = {"US", "CA"}


def read_phonenumbers(inputs: Inputs) -> Claims:
    """E.164 calling codes, sorted; those who share +1 are told apart by their area codes: "+1684"."""
    codes: dict[str, set[str]] = {}
    for member, text in inputs.read_texts(
        "phonenumbers", r"phonenumbers/data/region_[A-Z]{2}\.py"
    ).items():
        region = member[-5:-3]
        match = re.search(r"country_code=(\d+)", text)
        if match is None:
            raise ValueError(f"{member} names no country code")
        leading = re.search(r"leading_digits='([^']*)'", text)
        areas = (
            expand_digits(leading[1])
            if leading and match[1] == "1" and region not in WHOLE_PLAN
            else [""]
        )
        codes.setdefault(PARTS.get(region, region), set()).update(
            f"+{match[1]}{area}" for area in areas
        )
    return {region: {"calling_codes": sorted(found)} for region, found in codes.items()}


def expand_digits(pattern: str) -> list[str]:
    """The three-digit area codes that a pattern such as ``8001|8[024]9`` stands for: 809, 829, 849."""
    areas = []
    for alternative in pattern.split("|"):
        parts = [part.strip("[]") for part in re.findall(r"\[\d+\]|\d", alternative)]
        if len(parts) == 3:
            areas += ["".join(digits) for digits in itertools.product(*parts)]
    return areas
