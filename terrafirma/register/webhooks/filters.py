"""Filters of webhooks: validated when set, and matched against each entry.

Every filter with values must match, each with any of its values.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from terrafirma.errors import Detail, Invalid, NotFound
from terrafirma.register.log import datasets
from terrafirma.register.log.diff import compare
from terrafirma.register.log.identifiers import Moment, find, find_id_ever
from terrafirma.register.log.memberships import label_members
from terrafirma.register.log.references import find_cited
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import COUNTRY, GROUP, KINDS, MEMBER, MEMBERSHIP, OWNERS
from terrafirma.register.model.records import Document
from terrafirma.register.model.validation import nearest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import EntryRow

LOGGED = (*OWNERS, datasets.KIND)
"""Kinds that entries are of."""
CREATED, CHANGED, DELETED = "created", "changed", "deleted"
ACTIONS = (CREATED, CHANGED, DELETED)
FIELDS = frozenset(field for kind in KINDS.values() for field in kind.fields) | {
    COUNTRY.translations
}
"""Where the path of a field may begin."""
DATED = "dated."
"""Prefix of the path of a field's timeline."""


class WebhookFilters(NamedTuple):
    """Filters of a webhook; without filters every entry matches."""

    kinds: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    """Each as its kind and a key, `country/TH`."""
    groups: tuple[str, ...] = ()
    """Groups, by code or id: their members' records, their memberships, and themselves."""
    fields: tuple[str, ...] = ()
    """Entries in which any of these differs."""
    actions: tuple[str, ...] = ()


def check_filters(connection: Connection, filters: WebhookFilters, day: str) -> None:
    """Raise Invalid for filters that refer to unknown things."""

    def is_record(text: str) -> str | None:
        kind, _, key = text.partition("/")
        if kind not in OWNERS or not key:
            return f'must be a kind and a key, such as country/TH, not "{text[:80]}"'
        return find_fault(lambda: find_id_ever(connection, OWNERS[kind], key, Moment(day)))

    def is_group(text: str) -> str | None:
        return find_fault(lambda: find(connection, GROUP, text, Moment(day)))

    def is_field(text: str) -> str | None:
        base = text.partition(".")[0]
        return (
            None
            if base in FIELDS
            else f'"{text[:80]}" is not a field{nearest(base, tuple(FIELDS))}'
        )

    details = [
        *find_faults("kinds", filters.kinds, lambda text: must_be_among(LOGGED, text), "choice"),
        *find_faults("records", filters.records, is_record, "reference"),
        *find_faults("groups", filters.groups, is_group, "reference"),
        *find_faults("fields", filters.fields, is_field, "choice"),
    ]
    if details:
        raise Invalid("The webhook is not valid.", details)


def find_faults(
    name: str, values: Sequence[str], check: Callable[[str], str | None], code: str
) -> Iterator[Detail]:
    """Faults in the values of a filter."""
    for place, value in enumerate(values):
        if rule := check(value):
            yield Detail(f"{name}.{place}", rule, code)


def find_fault(look: Callable[[], Any]) -> str | None:
    """The message for an unknown value."""
    try:
        look()
    except NotFound as refusal:
        return f"names nothing: {refusal.sentence}"
    return None


def must_be_among(known: Sequence[str], text: str) -> str | None:
    """The fault for a word that is not in a fixed list."""
    return None if text in known else f'must be among {", ".join(known)}; "{text[:80]}" is not'


def action_of(row: EntryRow) -> str:
    """The action of an entry on its record."""
    if row.before is None:
        return CREATED
    return CHANGED if row.after is not None else DELETED


class RecordCircle(NamedTuple):
    """Members of groups: their ids and reference keys, and the groups' own ids and names."""

    members: frozenset[int] = frozenset()
    cited: frozenset[str] = frozenset()
    ids: frozenset[int] = frozenset()
    names: frozenset[str] = frozenset()


class Matcher:
    """Filters prepared for a range of entries.

    Group members are those before and after the range, so that members who join or leave within it
    are included.
    """

    def __init__(
        self, connection: Connection, filters: WebhookFilters, stretch: Sequence[EntryRow]
    ) -> None:
        self._filters = filters
        first, last = stretch[0], stretch[-1]
        self._records = set(find_records(connection, filters.records, Moment(last.at[:10])))
        moments = (Moment(first.at[:10], first.number - 1), Moment(last.at[:10], last.number))
        self._circles = [find_circle(connection, filters.groups, moment) for moment in moments]
        self._fields = {field for name in filters.fields for field in spell(name)}

    def holds(self, row: EntryRow) -> bool:
        """Return True if an entry matches."""
        filters = self._filters
        return (
            (not filters.kinds or row.kind in filters.kinds)
            and (not filters.actions or action_of(row) in filters.actions)
            and (not filters.records or (row.kind, row.id) in self._records)
            and (not filters.groups or any(belongs(circle, row) for circle in self._circles))
            and (not filters.fields or self._differs(row))
        )

    def _differs(self, row: EntryRow) -> bool:
        before, after = (
            decode(text) if text is not None else None for text in (row.before, row.after)
        )
        told = {each["field"].removeprefix(DATED) for each in compare(before, after)}
        return any(
            is_part(one, other) or is_part(other, one) for one in told for other in self._fields
        )


def find_records(
    connection: Connection, records: Sequence[str], moment: Moment
) -> Iterator[tuple[str, int]]:
    """The kinds and ids of records, of those that there ever were."""
    for text in records:
        kind, _, key = text.partition("/")
        try:
            yield kind, find_id_ever(connection, OWNERS[kind], key, moment)
        except NotFound:
            continue


def find_circle(connection: Connection, groups: Sequence[str], moment: Moment) -> RecordCircle:
    """The members of groups at a moment; unknown groups are skipped."""
    found = []
    for key in groups:
        try:
            found.append(find(connection, GROUP, key, moment))
        except NotFound:
            continue
    if not found:
        return RecordCircle()
    cited = label_members(connection, found, moment.on, moment.as_of)
    members = find_cited(connection, MEMBER, cited, moment.as_of).values()
    ids = {group.id for group in found}
    names = {str(id) for id in ids} | {decode(group.document)["code"] for group in found}
    return RecordCircle(frozenset(members), frozenset(cited), frozenset(ids), frozenset(names))


def belongs(circle: RecordCircle, row: EntryRow) -> bool:
    """Return True if an entry is about a member's record, a membership or a group of a circle."""
    if row.kind in (COUNTRY.name, COUNTRY.translations):
        return row.id in circle.members
    if row.kind == GROUP.name:
        return row.id in circle.ids
    documents: list[Document] = [
        decode(text) for text in (row.before, row.after) if text is not None
    ]
    if row.kind == MEMBERSHIP.name and any(
        document["group"] in circle.names for document in documents
    ):
        return True
    return any(document.get("country") in circle.cited for document in documents)


def spell(field: str) -> frozenset[str]:
    """A field in every spelling it may be stored in."""
    spellings = (kind.spelling.fields for kind in KINDS.values() if field in kind.spelling.fields)
    return next(spellings, frozenset({field}))


def is_part(one: str, other: str) -> bool:
    """Return True if a path equals another or lies below it."""
    return one == other or one.startswith(f"{other}.")
