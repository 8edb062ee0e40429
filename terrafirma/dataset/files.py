"""The files of the shipped data."""

from importlib import resources
from typing import Any

from terrafirma.register.model.canonical_json import decode

DATA = resources.files("terrafirma.dataset") / "data"


def read_file(name: str) -> Any:
    """Read a JSON file of the dataset."""
    return decode((DATA / f"{name}.json").read_bytes())
