"""What belongs to a record: the records that name it, the members of a group and what they are called."""

from collections.abc import Sequence

from terrafirma.errors import NotFound
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.kinds import COUNTRY, GROUP, KINDS, MEMBER, MEMBERSHIP, Kind
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.search import Condition, Search, list_found

MOST_RELATED = 1000


def find_kind(plural: str) -> Kind:
    """The kind that addresses call by its plural. NotFound if there is none."""
    for kind in KINDS.values():
        if kind.plural == plural:
            return kind
    names = " and ".join(kind.plural for kind in KINDS.values())
    raise NotFound(f"There are no {plural[:80]} here; there are {names}.")


def find_related(
    connection: Connection, kind: Kind, field: str, value: str | None, moment: Moment
) -> list[Document]:
    """Records that name another one in a field, on the same day."""
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
    """What countries are in a group on a day, by what names them there."""
    return {
        each["country"]: each.get("role", "member")
        for each in find_members(connection, group, moment)
    }


def find_countries(
    connection: Connection, memberships: Sequence[Document], moment: Moment
) -> dict[str, Document]:
    """The countries that memberships or subdivisions are of, by what names them there."""
    said = [each["country"] for each in memberships if "country" in each]
    return {
        country[field]: country
        for field in reversed(MEMBER.by)
        for country in find_any(connection, COUNTRY, field, said, moment)
    }
