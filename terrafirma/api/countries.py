"""`/countries` and `/countries/{key}`: the register's countries, and the tutorial's `/country`."""

from typing import Any

from flask import Response, request, url_for

from terrafirma.errors import Malformed, NotFound
from terrafirma.http.bodies import read_json
from terrafirma.http.context import LOCAL_ACTOR, reading, today, writing
from terrafirma.http.contracts import Access, Door
from terrafirma.http.params import MOMENT, PAGING, read_day, read_fields, read_limit, read_moment
from terrafirma.http.queries import QUERY, count_all, read_facets, read_search, write_place
from terrafirma.http.replies import check_match, link_next, project, reply_json
from terrafirma.register import countries
from terrafirma.register.canonical import decode
from terrafirma.register.countries import KIND, Edit
from terrafirma.register.history import stored_document
from terrafirma.register.keys import Moment, find
from terrafirma.register.records import LIGHT
from terrafirma.storage import records
from terrafirma.storage.database import Connection
from terrafirma.storage.entries import read_head
from terrafirma.storage.records import Version
from terrafirma.storage.search import count_values, list_found

door = Door("countries")

CODE_LENGTH = 2


@door.route("GET", "/countries", Access.READ, (*MOMENT, *PAGING, *QUERY, "fields"), filtered=True)
def list_countries() -> Response:
    """The countries that exist on a day and match, by id or as sorted, with light fields or those asked for."""
    limit, tree = read_limit(), read_fields(LIGHT)
    with reading() as connection:
        search, head = read_search(connection, KIND), read_head(connection)
        rows = list_found(connection, search, limit + 1)
        total = count_all(connection, search)
    shown = rows[:limit]
    response = reply_json([project(decode(version.document), tree) for version, _ in shown], entry=head.number)
    if total is not None:
        response.headers["X-Total-Count"] = str(total)
    if len(rows) > limit:
        last, keys = shown[-1]
        link_next(response, after=write_place(search.orders, keys, last.id))
    return response


@door.route("GET", "/countries/facets", Access.READ, (*MOMENT, "q", "field", "limit"), filtered=True)
def list_facets() -> Response:
    """The values of fields among the countries that match, each with how many have it: the most frequent first."""
    limit, names = read_limit(), read_facets()
    with reading() as connection:
        search, head = read_search(connection, KIND), read_head(connection)
        facets = {name: count_values(connection, search, name, limit) for name in names}
    shown = {name: [{"value": value, "count": count} for value, count in found] for name, found in facets.items()}
    return reply_json(shown, entry=head.number)


@door.route("GET", "/country", Access.READ)
def get_second() -> Response:
    """The second country by id, as the tutorial shows how one object becomes JSON."""
    with reading() as connection:
        version = records.find_nth(connection, KIND, 1, today())
    if version is None:
        raise NotFound("There is no second country yet.")
    return reply_json(decode(version.document), entry=version.entry)


@door.route("GET", "/countries/<key>", Access.READ, (*MOMENT, "fields", "include"))
def get_country(key: str) -> Response:
    """One country by id, alpha-2 or alpha-3: all its fields, or those asked for."""
    tree, timelines = read_fields(None), read_include()
    with reading() as connection:
        version = find(connection, KIND, key, read_moment(connection))
        document = decode(version.document)
        if timelines:
            stored = stored_document(connection, version.entry)
            document |= {"dated": stored.get("dated", {})}
            tree = tree and tree | {"dated": {}}
    return reply_json(project(document, tree), entry=version.entry)


@door.route("POST", "/countries", Access.WRITE)
def add_country() -> Response:
    """Make a country from a JSON object: 201, its address and the record with its new id."""
    body = read_json()
    with writing() as connection:
        check_match(None)
        id = countries.create(connection, Edit(LOCAL_ACTOR, today()), body)
        version = find(connection, KIND, str(id), Moment(today()))
    return reply_created(version)


@door.route("PUT", "/countries/<key>", Access.WRITE, ("effective",))
def replace_country(key: str) -> Response:
    """Make a country say what the body says; an unknown alpha-2 code makes a new one."""
    body, edit = read_json(), read_edit()
    with writing() as connection:
        version = find_for_put(connection, key)
        check_match(version.entry if version else None)
        if version is None:
            id = countries.create_named(connection, edit, key.upper(), body)
        else:
            id = version.id
            countries.replace(connection, edit, version, keep_named(key, body, version))
        written = find(connection, KIND, str(id), Moment(today()))
    if version is None:
        return reply_created(written)
    return reply_json(decode(written.document), entry=written.entry)


@door.route("PATCH", "/countries/<key>", Access.WRITE, ("effective",))
def patch_country(key: str) -> Response:
    """Apply a JSON merge patch (RFC 7396)."""
    body, edit = read_json(patch=True), read_edit()
    with writing() as connection:
        version = find(connection, KIND, key, Moment(today()))
        check_match(version.entry)
        countries.patch(connection, edit, version, body)
        version = find(connection, KIND, str(version.id), Moment(today()))
    return reply_json(decode(version.document), entry=version.entry)


@door.route("DELETE", "/countries/<key>", Access.WRITE)
def delete_country(key: str) -> Response:
    """Take a country out of the register; its history stays."""
    with writing() as connection:
        version = find(connection, KIND, key, Moment(today()))
        check_match(version.entry)
        countries.remove(connection, Edit(LOCAL_ACTOR, today()), version)
    return Response(status=204)


def read_edit() -> Edit:
    """Who writes, and the day it holds: today, or a new period from `effective` on."""
    effective = read_day("effective")
    return Edit(LOCAL_ACTOR, effective or today(), effective is not None)


def read_include() -> bool:
    """Whether the answer shows timelines: `include=dated`."""
    text = request.args.get("include")
    if text not in (None, "dated"):
        raise Malformed(f'include must be dated, not "{text[:80]}".')
    return text is not None


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


def reply_created(version: Version) -> Response:
    """201 with the new record and its address."""
    response = reply_json(decode(version.document), 201, entry=version.entry)
    response.headers["Location"] = url_for("countries.get_country", key=version.id)
    return response
