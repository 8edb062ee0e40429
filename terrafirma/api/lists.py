"""What the addresses of every collection show: its records, their facets, one of them."""

from dataclasses import dataclass, replace

from flask import Response

from terrafirma.http.app.context import reading, state
from terrafirma.http.app.formats import CSV, FORMATS, GEOJSON, NDJSON, Format, read_format
from terrafirma.http.app.routes import View
from terrafirma.http.request.arguments import read_choice, read_choices, read_limit, read_moment
from terrafirma.http.request.fields import Tree, project, read_fields
from terrafirma.http.request.languages import (
    localise,
    localise_found,
    read_language,
    set_language_header,
)
from terrafirma.http.request.list_query import (
    count_all,
    list_asked,
    read_facets,
    read_search,
    write_place,
)
from terrafirma.http.response.csv import list_columns, write_table
from terrafirma.http.response.geojson import make_collection, make_feature
from terrafirma.http.response.lists import (
    Page,
    Pages,
    Writer,
    reply_pages,
    set_format_headers,
    write_array,
    write_lines,
)
from terrafirma.http.response.outline_parameter import read_outline
from terrafirma.http.response.responses import reply_bytes, reply_json
from terrafirma.http.response.undated import fill_undated, find_undated, name_undated
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.memberships import ChoosePart, choose_naming
from terrafirma.register.log.provenance import describe_sources, describe_translation
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.kinds import INCLUDED, Kind, Reference
from terrafirma.register.model.known import UNDATED, show_undated
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM, at
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.timeouts import restart
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.records import Version
from terrafirma.storage.register.search import count_values, list_found


@dataclass
class FacetValue:
    """A value of a field, and how many records have it."""

    value: str | int | float | bool | None
    count: int


Facets = dict[str, list[FacetValue]]


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """The forms that records of a kind can have: GeoJSON where they lie somewhere."""
    return tuple(form for form in FORMATS if form is not GEOJSON or "latitude" in kind.fields)


def list_records(kind: Kind, choose: ChoosePart | None = None) -> Response:
    """The records that exist on a day and match, by id or as sorted, with light fields or those asked for.

    NDJSON and CSV without `limit` hold every row.
    """
    form, tree = read_format(formats_of(kind)), read_fields(kind.catalog, kind.light)
    pages = list_pages(kind, choose, read_limit(), read_language(), needed_members(form, tree))
    first = next(pages)
    response = reply_pages(first, pages, form, choose_writer(kind, form, tree))
    set_language_header(response, first.language)
    return name_undated(response, first.undated)


def list_naming(reference: Reference) -> View:
    """A view of the records whose reference names the one in their address."""

    def view(kind: Kind, key: str) -> Response:
        return list_records(kind, choose_naming(reference, key))

    view.__name__ = f"list_{reference.kind}_records"
    view.__doc__ = f"The records of one {reference.kind} on a day that match; of a former one, those of its last day."
    return view


def needed_members(form: Format, tree: Tree | None) -> tuple[str, ...]:
    """The members of a record that its form with the fields of a tree is made of; none: all of them."""
    return () if tree is None or form is GEOJSON else tuple({"id": {}, UNDATED: {}} | tree)


def list_pages(
    kind: Kind,
    choose: ChoosePart | None,
    limit: int,
    language: str | None,
    members: tuple[str, ...],
) -> Pages:
    """The records that the parameters ask for, page by page in one transaction.

    What it needs of the request is read before the first page: the others may come after the view returned.
    """
    locales, whole = state().locales, read_choice("list_include") is not None
    with reading() as connection:
        search, head = read_search(connection, kind, choose), read_head(connection)
        undated = find_undated(connection, kind, search, list_asked(search))
        rows = list_found(connection, search, limit + 1, members)
        total, more = count_all(connection, search, len(rows), limit), True
        while more:
            more, rows = len(rows) > limit, rows[:limit]
            documents = [row.document for row in rows]
            if whole:
                fill_undated(connection, documents, rows, search.on)
            spoken = localise_found(connection, kind, rows, language, search, locales)
            following: dict[str, str | int] = {}
            if more:
                last = rows[-1]
                following = {"after": write_place(search.orders, last.keys, last.id)}
                search = replace(search, after=last.keys, after_id=last.id)
            yield Page(documents, head.mark, following, total, spoken, undated)
            # How long its reader took is not counted.
            restart(connection)
            rows = list_found(connection, search, limit + 1, members) if more else []


