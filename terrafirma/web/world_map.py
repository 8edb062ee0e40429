"""The map of the world as the dataset draws it, read once."""

from functools import cache
from typing import Any

from terrafirma.dataset.files import read_file


@cache
def world_map() -> dict[str, Any]:
    """`width`, `height`, `scale`, and by alpha-2 `paths` (SVG, to be enlarged by `scale`) and `spots` (x, y)."""
    drawn: dict[str, Any] = read_file("map")
    return drawn
