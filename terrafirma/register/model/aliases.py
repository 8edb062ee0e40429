"""Aliases: one fact that has several fields, of which one is stored."""

from terrafirma.register.model.records import Document


class Alias:
    """The rule of a kind without such a fact: every document stays as it is."""

    fields: frozenset[str] = frozenset()
    """Fields with the same meaning."""

    def choose(self, document: Document, _: Document, /) -> Document:
        """The stored form of a document that was sent, given the current document; raise Invalid if
        aliases disagree."""
        return document

    def align(self, stored: Document, wanted: Document) -> tuple[Document, Document]:
        """Both documents in the same spelling, to be compared field by field."""
        return stored, wanted

    def restore(self, document: Document) -> Document:
        """An aligned document in the spelling it came in."""
        return document


PLAIN = Alias()
