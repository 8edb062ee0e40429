"""Records in the format of an answer, each made once: its bytes are kept for as long as its state."""

from codecs import BOM_UTF8
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from terrafirma.http.app.formats import CSV, GEOJSON, NDJSON, Format
from terrafirma.http.request.arguments import read_choice
from terrafirma.http.request.fields import Tree, project
from terrafirma.http.response.csv import list_columns, write_table
from terrafirma.http.response.geojson import make_feature
from terrafirma.http.response.outline_parameter import read_detail, read_outline
from terrafirma.http.response.undated import fill_undated
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import FoundState, read_documents
from terrafirma.storage.register.search import Search
from terrafirma.storage.register.state_cache import Item, open_states


@dataclass(frozen=True)
class Representation:
    """The format of a list, with some fields of each record."""

    key: Hashable
    """Names it among all representations."""
    write: Callable[[Document], bytes]
    """Writes one record."""
    join: Callable[[list[bytes], bool], bytes]
    """Joins written records to a page, which may be the first."""


def represent_list(kind: Kind, form: Format, tree: Tree | None) -> Representation:
    """The representation of a list in a format, with the fields of a tree."""
    key: tuple[Hashable, ...] = (kind.name, encode(tree))
    if form is CSV:
        columns, mark = list_columns(kind, tree), write_mark()
        return Representation(
            ("csv", *key),
            lambda document: write_table([document], columns, header=False),
            lambda rows, first: (
                (mark if first else b"") + write_table([], columns, header=first) + b"".join(rows)
            ),
        )
    if form is GEOJSON:
        outline = read_outline(kind, "medium")
        return Representation(
            ("geojson", *key, read_detail(kind, "medium")),
            lambda document: encode(make_feature(document, tree, outline)),
            lambda rows, _: b'{"features":[%b],"type":"FeatureCollection"}\n' % b",".join(rows),
        )
    return Representation(
        ("json", *key),
        lambda document: encode(project(document, tree)),
        join_lines if form is NDJSON else join_array,
    )


def write_mark() -> bytes:
    """The byte order mark, if the request asks for it; Excel takes CSV without it for another encoding."""
    return BOM_UTF8 if read_choice("bom") else b""


def join_lines(rows: list[bytes], _first: bool) -> bytes:
    """NDJSON: each row a line."""
    return b"".join(row + b"\n" for row in rows)


def join_array(rows: list[bytes], _first: bool) -> bytes:
    """A JSON array."""
    return b"[%b]\n" % b",".join(rows)


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
    key = (shown.key, search.on) if whole else (shown.key,)
    keys = [(key, names.get(state.id), state.id, state.entry, state.valid_from) for state in states]

    def make(places: list[int]) -> list[Item]:
        missing = [states[place] for place in places]
        documents = read_documents(connection, search, missing)
        if whole:
            fill_undated(connection, documents, missing, search.on)
        rows = [shown.write(rename(document, names.get(document["id"]))) for document in documents]
        return [Item(row, len(row)) for row in rows]

    return open_states(connection).get_all(keys, make)


def rename(document: Document, name: str | None) -> Document:
    """A record under a name in another language, if it has one."""
    return document | {"name": name} if name and "name" in document else document
