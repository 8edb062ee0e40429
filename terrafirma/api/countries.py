"""`/countries` and `/countries/{key}`: the register's countries, and the tutorial's `/country`."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

from flask import Response, request
from pydantic import Field

from terrafirma.errors import Invalid, NotFound
from terrafirma.http.arguments import MOMENT, PAGING, read_choice, read_day, read_limit, read_moment
from terrafirma.http.bodies import JSON_PATCH, MERGE_PATCH, read_json, read_patch
from terrafirma.http.context import LOCAL_ACTOR, reading, state, today, writing
from terrafirma.http.contracts import Access, Door
from terrafirma.http.csv import list_columns, write_table
from terrafirma.http.fields import Tree, project, read_fields
from terrafirma.http.formats import CSV, FORMAT, FORMATS, GEOJSON, JSON, NDJSON, Format, read_format
from terrafirma.http.geojson import Feature, FeatureCollection, make_collection, make_feature
from terrafirma.http.idempotency import answer_once, read_key
from terrafirma.http.languages import LANGUAGE, keep_own_names, localise, read_language, say_language
from terrafirma.http.lists import Page, Pages, Writer, reply_pages, say_format, write_array, write_lines
from terrafirma.http.queries import QUERY, count_all, read_facets, read_search, write_place
from terrafirma.http.replies import check_match, reply_bytes, reply_json
from terrafirma.register import bulk, countries
from terrafirma.register.canonical import decode, encode
from terrafirma.register.countries import KIND, Edit
from terrafirma.register.history import stored_document
from terrafirma.register.keys import Moment, find
from terrafirma.register.patches import Limits, Patch, check_operations
from terrafirma.register.records import LIGHT, Country, CountryPatch, Document
from terrafirma.storage import records
from terrafirma.storage.clock import restart
from terrafirma.storage.database import Connection
from terrafirma.storage.entries import read_head
from terrafirma.storage.records import Version
from terrafirma.storage.search import count_values, list_found

door = Door("countries")

CODE_LENGTH = 2

Countries = Annotated[list[Country], Field(min_length=1)]
PATCHES = ((JSON.media, CountryPatch), (MERGE_PATCH, CountryPatch), (JSON_PATCH, Patch))


@dataclass
class FacetValue:
    """A value of a field, and how many records have it."""

    value: str | int | float | bool | None
    count: int


Facets = dict[str, list[FacetValue]]


@door.route(
    "GET",
    "/countries",
    Access.READ,
    (*MOMENT, *PAGING, *QUERY, "fields", FORMAT, LANGUAGE),
    filtered=True,
    gives=((JSON.media, list[Country]), (NDJSON.media, str), (CSV.media, str), (GEOJSON.media, FeatureCollection)),
)
def list_countries() -> Response:
    """The countries that exist on a day and match, by id or as sorted, with light fields or those asked for.

    NDJSON and CSV without `limit` hold every row.
    """
    form, tree = read_format(FORMATS), read_fields(LIGHT)
    pages = list_pages(read_limit(), read_language())
    first = next(pages)
    response = reply_pages(first, pages, form, writer_of(form, tree))
    say_language(response, first.language)
    return response


def list_pages(limit: int, language: str | None) -> Pages:
    """The countries that the parameters ask for, page by page in one transaction.

    What it needs of the request is read before the first page: the others may come after the view returned.
    """
    locales = state().locales
    with reading() as connection:
        search, head = read_search(connection, KIND), read_head(connection)
        rows = list_found(connection, search, limit + 1)
        total, more = count_all(connection, search, len(rows), limit), True
        while more:
            more, rows = len(rows) > limit, rows[:limit]
            documents = [decode(version.document) for version, _ in rows]
            spoken = localise(connection, documents, language, Moment(search.on, search.as_of), locales)
            following: dict[str, str | int] = {}
            if more:
                last, keys = rows[-1]
                following = {"after": write_place(search.orders, keys, last.id)}
                search = replace(search, after=keys, after_id=last.id)
            yield Page(documents, head.mark, following, total, spoken)
            # How long its reader took is not counted.
            restart(connection)
            rows = list_found(connection, search, limit + 1) if more else []


def writer_of(form: Format, tree: Tree | None) -> Writer:
    """What makes countries bytes of a form, with the fields of a tree."""
    if form is CSV:
        columns = list_columns(tree)
        return lambda documents, first: write_table(documents, columns, header=first)
    if form is GEOJSON:
        return lambda documents, _: encode(make_collection(documents, tree)) + b"\n"
    write = write_lines if form is NDJSON else write_array
    return lambda documents, _: write([project(document, tree) for document in documents])


@door.route("GET", "/countries/facets", Access.READ, (*MOMENT, "q", "field", "limit"), filtered=True, gives=Facets)
def list_facets() -> Response:
    """The values of fields among the countries that match, each with how many have it: the most frequent first."""
    limit, names = read_limit(), read_facets()
    with reading() as connection:
        search, head = read_search(connection, KIND), read_head(connection)
        facets = {name: count_values(connection, search, name, limit) for name in names}
    shown = {name: [vars(FacetValue(value, count)) for value, count in found] for name, found in facets.items()}
    return reply_json(shown, mark=head.mark)


@door.route("GET", "/country", Access.READ, gives=Country)
def get_second() -> Response:
    """The second country by id, as the tutorial shows how one object becomes JSON."""
    with reading() as connection:
        version = records.find_nth(connection, KIND, 1, today())
    if version is None:
        raise NotFound("There is no second country yet.")
    return reply_json(decode(version.document), mark=version.mark)


@door.route(
    "GET",
    "/countries/<key:key>",
    Access.READ,
    (*MOMENT, "fields", "include", FORMAT, LANGUAGE),
    gives=((JSON.media, Country), (NDJSON.media, str), (CSV.media, str), (GEOJSON.media, Feature)),
)
def get_country(key: str) -> Response:
    """One country by id, alpha-2 or alpha-3: all its fields, or those asked for."""
    form, tree, timelines, language = read_format(FORMATS), read_fields(None), read_include(), read_language()
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, KIND, key, moment)
        document = decode(version.document)
        spoken = localise(connection, [document], language, moment)
        if timelines:
            stored = stored_document(connection, version.entry)
            document |= {"dated": stored.get("dated", {})}
            tree = tree and tree | {"dated": {}}
    response = reply_bytes(write_one(document, form, tree), form.media, mark=version.mark)
    say_language(response, spoken)
    return say_format(response, form, f"country-{document.get('alpha2', version.id)}")


def write_one(document: Document, form: Format, tree: Tree | None) -> bytes:
    """A country in a form, with the fields of a tree."""
    if form is CSV:
        columns = list_columns(tree) if tree else [*list_columns(None), *(["dated"] if "dated" in document else [])]
        return write_table([document], columns)
    return encode(make_feature(document, tree) if form is GEOJSON else project(document, tree)) + b"\n"


@door.route("POST", "/countries", Access.WRITE, takes=Country | Countries, gives=Country | Countries, statuses=(201,))
def add_country() -> Response:
    """Make a country from a JSON object: 201, its address and the record with its new id. An array makes many.

    With an Idempotency-Key, the same request again gets the first answer again.
    """
    key, body = read_key(), read_json()
    with writing() as connection:
        return answer_once(connection, key, body, lambda: make_countries(connection, body))


def make_countries(connection: Connection, body: Any) -> Response:
    """The answer to a POST, after doing what it asks."""
    check_list(connection)
    edit = Edit(LOCAL_ACTOR, today())
    if isinstance(body, list):
        return reply_many(connection, bulk.create_all(connection, edit, body), 201)
    return reply_created(countries.create(connection, edit, body))


@door.route("PUT", "/countries", Access.WRITE, ("effective",), takes=Countries, gives=Countries)
def put_countries() -> Response:
    """Make countries say what an array says, by their codes: those that are there are replaced, others made."""
    body, edit = read_json(), read_edit()
    if not isinstance(body, list):
        raise Invalid("PUT takes an array of countries here, or one country at /countries/{key}.")
    with writing() as connection:
        check_list(connection)
        ids = bulk.put_all(
            connection, edit, body, lambda bodies, shown: keep_own_names(connection, bodies, shown, Moment(today()))
        )
        return reply_many(connection, ids, 200)


@door.route(
    "PUT", "/countries/<key:key>", Access.WRITE, ("effective",), takes=Country, gives=Country, statuses=(200, 201)
)
def replace_country(key: str) -> Response:
    """Make a country say what the body says; an unknown alpha-2 code makes a new one."""
    body, edit = read_json(), read_edit()
    with writing() as connection:
        version = find_for_put(connection, key)
        check_match(version.mark if version else None)
        if version is None:
            return reply_created(countries.create_named(connection, edit, key.upper(), body))
        [body] = keep_own_names(connection, [body], [decode(version.document)], Moment(today()))
        countries.replace(connection, edit, version, keep_named(key, body, version))
        version = find(connection, KIND, str(version.id), Moment(today()))
    return reply_json(decode(version.document), mark=version.mark)


@door.route("PATCH", "/countries/<key:key>", Access.WRITE, ("effective",), takes=PATCHES, gives=Country)
def patch_country(key: str) -> Response:
    """Apply a JSON merge patch (RFC 7396) or the operations of a JSON Patch (RFC 6902)."""
    (form, body), edit = read_patch(), read_edit()
    operations = check_operations(body) if form == JSON_PATCH else None
    with writing() as connection:
        version = find(connection, KIND, key, Moment(today()))
        check_match(version.mark)
        if operations is None:
            countries.patch(connection, edit, version, body)
        else:
            countries.operate(connection, edit, version, operations, read_limits())
        version = find(connection, KIND, str(version.id), Moment(today()))
    return reply_json(decode(version.document), mark=version.mark)


@door.route("DELETE", "/countries/<key:key>", Access.WRITE, statuses=(204,))
def delete_country(key: str) -> Response:
    """Take a country out of the register; its history stays."""
    with writing() as connection:
        version = find(connection, KIND, key, Moment(today()))
        check_match(version.mark)
        countries.remove(connection, Edit(LOCAL_ACTOR, today()), version)
    return Response(status=204)


def check_list(connection: Connection) -> None:
    """PreconditionFailed unless If-Match and If-None-Match allow a write to the list as it is."""
    if "If-Match" in request.headers or "If-None-Match" in request.headers:
        check_match(read_head(connection).mark, "list")


def read_edit() -> Edit:
    """Who writes, and the day it holds: today, or a new period from `effective` on."""
    effective = read_day("effective")
    return Edit(LOCAL_ACTOR, effective or today(), effective is not None)


def read_limits() -> Limits:
    """How far operations may make a record grow: no further than a body could."""
    settings = state().settings
    return Limits(settings.max_depth, settings.max_body)


def read_include() -> bool:
    """Whether the answer shows timelines: `include=dated`."""
    return read_choice("include") is not None


def find_for_put(connection: Connection, key: str) -> Version | None:
    """The record a PUT replaces; None where an alpha-2 code is free for a new one."""
    try:
        return find(connection, KIND, key, Moment(today()))
    except NotFound:
        if len(key) == CODE_LENGTH and key.isascii() and key.isalpha():
            return None
        raise


def keep_named(key: str, body: Any, version: Version) -> Any:
    """A body that is silent on the kind of code its address names keeps the record's."""
    field = {2: "alpha2", 3: "alpha3"}.get(len(key))
    if key.isdecimal() or not isinstance(body, dict) or field is None:
        return body
    dated = body.get("dated")
    spoken = field in body or (isinstance(dated, dict) and field in dated)
    held = decode(version.document).get(field)
    return body if spoken or held is None else body | {field: held}


def reply_many(connection: Connection, ids: list[int], status: int) -> Response:
    """Records as they now are, in the order they came in."""
    shown = bulk.find_shown(connection, ids, today())
    return reply_json([decode(shown[id].document) for id in ids], status)


def reply_created(version: Version) -> Response:
    """201 with the new record and its address."""
    response = reply_json(decode(version.document), 201, mark=version.mark)
    response.headers["Location"] = f"/countries/{version.id}"
    return response
