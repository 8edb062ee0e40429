"""A question to the register: which records of a kind, filtered by what, in which order."""

from dataclasses import dataclass, field

RANK = ""
"""The name, in an order, of the rank that a text search gives each record."""


@dataclass(frozen=True)
class Condition:
    """Versions with a term in any of these fields that passes any of these tests; or without any."""

    fields: tuple[str, ...]
    operator: str
    keys: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True)
class Order:
    """A field to order by; records without it come last either way."""

    field: str
    descending: bool = False
    language: str = ""
    """The locale of the names that ranks stand for; empty for the ranks of a text search."""


@dataclass(frozen=True)
class Search:
    """A list query: kind, day, entry, filters, order and position."""

    kind: str
    on: str
    as_of: int | None
    conditions: tuple[Condition, ...] = ()
    orders: tuple[Order, ...] = ()
    after: tuple[str | None, ...] = field(default=())
    """Sort keys of the last row of the previous page, one per order."""
    after_id: int = 0
    among: tuple[tuple[int, ...], ...] = ()
    """Only records with an id in each of these."""
    ranks: tuple[tuple[int, ...], ...] = ()
    """Ids by rank, the best first: what the order RANK goes by."""
    last: Condition | None = None
    """Selects each record's last state up to the day that meets this condition, instead of the
    states on the day."""
