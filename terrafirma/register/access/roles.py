"""Who may do what: roles, each with the rights of those below it, and scopes, which narrow what may be written."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What someone may do, the least first."""

    READER = "reader"
    EDITOR = "editor"
    """Writes records."""
    ADMIN = "admin"
    """Decides who may come in."""


RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Scope:
    """What of the register someone may write: kinds of record, and countries by alpha-2 code; empty: all."""

    kinds: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


EVERYTHING = Scope()


@dataclass(frozen=True)
class Principal:
    """Who sends a request: the actor its entries name, its role (None: none) and what it may write."""

    actor: str
    role: Role | None
    scope: Scope = EVERYTHING
    requests: int | None = None
    """How many a minute, if not as many as anyone."""
    writes: int | None = None

    def may(self, needed: Role) -> bool:
        """Whether this caller has the rights of a role."""
        return self.role is not None and RANKS[self.role] >= RANKS[needed]


ANONYMOUS = Principal("", None)
LOCAL = Principal("local", Role.EDITOR)
"""Someone at the server's own machine, while there are no keys."""
