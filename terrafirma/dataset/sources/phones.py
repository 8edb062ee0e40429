"""Calling codes, from libphonenumber's metadata."""

import itertools
import re

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims
from terrafirma.dataset.sources.dialling import read_dialling

# Regions with metadata of their own that are part of an ISO country.
PARTS = {"AC": "SH", "TA": "SH"}

# The two that own all of +1 that is not someone else's.
WHOLE_PLAN = {"US", "CA"}


def read_phonenumbers(inputs: Inputs) -> Claims:
    """E.164 calling codes, the main code first; members of +1 have their area codes: "+1684"."""
    codes: dict[str, list[str]] = {}
    members = inputs.read_texts("phonenumbers", r"phonenumbers/data/region_[A-Z]{2}\.py")
    # Regions that are part of a country come after it, as their codes do.
    for member, text in sorted(
        members.items(), key=lambda each: (each[0][-5:-3] in PARTS, each[0])
    ):
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
        found = codes.setdefault(PARTS.get(region, region), [])
        found += [
            f"+{match[1]}{area}"
            for area in order_areas(areas, text)
            if f"+{match[1]}{area}" not in found
        ]
    habits = read_dialling(inputs, members)
    return {
        region: {"calling_codes": found} | habits.get(region, {}) for region, found in codes.items()
    }


def order_areas(areas: list[str], text: str) -> list[str]:
    """Area codes, that of the example number first: an overlay does not represent the country."""
    example = re.search(r"example_number='(\d{3})", text)
    return sorted(areas, key=lambda area: (example is None or area != example[1], area))


def expand_digits(pattern: str) -> list[str]:
    """The three-digit area codes that a pattern such as ``8001|8[024]9`` stands for: 809, 829, 849."""
    areas = []
    for alternative in pattern.split("|"):
        parts = [part.strip("[]") for part in re.findall(r"\[\d+\]|\d", alternative)]
        if len(parts) == 3:
            areas += ["".join(digits) for digits in itertools.product(*parts)]
    return areas
