"""Outlines of countries as the dataset draws them: GeoJSON coordinates, kept as the text they are sent as."""

from dataclasses import dataclass
from typing import Literal

Detail = Literal["low", "medium", "high"]


@dataclass(frozen=True)
class Outlines:
    """The coordinates of a MultiPolygon by alpha-2 code, for each level of detail."""

    levels: dict[Detail, dict[str, bytes]]

    def find(self, detail: Detail, alpha2: str | None) -> bytes | None:
        """A country's coordinates as JSON text; a level that omits it falls back to the next finer
        level."""
        finer: tuple[Detail, ...] = ("low", "medium", "high")
        for level in finer[finer.index(detail) :]:
            if found := self.levels[level].get(alpha2 or ""):
                return found
        return None
