"""Roles, each with the rights of the roles below it, and scopes, which restrict writing."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Roles in ascending order of rights."""

    READER = "reader"
    EDITOR = "editor"
    """Writes records."""
    ADMIN = "admin"
    """Manages keys and users."""


RANKS = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True)
class Scope:
    """The records a principal may write: kinds, and countries by alpha-2 code; empty means all."""

    kinds: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()


EVERYTHING = Scope()


@dataclass(frozen=True)
class Principal:
    """The sender of a request: the actor in its entries, its role (None: no role) and its scope."""

    actor: str
    role: Role | None
    scope: Scope = EVERYTHING
    requests: int | None = None
    """Requests per minute, if different from the default."""
    writes: int | None = None

    def may(self, needed: Role) -> bool:
        """Return True if this principal has the rights of a role."""
        return self.role is not None and RANKS[self.role] >= RANKS[needed]


ANONYMOUS = Principal("", None)
LOCAL = Principal("local", Role.EDITOR)
"""Someone at the server's own machine, while there are no keys."""
