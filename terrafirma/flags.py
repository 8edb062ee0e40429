"""Flags as pictures, if the installation brought them (see `hatch_build.py`)."""

from functools import cache
from importlib import resources

FOLDER = resources.files("terrafirma") / "web" / "pictures"


@cache
def list_flags() -> frozenset[str]:
    """Return the alpha-2 codes of all flags; empty if the installation could not fetch them."""
    if not FOLDER.is_dir():
        return frozenset()
    names = (picture.name for picture in FOLDER.iterdir())
    return frozenset(name.removesuffix(".svg") for name in names if name.endswith(".svg"))


def read_flag(alpha2: str, form: str = "svg") -> bytes | None:
    """Return a flag as SVG or PNG; None if it is missing."""
    picture = FOLDER / f"{alpha2}.{form}"
    return picture.read_bytes() if alpha2 in list_flags() and picture.is_file() else None
