"""Read routes of every collection: records, facets, a record."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from flask import Response, request

from terrafirma.formats.json import JSON
from terrafirma.formats.selection import Tree
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.formats import formats_of, read_format
from terrafirma.http.app.routes import View
from terrafirma.http.request.arguments import read_choices, read_moment
from terrafirma.http.request.fields import read_fields
from terrafirma.http.request.languages import (
    list_localised,
    localise,
    read_language,
)
from terrafirma.http.request.list_query import (
    ListQuery,
    count_all,
    find_search,
    list_asked,
    read_facets,
    read_query,
    write_place,
)
from terrafirma.http.response.lists import (
    Page,
    Pages,
    reply_pages,
)
from terrafirma.http.response.representations import Representation, represent, write_states
from terrafirma.http.response.responses import (
    reply_bytes,
    reply_json,
    set_format_headers,
    set_language_header,
)
from terrafirma.http.response.undated import find_undated, name_undated
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.log.figures import complete_figures, describe_shown
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.memberships import ChoosePart, choose_naming
from terrafirma.register.log.provenance import describe_translation
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, INCLUDED, Kind, Reference
from terrafirma.register.model.known import show_undated
from terrafirma.register.model.members import EXTRA, UNDATED
from terrafirma.register.model.outlines import Detail
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM, at
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.timeouts import restart
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.found import count_values, find_states
from terrafirma.storage.register.records import Version


@dataclass
class FacetValue:
    """A value of a field, and how many records have it."""

    value: str | int | float | bool | None
    count: int


Facets = dict[str, list[FacetValue]]


class WantedRows(NamedTuple):
    """The requested representation of a record."""

    shown: Representation
    language: str | None

    @property
    def is_whole(self) -> bool:
        """True if records are shown as they are stored."""
        form, selection = self.shown
        return form is JSON and selection.tree is None and self.language is None


NO_NAMES: tuple[str | None, dict[int, str]] = (None, {})
"""Of records that are shown under their own names."""


def read_asked(kind: Kind, usual: tuple[str, ...] | None, detail: Detail) -> WantedRows:
    """The requested representation, with default fields and a default detail of outlines; parsed
    once per distinct request."""
    headers = request.headers
    negotiated = headers.get("Accept"), headers.get("Accept-Language")
    key = (kind, usual, request.query_string, *negotiated)
    asked: WantedRows = state().queries.get(
        key,
        lambda: WantedRows(
            represent(
                kind, read_format(formats_of(kind)), read_fields(kind.catalog, usual), detail
            ),
            read_language(),
        ),
    )
    return asked


def fit_kind(kind: Kind) -> Kind:
    """A kind with the custom fields that its register declares, looked up where the query names any."""
    said = (text for name, values in request.args.lists() for text in (name, *values))
    if not request.query_string or not any(EXTRA in text for text in said):
        return kind
    with reading() as connection:
        return customise(connection, kind)


def list_records(kind: Kind, choose: ChoosePart | None = None) -> Response:
    """The records that exist on a day and match, by id or as sorted, with light fields or those asked for.

    All formats but JSON and GeoJSON hold every row without `limit`.
    """
    kind = fit_kind(kind)
    query, asked = read_query(kind), read_asked(kind, kind.light, "medium")
    pages = list_pages(query, choose, asked.language, asked.shown)
    first = next(pages)
    response = reply_pages(first, pages, asked.shown)
    set_language_header(response, first.language)
    return name_undated(response, first.undated) if first.undated else response


def list_naming(reference: Reference) -> View:
    """A view of the records that refer to the record in the address."""

    def view(kind: Kind, key: str) -> Response:
        return list_records(kind, choose_naming(reference, key))

    view.__name__ = f"list_{reference.kind}_records"
    view.__doc__ = f"The records of one {reference.kind} on a day that match; of a former one, those of its last day."
    return view


def list_pages(
    query: ListQuery, choose: ChoosePart | None, language: str | None, shown: Representation
) -> Pages:
    """The matching records, page by page in a single transaction.

    The request is read before the first page: later pages may be made after the view returned.
    """
    locales, kind, limit = state().locales, query.kind, query.limit
    with reading() as connection:
        search, head = find_search(connection, query, choose), read_head(connection)
        past = search.on < today()
        undated = find_undated(connection, kind, search, list_asked(search)) if past else []
        states = find_states(connection, search, limit + 1)
        total, more = count_all(connection, search, query, len(states)), True
        while more:
            more, states = len(states) > limit, states[:limit]
            spoken, names = NO_NAMES
            if language:
                spoken, names = list_localised(connection, kind, states, language, search, locales)
            rows = write_states(connection, search, states, names, shown, whole=query.whole)
            following: dict[str, str | int] = {}
            if more:
                last = states[-1]
                following = {"after": write_place(search.orders, last.keys, last.id)}
                search = replace(search, after=last.keys, after_id=last.id)
            yield Page(rows, head.mark, following, total, spoken, undated)
            # How long its reader took is not counted.
            restart(connection)
            states = find_states(connection, search, limit + 1) if more else []


def list_record_facets(kind: Kind) -> Response:
    """The values of fields among the records that match, each with how many have it: the most frequent first."""
    kind = fit_kind(kind)
    query, names = read_query(kind), read_facets(kind.catalog)
    with reading() as connection:
        search, head = find_search(connection, query), read_head(connection)
        facets = {name: count_values(connection, search, name, query.limit) for name in names}
        undated = find_undated(connection, kind, search, [*list_asked(search), *names])
    shown = {
        name: [vars(FacetValue(value, count)) for value, count in found]
        for name, found in facets.items()
    }
    return name_undated(reply_json(shown, mark=head.mark), undated)


class Shown(NamedTuple):
    """A single record as an answer shows it."""

    body: bytes
    language: str | None = None
    """Of its name, if one was asked for."""
    name: str = ""
    """Of a file that it may become."""


def get_record(kind: Kind, key: str) -> Response:
    """A record: all its fields, or those requested."""
    kind = fit_kind(kind)
    asked, parts = read_asked(kind, None, "high"), read_choices("include")
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, kind, key, moment)
        if asked.is_whole and not parts and not (kind.name == COUNTRY.name and moment.on < today()):
            shown = Shown(version.document.encode() + b"\n")
        else:
            shown = show_record(connection, kind, version, moment, asked, parts)
    form = asked.shown.form
    response = reply_bytes(shown.body, form.media, mark=version.mark)
    set_language_header(response, shown.language)
    return set_format_headers(response, form, shown.name)


def show_record(
    connection: Connection,
    kind: Kind,
    version: Version,
    moment: Moment,
    asked: WantedRows,
    parts: list[str],
) -> Shown:
    """A record in the format, the fields and the language asked for, with what is included."""
    [document] = complete_figures(connection, kind.name, [decode(version.document)], moment)
    if UNDATED in document and UNDATED in parts:
        document = show_undated(document, at(stored_document(connection, version.entry), moment.on))
    language = localise(connection, kind, [document], asked.language, moment)
    form, selection = asked.shown
    included = include(connection, kind, version, document, moment, selection.tree, parts)
    renamed = document["name"] != decode(version.document)["name"] if "name" in document else False
    if renamed and "name" in included.get("sources", {}):
        included["sources"]["name"] = describe_translation(kind)
    document |= included
    tree = selection.tree and selection.tree | {name: {} for name in included}
    names = (str(document[field]) for field in kind.keys if field in document)
    name = f"{kind.name}-{next(names, version.id)}"
    more = [] if tree else [name for name in (*INCLUDED, KNOWN_FROM) if name in document]
    form, selection = represent(kind, form, tree, "high", more)
    return Shown(form.write_one(document, selection), language, name)


def include(
    connection: Connection,
    kind: Kind,
    version: Version,
    document: Document,
    moment: Moment,
    tree: Tree | None,
    parts: list[str],
) -> Document:
    """The parts of an answer beside a record's fields: its timelines, and the sources of the fields shown."""
    included: Document = {}
    for name in parts:
        if name == "dated":
            stored = stored_document(connection, version.entry)
            included[name] = stored.get("dated", {})
            included |= {KNOWN_FROM: stored[KNOWN_FROM]} if KNOWN_FROM in stored else {}
        elif name == "sources":
            told = describe_shown(connection, kind, version, document, moment)
            included[name] = {
                field: told[field] for field in told if not tree or field.partition(".")[0] in tree
            }
    return included
