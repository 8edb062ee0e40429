"""`/explore/TH/edit`, `/explore/new`: forms for records of any kind, and the preview of a revert.

The pages are the same for everyone: their script asks the API for the reader's rights and sends the
form.
"""

from flask import Response, request, url_for

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_number
from terrafirma.register.log.custom_fields import customise
from terrafirma.register.log.diff import compare
from terrafirma.register.log.history import document_of, stored_document
from terrafirma.register.log.identifiers import Moment, find, find_id_ever
from terrafirma.register.log.translations import find_names
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.register.entries import find_entry, read_head, read_last_entry
from terrafirma.web.forms import list_controls, list_form, list_own_controls, list_timelines
from terrafirma.web.links import PLURALS
from terrafirma.web.record import list_spoken_names
from terrafirma.web.related import find_kind
from terrafirma.web.rendering import HTML, reply_page

door = Door("edit")

PAGE = ((HTML, str),)


@door.route("GET", "/explore/new", Access.READ, gives=PAGE, foreign=True)
def new_country() -> Response:
    """A form for a country that is not there yet."""
    return show_empty_form(COUNTRY)


@door.route("GET", "/explore/<key:key>/edit", Access.READ, gives=PAGE, foreign=True)
def edit_country(key: str) -> Response:
    """A country as a form."""
    return show_form(COUNTRY, key)


@door.route("GET", "/explore/<key:key>/names", Access.READ, gives=PAGE, foreign=True)
def edit_names(key: str) -> Response:
    """The names of a country in other languages as a form."""
    moment = Moment(today())
    with reading() as connection:
        version = find(connection, COUNTRY, key, moment)
        mark, names = find_names(connection, COUNTRY, version.id, moment)
    document = decode(version.document)
    return reply_page(
        "names.html",
        mark or version.mark,
        kind=COUNTRY,
        name=name_record(COUNTRY, document),
        address=f"/{COUNTRY.plural}/{version.id}/names",
        match=mark or version.mark,
        names=list_spoken_names(names),
        page=page_of(COUNTRY) + str(document.get(key_of(COUNTRY), version.id)),
    )


@door.route("GET", "/explore/<key:key>/revert", Access.READ, gives=PAGE, foreign=True)
def revert_country(key: str) -> Response:
    """Preview reverting a country to the state after an entry."""
    return show_way_back(COUNTRY, key)


@door.route("GET", "/explore/list/<plural>/new", Access.READ, gives=PAGE, foreign=True)
def new_record(plural: str) -> Response:
    """A form for a record that is not there yet."""
    return show_empty_form(find_kind(plural))


@door.route("GET", "/explore/list/<plural>/<key:key>/edit", Access.READ, gives=PAGE, foreign=True)
def edit_record(plural: str, key: str) -> Response:
    """A record as a form."""
    return show_form(find_kind(plural), key)


@door.route("GET", "/explore/list/<plural>/<key:key>/revert", Access.READ, gives=PAGE, foreign=True)
def revert_record(plural: str, key: str) -> Response:
    """Preview reverting a record to the state after an entry."""
    return show_way_back(find_kind(plural), key)


def show_empty_form(kind: Kind) -> Response:
    """The page that makes a record; parameters fill fields of it in."""
    with reading() as connection:
        mark, kind = read_head(connection).mark, customise(connection, kind)
    plain = [name for name, control in list_controls(kind).items() if not control.parts]
    document = {name: request.args[name] for name in plain if name in request.args}
    return reply_form(kind, mark, name="", address=f"/{kind.plural}", document=document, dated={})


def show_form(kind: Kind, key: str) -> Response:
    """The edit page of a record: its current or last state, and its timelines."""
    with reading() as connection:
        version = find(connection, kind, key, Moment(today()))
        stored, kind = stored_document(connection, version.entry), customise(connection, kind)
    document = decode(version.document)
    return reply_form(
        kind,
        version.mark,
        name=name_record(kind, document),
        address=f"/{kind.plural}/{version.id}",
        document=document,
        dated=stored.get("dated", {}),
    )


def reply_form(
    kind: Kind, mark: str, *, document: Document, dated: Document, name: str, address: str
) -> Response:
    """A form with the data its script needs; a record without a name is new."""
    return reply_page(
        "edit.html",
        mark,
        kind=kind,
        name=name,
        address=address,
        match=mark,
        document=document,
        sections=list_form(kind, document),
        own=list_own_controls(kind),
        timelines=list_timelines(kind, dated),
        page=page_of(kind),
        key=key_of(kind),
        plurals=PLURALS,
    )


def show_way_back(kind: Kind, key: str) -> Response:
    """The page that reverts a record, which may have been deleted."""
    number = read_number("entry", request.args.get("entry", ""))
    with reading() as connection:
        id = find_id_ever(connection, kind, key, Moment(today()))
        last, target = read_last_entry(connection, kind.name, id), find_entry(connection, number)
    if target is None or (target.kind, target.id) != (kind.name, id):
        raise NotFound(f"Entry {number} is not of this {kind.name}.")
    now, then = document_of(last.after), document_of(target.after or target.before)
    return reply_page(
        "revert.html",
        last.mark,
        kind=kind,
        name=name_record(kind, now or then or {}),
        entry=target,
        last=last,
        differences=compare(now, then),
        address=f"/{kind.plural}/{id}",
        page=page_of(kind) + str((now or {}).get(key_of(kind), id)),
    )


def page_of(kind: Kind) -> str:
    """The beginning of the addresses of a kind's pages."""
    if kind.name == COUNTRY.name:
        return url_for("explore.explore") + "/"
    return url_for("explore.list_kind", plural=kind.plural) + "/"


def key_of(kind: Kind) -> str:
    """The field by which the addresses of a kind's pages name a record that has it."""
    return next(iter(kind.keys), "id")


def name_record(kind: Kind, document: Document) -> str:
    """The name of a record in a sentence."""
    return str(document.get("name") or document.get("code") or f"{kind.name} {document['id']}")
