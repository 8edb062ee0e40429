"""The shown part of a complete record. The old service had two ways, and clients depend on the
difference.

Without `fields` it omitted empty values; with `fields` it showed empty values and omitted nulls.
"""

from collections.abc import Collection, Sequence
from typing import Any

from terrafirma.restcountries.translate import BESIDES, Record

STRUCTURES = ("name", "idd", "car", "flags", "capitalInfo")
"""Objects shown without their empty members, even if none are left."""

WHOLE = ("postalCode", "coatOfArms")
"""Objects shown with all members, including empty and null ones."""

EMPTY: tuple[Any, ...] = (None, "", [], {})


def show_full(record: Record, kept: Collection[str] = ()) -> Record:
    """Return a record as it was shown without `fields`: nothing empty, but the fields to be kept."""
    shown = {}
    for name, value in record.items():
        if name == BESIDES:
            continue
        if name in STRUCTURES and isinstance(value, dict):
            value = {member: each for member, each in value.items() if each not in EMPTY}
        elif name not in WHOLE and name not in kept and value in EMPTY:
            continue
        shown[name] = value
    return shown


def show_fields(record: Record, fields: Sequence[str]) -> Record:
    """A record as it was shown with `fields`: those it has, empty or not."""
    return {
        name: drop_nulls(value)
        for name, value in record.items()
        if name in fields and name != BESIDES
    }


def drop_nulls(value: Any) -> Any:
    """An object without its null members."""
    return (
        {name: each for name, each in value.items() if each is not None}
        if isinstance(value, dict)
        else value
    )
