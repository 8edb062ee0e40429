"""How much is taken of one key or address within a minute.

Requests are counted by each process in memory, before any answer is looked up; what is rarer and costs more,
writes and keys that are not valid, is counted across processes, in the vault.
"""

from ipaddress import IPv6Address, ip_address
from time import time
from typing import NamedTuple

from terrafirma.errors import TooMany
from terrafirma.register.access.audit import record_event
from terrafirma.storage.auth.rate_counters import SECONDS, count, peek, window_end
from terrafirma.storage.engine.database import Database

QUOTA = "terrafirma.quota"
"""In a request's environ: what is left of the limit that it came closest to."""

MOST = 100_000
"""Callers that a process tells apart within a minute; the others share what is taken of one."""
OTHERS = ""
UNLIMITED = 0
AUDITED, ALL_AUDITED = 5, 300
"""Keys that are not valid, of one address and of all, that the audit log is told of within a minute."""

PREFIX = 64
"""Bits of an IPv6 address that are one customer's."""


class Quota(NamedTuple):
    """How many there may be in a window, how many are left, and in how many seconds the next one begins."""

    name: str
    limit: int
    left: int
    seconds: int

    def headers(self) -> list[tuple[str, str]]:
        """As an answer tells it (draft-ietf-httpapi-ratelimit-headers)."""
        return [
            ("RateLimit-Policy", f'"{self.name}";q={self.limit};w={SECONDS}'),
            ("RateLimit", f'"{self.name}";r={max(self.left, 0)};t={self.seconds}'),
        ]

    def check(self, what: str) -> None:
        """TooMany where none was left for the one that was counted last."""
        if self.left < 0:
            told = (
                f"More than {self.limit:,} {what} within a minute; try again in {self.seconds} s."
            )
            raise TooMany(told, self.seconds)


class Meter:
    """Counts what this process takes of each caller in this window."""

    def __init__(self) -> None:
        self._ends = 0
        self._counts: dict[str, int] = {}

    def acquire(self, caller: str, limit: int) -> Quota:
        """Count one more. Two threads may count one at once; a limit need not be that exact."""
        now = time()
        if now >= self._ends:
            self._counts, self._ends = {}, window_end()
        counts = self._counts
        if caller not in counts and len(counts) >= MOST:
            caller = OTHERS
        taken = counts[caller] = counts.get(caller, 0) + 1
        return Quota("requests", limit, limit - taken, int(self._ends - now) + 1)


class FailureLimit:
    """Keys that were not valid, by address and across processes."""

    def __init__(self, vault: Database, limit: int) -> None:
        self._vault = vault
        self._limit = limit
        self._ends: dict[str, int] = {}

    def record(self, address: str, shown: str) -> None:
        """Count one more, and tell the audit log; TooMany beyond the limit, without asking the vault again."""
        if self._limit == UNLIMITED:
            return
        ends = window_end()
        if self._ends.get(address) != ends:
            taken = count(self._vault, f"failures:{address}")
            if taken <= AUDITED and count(self._vault, "failures audited") <= ALL_AUDITED:
                self._audit(address, shown)
            if taken <= self._limit:
                return
            if len(self._ends) >= MOST:
                self._ends = {}
            self._ends[address] = ends
        Quota("failures", self._limit, -1, ends - int(time())).check("keys that are not valid")

    def _audit(self, address: str, shown: str) -> None:
        with self._vault.writing() as connection:
            record_event(
                connection,
                "",
                "key-refused",
                details={"prefix": shown},
                personal={"address": address},
            )


def look_up(vault: Database, name: str, whose: str, limit: int) -> Quota:
    """What is left of something that is counted across processes."""
    return Quota(name, limit, limit - peek(vault, f"{name}:{whose}"), window_end() - int(time()))


def acquire(vault: Database, name: str, whose: str, limit: int) -> Quota:
    """Count one more of it."""
    return Quota(name, limit, limit - count(vault, f"{name}:{whose}"), window_end() - int(time()))


def name_address(address: str) -> str:
    """What requests from an address are counted by: itself, or of IPv6 the network of one customer."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return OTHERS
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> (128 - PREFIX) << (128 - PREFIX))}/{PREFIX}"
    return address
