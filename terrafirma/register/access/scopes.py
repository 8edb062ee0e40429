"""Check that the entries of a write lie within the writer's scope.

The check runs after the write and before the commit, so it covers every way of writing, including
future ones: unknown kinds are closed to principals restricted to countries.
"""

from collections.abc import Set
from typing import Any

from terrafirma.errors import Detail, Forbidden, Invalid, NotFound
from terrafirma.register.access.roles import Scope
from terrafirma.register.log.identifiers import Moment, find_id
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import COUNTRY, KINDS
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import EntryRow

OF_COUNTRIES = (COUNTRY.name, COUNTRY.translations)
"""Kinds whose records share the ids of countries."""
BASES = {kind.translations: kind.name for kind in KINDS.values() if kind.translations}
"""The kind that the names of its records come with."""


def check_kinds(scope: Scope) -> None:
    """Invalid for a kind that there is not."""
    unknown = sorted(scope.kinds.difference(KINDS, BASES))
    if unknown:
        rule = f'must be among {", ".join((*KINDS, *BASES))}; "{unknown[0]}" is not'
        raise Invalid("The key is not valid.", [Detail("kinds", rule, "choice")])


def find_countries(connection: Connection, scope: Scope, day: str) -> set[int]:
    """The ids of the countries that a scope names, as far as there are such."""
    found = set()
    for code in scope.countries:
        try:
            found.add(find_id(connection, COUNTRY, code, Moment(day)))
        except NotFound:
            continue
    return found


def check_scope(scope: Scope, row: EntryRow, before: Set[int], after: Set[int]) -> None:
    """Raise Forbidden unless an entry lies within a scope, whose countries had and have these ids.

    Both are required: a code that moves to another record in this write gives no right to that
    record.
    """
    if scope.kinds and scope.kinds.isdisjoint((row.kind, BASES.get(row.kind))):
        kinds = ", ".join(sorted(scope.kinds))
        raise Forbidden(f"This key writes only {kinds}, not {row.kind}.")
    if not scope.countries:
        return
    if row.kind in OF_COUNTRIES:
        within = row.id in (after if row.before is None and row.kind == COUNTRY.name else before)
    else:
        within = all(is_within(scope, text) for text in (row.before, row.after) if text is not None)
    if not within:
        theirs = ", ".join(sorted(scope.countries))
        raise Forbidden(
            f"This key writes only what belongs to {theirs}; {row.kind} {row.id} does not."
        )


def is_within(scope: Scope, text: str) -> bool:
    """Return True if a stored document belongs to a country of a scope."""
    document: dict[str, Any] = decode(text)
    return document.get("country") in scope.countries
