"""The outlines in a GeoJSON answer, by the requested level of detail."""

from typing import cast

from terrafirma.formats.selection import Outline, find_no_outline
from terrafirma.http.app.context import state
from terrafirma.http.request.arguments import read_choice
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.outlines import Detail
from terrafirma.register.model.records import Document


def read_detail(kind: Kind, usual: Detail) -> str:
    """The level of detail that `shape` asks for, or the usual one; "point" of kinds without outlines."""
    return (read_choice("shape") or usual) if kind.outlined else "point"


def read_outline(kind: Kind, usual: Detail) -> Outline:
    """A function that finds the outlines of a kind's records, by the `shape` parameter or the
    default level."""
    detail = read_detail(kind, usual)
    if detail == "point":
        return find_no_outline
    shapes = state().shapes

    def find(document: Document) -> bytes | None:
        # What is drawn is today's; a code that was withdrawn may mean another country by now.
        former = document.get("status") == "former"
        return None if former else shapes.find(cast(Detail, detail), document.get("alpha2"))

    return find
