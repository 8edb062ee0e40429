"""Flags as pictures, where the installation brought them; `hatch_build.py` says how."""

from functools import cache
from pathlib import Path

FLAGS = Path(__file__).with_name("pictures")


@cache
def list_flags() -> frozenset[str]:
    """The alpha-2 codes of the flags there are; none where npm could not fetch them."""
    return frozenset(picture.stem for picture in FLAGS.glob("[A-Z][A-Z].svg"))


def read_flag(alpha2: str) -> bytes | None:
    """The picture of a flag (SVG), None where there is none."""
    return (FLAGS / f"{alpha2}.svg").read_bytes() if alpha2 in list_flags() else None
