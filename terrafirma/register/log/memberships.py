"""Subsets of a list: records that refer to a given record, and members of a group."""

from collections.abc import Callable
from typing import NamedTuple

from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.references import find_cited, list_referring_names
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import GROUP, KINDS, MEMBER, MEMBERSHIP, Reference
from terrafirma.register.model.timelines import nearest_day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.records import Version
from terrafirma.storage.register.search import Condition, Search

FULL = (None, "member")
"""The roles of those whom a group counts as members."""

MOST = 1_000_000
"""Memberships of a group that are read."""


class ListPart(NamedTuple):
    """A subset of a kind's records: the day, extra conditions and allowed ids."""

    on: str
    conditions: tuple[Condition, ...] = ()
    among: tuple[tuple[int, ...], ...] = ()


ChoosePart = Callable[[Connection, Moment], ListPart]
"""Finds a part for a moment. Of a record that is no more it is the part of its last day."""


def choose_naming(reference: Reference, key: str) -> ChoosePart:
    """The records whose reference points to the record with this key."""

    def choose(connection: Connection, moment: Moment) -> ListPart:
        version = find(connection, KINDS[reference.kind], key, moment)
        names = map(sort_key, list_referring_names(connection, reference, version.id, moment.as_of))
        return ListPart(
            day_of(version, moment), (Condition((reference.field,), "eq", tuple(names)),)
        )

    return choose


def choose_members(key: str) -> ChoosePart:
    """The countries that are members of the group of a key."""

    def choose(connection: Connection, moment: Moment) -> ListPart:
        version = find(connection, GROUP, key, moment)
        day = day_of(version, moment)
        return ListPart(day, among=(list_members(connection, [version], day, moment.as_of),))

    return choose


def day_of(version: Version, moment: Moment) -> str:
    """The day of a list: the requested day, or the nearest day on which the state holds."""
    return nearest_day(moment.on, version.valid_from, version.valid_to)


def list_members(
    connection: Connection, groups: list[Version], on: str, as_of: int | None
) -> tuple[int, ...]:
    """The ids of the countries that are full members of any of these groups on a day."""
    countries = label_members(connection, groups, on, as_of)
    return tuple(sorted(set(find_cited(connection, MEMBER, countries, as_of).values())))


def label_members(
    connection: Connection, groups: list[Version], on: str, as_of: int | None
) -> set[str]:
    """The codes that memberships use for countries that are full members of any of these groups on
    a day."""
    codes = tuple(sort_key(decode(group.document)["code"]) for group in groups)
    search = Search(MEMBERSHIP.name, on, as_of, (Condition(("group",), "eq", codes),))
    found = list_found(connection, search, MOST)
    return {each.document["country"] for each in found if each.document.get("role") in FULL}
