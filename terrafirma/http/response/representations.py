"""Records in the format of an answer, each made once: its bytes are kept for as long as its state."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from terrafirma.formats.format import Format
from terrafirma.formats.selection import Selection, Tree
from terrafirma.http.request.arguments import read_choice, read_year
from terrafirma.http.response.outline_parameter import read_detail, read_outline
from terrafirma.http.response.undated import fill_undated
from terrafirma.register.log.figures import complete_figures
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, Kind
from terrafirma.register.model.outlines import Detail
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import show_year
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.found import FoundState, read_documents
from terrafirma.storage.register.search import Search
from terrafirma.storage.register.state_cache import Item, open_states

BYTE_ORDER_MARK = "bom"


class Representation(NamedTuple):
    """A format, and the fields that are written in it."""

    form: Format
    selection: Selection


def represent(
    kind: Kind, form: Format, tree: Tree | None, usual: Detail, included: Sequence[str] = ()
) -> Representation:
    """Records of a kind in a format, with the fields of a tree."""
    selection = Selection(kind.plural, kind.model, kind.catalog, tree, kind.fields, included)
    selection.year = read_year(kind)
    if form.placed:
        selection.detail = read_detail(kind, usual)
        selection.outline = read_outline(kind, usual)
    return mark_bytes(Representation(form, selection))


def mark_bytes(shown: Representation) -> Representation:
    """Add a byte order mark to a table if `bom` asks for it."""
    shown.selection.byte_order_mark = shown.form.marked and read_choice(BYTE_ORDER_MARK) == "1"
    return shown


def write_states(
    connection: Connection,
    search: Search,
    states: Sequence[FoundState],
    names: Mapping[int, str],
    shown: Representation,
    *,
    whole: bool = False,
) -> list[bytes]:
    """The states that a search found in a representation, some under names in another language.

    `whole`: with what they leave out because it is not known for the day.
    """
    form, selection = shown
    moment = Moment(search.on, search.as_of)
    key: tuple[object, ...] = (form.row_name or form.name, selection.key)
    if whole:
        key = (*key, search.on)
    if search.kind == COUNTRY.name and search.on < today():
        # Its figures of that day are in other records, which may change.
        key = (*key, search.on, read_head(connection))
    keys = [(key, names.get(state.id), state.id, state.entry, state.valid_from) for state in states]

    def make(places: list[int]) -> list[Item]:
        missing = [states[place] for place in places]
        documents = read_documents(connection, search, missing)
        documents = complete_figures(connection, search.kind, documents, moment)
        if whole:
            fill_undated(connection, documents, missing, search.on)
        renamed = (rename(document, names.get(document["id"])) for document in documents)
        rows = [form.write_row(show_year(each, selection.year), selection) for each in renamed]
        return [Item(row, len(row)) for row in rows]

    return open_states(connection).get_all(keys, make)


def rename(document: Document, name: str | None) -> Document:
    """A record under a name in another language, if it has one."""
    return document | {"name": name} if name and "name" in document else document
