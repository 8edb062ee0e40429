"""The aliases `capital`, a name, and `capitals`, a list with roles. A document stores either."""

from collections.abc import Callable
from typing import Any

from terrafirma.errors import Detail, Invalid
from terrafirma.register.model.aliases import Alias
from terrafirma.register.model.records import Document

BARE = {"name"}
"""The keys of a capital that came as a name alone."""


class Capitals(Alias):
    """The rule of countries."""

    fields = frozenset({"capital", "capitals"})

    def choose(self, document: Document, current: Document, /) -> Document:
        """The document in a single form: the list if it agrees with the name, otherwise as sent."""
        capital, capitals = document.get("capital"), document.get("capitals")
        if capital is None:
            return document
        if capitals and capitals[0]["name"] != capital:
            rule = f'must be the first of capitals, "{capitals[0]["name"]}"'
            raise Invalid(
                "capital and capitals do not agree.", [Detail("capital", rule, "mismatch")]
            )
        known = capitals or current.get("capitals")
        if not known or known[0]["name"] != capital:
            return document
        return {name: value for name, value in document.items() if name != "capital"} | {
            "capitals": known
        }

    def align(self, stored: Document, wanted: Document) -> tuple[Document, Document]:
        """Both documents in the same form: lists if either uses a list."""
        if holds_list(stored) or holds_list(wanted):
            return to_list(stored), to_list(wanted)
        return stored, wanted

    def restore(self, document: Document) -> Document:
        """The document with its capital as a name, unless the list has more than names."""
        values = [document["capitals"]] if "capitals" in document else []
        values += [period["value"] for period in document.get("dated", {}).get("capitals", [])]
        if all(len(value) == 1 and value[0].keys() == BARE for value in values):
            return respell(document, "capitals", "capital", lambda capitals: capitals[0]["name"])
        return respell(
            document,
            "capitals",
            "capitals",
            lambda capitals: [{"roles": []} | each for each in capitals],
        )


def holds_list(document: Document) -> bool:
    """Return True if a document has capitals as a list."""
    return "capitals" in document or "capitals" in document.get("dated", {})


def to_list(document: Document) -> Document:
    """A document with its capital as a list, converted from a name if needed."""
    return respell(document, "capital", "capitals", lambda name: [{"name": name}])


def respell(document: Document, old: str, new: str, convert: Callable[[Any], Any]) -> Document:
    """A document with a field renamed and converted, plain or dated."""
    dated = document.get("dated", {})
    result = {name: value for name, value in document.items() if name not in (old, "dated")}
    if old in document:
        result[new] = convert(document[old])
    if old in dated:
        timeline = [period | {"value": convert(period["value"])} for period in dated[old]]
        dated = {name: value for name, value in dated.items() if name != old} | {new: timeline}
    return result | ({"dated": dated} if dated else {})
