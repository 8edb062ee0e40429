"""The addresses of a collection, which every kind of records has: `/countries`, `/countries/{key}` …"""

from functools import partial
from types import GenericAlias
from typing import Annotated, Any

from pydantic import Field, RootModel, create_model

from terrafirma.api.changes import (
    add_record,
    delete_record,
    patch_record,
    put_records,
    replace_record,
)
from terrafirma.api.entries import LOG, gives_entries
from terrafirma.api.history import Differences, get_record_diff, list_record_entries, revert_record
from terrafirma.api.lists import (
    Facets,
    get_record,
    list_naming,
    list_record_facets,
    list_records,
)
from terrafirma.formats.json import JSON
from terrafirma.formats.offered import describe_answers
from terrafirma.http.app.formats import FORMAT, formats_of
from terrafirma.http.app.routes import Access, Door, View
from terrafirma.http.request.arguments import MOMENT, PAGING
from terrafirma.http.request.bodies import JSON_PATCH, MERGE_PATCH
from terrafirma.http.request.languages import LANGUAGE
from terrafirma.http.request.list_query import QUERY
from terrafirma.http.response.representations import BYTE_ORDER_MARK
from terrafirma.register.log.json_patch import Patch
from terrafirma.register.log.revert import RevertTarget
from terrafirma.register.model.kinds import CITED, COUNTRY, FIGURE, KINDS, Kind
from terrafirma.register.model.series import YEAR


def open_door(kind: Kind) -> Door:
    """The addresses of a kind's records, each with its contract."""
    door, every, one = Door(kind.plural), f"/{kind.plural}", f"/{kind.plural}/<key:key>"
    whole, many = kind.model, Annotated[GenericAlias(list, kind.model), Field(min_length=1)]
    listed: Any = {"filtered": True, "gives": gives(kind, many=True)}
    dependents, gone = (("dependents",), ("gone_dependents",)) if CITED[kind.name] else ((), ())

    def route(method: str, rule: str, view: View, *query: str, **answers: Any) -> None:
        changes = Access.ADMIN if kind.declares else Access.WRITE
        access = Access.READ if method == "GET" else changes
        door.route(method, rule, access, query, kind=kind, **answers)(add_language(kind, view))

    route("GET", every, list_records, *query_of(kind), **listed)
    facets = (*MOMENT, "q", "field", "limit", *narrowed_by(kind))
    route("GET", f"{every}/facets", list_record_facets, *facets, filtered=True, gives=Facets)
    route(
        "GET", one, get_record, *MOMENT, "include", *shown_by(kind), gives=gives(kind, many=False)
    )
    route("POST", every, add_record, takes=whole | many, gives=whole | many, statuses=(201,))
    if kind.keys:
        route("PUT", every, put_records, "effective", takes=many, gives=many)
    route(
        "PUT",
        one,
        replace_record,
        "effective",
        takes=whole,
        gives=whole,
        statuses=(200, 201) if kind.keys else (200,),
    )
    route("PATCH", one, patch_record, "effective", takes=takes_patch(kind), gives=whole)
    route("DELETE", one, delete_record, *dependents, statuses=(204,))
    route("GET", f"{one}/entries", list_record_entries, *LOG, gives=gives_entries())
    route("GET", f"{one}/diff", get_record_diff, "from", "to", "on", gives=Differences)
    route("POST", f"{one}/revert", revert_record, *gone, takes=RevertTarget, gives=whole)
    for reference in kind.references:
        owner = KINDS[reference.kind]
        rule = f"/{owner.plural}/<key:key>/{kind.plural}"
        route("GET", rule, list_naming(reference), *query_of(kind), keyed=owner, **listed)
    return door


def add_language(kind: Kind, view: View) -> View:
    """A view of records, for a single kind of them, named and described in its words."""
    own: Any = partial(view, kind)
    own.__name__, own.__doc__ = kind.say(view.__name__), kind.say(view.__doc__ or "")
    bound: View = own
    return bound


def query_of(kind: Kind) -> tuple[str, ...]:
    """The parameters of a list, beside its filters."""
    year = (YEAR,) if kind is FIGURE else ()
    return (*MOMENT, "list_include", *PAGING, *QUERY, *year, *narrowed_by(kind), *shown_by(kind))


def narrowed_by(kind: Kind) -> tuple[str, ...]:
    """The parameters that keep a list to the members of groups."""
    return ("member_of",) if kind is COUNTRY else ()


def shown_by(kind: Kind) -> tuple[str, ...]:
    """Parameters that control the representation of records."""
    return (
        "fields",
        FORMAT,
        BYTE_ORDER_MARK,
        *((LANGUAGE,) if kind.translations else ()),
        *(("shape",) if kind.outlined else ()),
    )


def gives(kind: Kind, *, many: bool) -> Any:
    """The media types of a list or of a record."""
    formats = formats_of(kind)
    return describe_answers(formats, kind.model, many=many)


def takes_patch(kind: Kind) -> Any:
    """The media types of a patch."""
    told = f"A JSON Merge Patch of a {kind.name} (RFC 7396); the {kind.name} it makes is what is checked."
    merge = create_model(
        f"{kind.model.__name__}Patch", __base__=RootModel[dict[str, Any]], __doc__=told
    )
    return (JSON.media, merge), (MERGE_PATCH, merge), (JSON_PATCH, Patch)
