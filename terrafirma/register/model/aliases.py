"""One fact that a kind of records spells in several fields, of which one is stored."""

from terrafirma.register.model.records import Document


class Alias:
    """The rule of a kind without such a fact: every document stays as it is."""

    fields: frozenset[str] = frozenset()
    """The fields that say the same."""

    def choose(self, document: Document, _: Document, /) -> Document:
        """A document as sent, beside the current one, as it is stored; Invalid where its spellings do not agree."""
        return document

    def align(self, stored: Document, wanted: Document) -> tuple[Document, Document]:
        """Both documents in the same spelling, to be compared field by field."""
        return stored, wanted

    def restore(self, document: Document) -> Document:
        """An aligned document in the spelling it came in."""
        return document


PLAIN = Alias()
