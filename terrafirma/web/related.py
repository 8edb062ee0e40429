"""Records related to a record: those that refer to it, and the members of a group."""

from collections.abc import Iterable, Sequence

from terrafirma.errors import NotFound
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import (
    COUNTRY,
    EVERY_KIND,
    FIGURE,
    GROUP,
    KINDS,
    MEMBER,
    MEMBERSHIP,
    SUBDIVISION,
    Kind,
)
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.search import Condition, Search

MOST_RELATED = 1000
MOST_NAMED = 200
"""Codes that one query looks up."""


def find_kind(plural: str) -> Kind:
    """The kind with this plural in addresses. Raise NotFound if unknown."""
    for kind in EVERY_KIND.values():
        if kind.plural == plural:
            return kind
    names = " and ".join(kind.plural for kind in EVERY_KIND.values())
    raise NotFound(f"There are no {plural[:80]} here; there are {names}.")


def find_related(
    connection: Connection, kind: Kind, field: str, value: str | None, moment: Moment
) -> list[Document]:
    """Records that refer to a record in a field, on the same day."""
    return find_any(connection, kind, field, [value] if value is not None else [], moment)


def find_any(
    connection: Connection, kind: Kind, field: str, values: Sequence[str], moment: Moment
) -> list[Document]:
    """Records that have any of some values in a field."""
    if not values:
        return []
    conditions = (Condition((field,), "eq", tuple(map(sort_key, values))),)
    search = Search(kind.name, moment.on, moment.as_of, conditions)
    return [found.document for found in list_found(connection, search, MOST_RELATED)]


def list_groups(connection: Connection, moment: Moment) -> list[Document]:
    """The groups there are on a day."""
    return [
        found.document
        for found in list_found(
            connection, Search(GROUP.name, moment.on, moment.as_of), MOST_RELATED
        )
    ]


def find_members(connection: Connection, group: str, moment: Moment) -> list[Document]:
    """The memberships of a group on a day."""
    return find_related(connection, MEMBERSHIP, "group", group, moment)


def find_roles(connection: Connection, group: str, moment: Moment) -> dict[str, str]:
    """The roles of countries in a group on a day, by the key used in memberships."""
    return {
        each["country"]: each.get("role", "member")
        for each in find_members(connection, group, moment)
    }


def find_countries_by_key(
    connection: Connection, memberships: Sequence[Document], moment: Moment
) -> dict[str, Document]:
    """The countries of memberships or subdivisions, by the key used there."""
    said = [each["country"] for each in memberships if "country" in each]
    return {
        country[field]: country
        for field in reversed(MEMBER.by)
        for country in find_any(connection, COUNTRY, field, said, moment)
    }


NAMING = {
    COUNTRY.name: ("borders", "sovereign", "predecessors", "successors"),
    SUBDIVISION.name: ("country",),
    MEMBERSHIP.name: ("country",),
    FIGURE.name: ("country",),
}
"""Fields by kind that name countries by their codes."""


def find_named(
    connection: Connection, kind: Kind, documents: Sequence[Document], moment: Moment
) -> dict[str, Document]:
    """The records that documents refer to: countries by their codes, others by kind and code
    (`group EU`)."""
    codes = [
        code
        for document in documents
        for field in NAMING.get(kind.name, ())
        for code in codes_in(document, field)
    ]
    named = find_by_codes(connection, codes, moment)
    for reference in kind.references:
        if reference.kind == COUNTRY.name:
            continue
        owner = KINDS[reference.kind]
        values = sorted({each[reference.field] for each in documents if reference.field in each})
        for some in batches(values):
            found = find_any(connection, owner, reference.by[0], some, moment)
            named |= {f"{owner.name} {each[reference.by[0]]}": each for each in found}
    return named


def codes_in(document: Document, field: str) -> list[str]:
    """The codes that a field names, one or several."""
    value = document.get(field, [])
    return [value] if isinstance(value, str) else list(value)


def find_by_codes(
    connection: Connection, codes: Iterable[str], moment: Moment
) -> dict[str, Document]:
    """Countries by alpha-2 or, if they are no more, alpha-4; in the state of the day, else in their last one."""
    wanted = sorted(set(codes))
    named = {
        country[field]: country
        for field in reversed(MEMBER.by)
        for some in batches(wanted)
        for country in find_any(connection, COUNTRY, field, some, moment)
    }
    for code in wanted:
        if code not in named and (gone := find_gone(connection, code, moment)):
            named[code] = gone
    return named


def find_gone(connection: Connection, code: str, moment: Moment) -> Document | None:
    """The last state of a country that is no more; None where there never was one."""
    try:
        version = find(connection, COUNTRY, code, Moment(moment.on, moment.as_of))
    except NotFound:
        return None
    document: Document = decode(version.document)
    return document


def batches(values: Sequence[str]) -> list[Sequence[str]]:
    """Values in pieces that one query takes."""
    return [values[start : start + MOST_NAMED] for start in range(0, len(values), MOST_NAMED)]