def choose_writer(kind: Kind, form: Format, tree: Tree | None) -> Writer:
    """What makes records bytes of a form, with the fields of a tree."""
    if form is CSV:
        columns = list_columns(kind, tree)
        return lambda documents, first: write_table(documents, columns, header=first)
    if form is GEOJSON:
        outline = read_outline(kind, "medium")
        return lambda documents, _: encode(make_collection(documents, tree, outline)) + b"\n"
    write = write_lines if form is NDJSON else write_array
    return lambda documents, _: write([project(document, tree) for document in documents])


def list_record_facets(kind: Kind) -> Response:
    """The values of fields among the records that match, each with how many have it: the most frequent first."""
    limit, names = read_limit(), read_facets(kind.catalog)
    with reading() as connection:
        search, head = read_search(connection, kind), read_head(connection)
        facets = {name: count_values(connection, search, name, limit) for name in names}
        undated = find_undated(connection, kind, search, [*list_asked(search), *names])
    shown = {
        name: [vars(FacetValue(value, count)) for value, count in found]
        for name, found in facets.items()
    }
    return name_undated(reply_json(shown, mark=head.mark), undated)


def get_record(kind: Kind, key: str) -> Response:
    """One record: all its fields, or those asked for."""
    form, tree, language = (
        read_format(formats_of(kind)),
        read_fields(kind.catalog, None),
        read_language(),
    )
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, kind, key, moment)
        document = decode(version.document)
        if UNDATED in document and UNDATED in read_choices("include"):
            document = show_undated(
                document, at(stored_document(connection, version.entry), moment.on)
            )
        spoken = localise(connection, kind, [document], language, moment)
        included = include(connection, kind, version, moment, tree)
        if (
            "name" in included.get("sources", {})
            and document["name"] != decode(version.document)["name"]
        ):
            included["sources"]["name"] = describe_translation(kind)
    document |= included
    tree = tree and tree | {name: {} for name in included}
    response = reply_bytes(write_one(kind, document, form, tree), form.media, mark=version.mark)
    set_language_header(response, spoken)
    names = (str(document[field]) for field in kind.keys if field in document)
    return set_format_headers(response, form, f"{kind.name}-{next(names, version.id)}")


def include(
    connection: Connection, kind: Kind, version: Version, moment: Moment, tree: Tree | None
) -> Document:
    """What an answer shows beside a record's fields: its timelines, and who says so of the fields that are shown."""
    included: Document = {}
    for name in read_choices("include"):
        if name == "dated":
            stored = stored_document(connection, version.entry)
            included[name] = stored.get("dated", {})
            included |= {KNOWN_FROM: stored[KNOWN_FROM]} if KNOWN_FROM in stored else {}
        elif name == "sources":
            told = describe_sources(connection, kind, version, moment.on)
            included[name] = {
                field: told[field] for field in told if not tree or field.partition(".")[0] in tree
            }
    return included


def write_one(kind: Kind, document: Document, form: Format, tree: Tree | None) -> bytes:
    """A record in a form, with the fields of a tree."""
    if form is CSV:
        columns = list_columns(kind, tree)
        included = [] if tree else [name for name in (*INCLUDED, KNOWN_FROM) if name in document]
        return write_table([document], [*columns, *included])
    if form is GEOJSON:
        return encode(make_feature(document, tree, read_outline(kind, "high"))) + b"\n"
    return encode(project(document, tree)) + b"\n"
