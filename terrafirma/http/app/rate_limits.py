"""Rate limits per key or address and minute.

Each process counts requests in memory, before any answer is looked up; rarer and costlier events,
writes and invalid keys, are counted over all processes in the auth database.
"""

from ipaddress import IPv6Address, ip_address
from time import time
from typing import NamedTuple

from terrafirma.errors import TooMany
from terrafirma.register.access.audit import record_event
from terrafirma.storage.auth.rate_counters import SECONDS, count, peek, window_end
from terrafirma.storage.engine.database import Database

QUOTA = "terrafirma.quota"
"""Key in a request's environ: the quota of its nearest limit."""

MOST = 100_000
"""Callers that a process counts separately within a minute; others share a counter."""
OTHERS = ""
UNLIMITED = 0
AUDITED, ALL_AUDITED = 5, 300
"""At most this many invalid keys per address, and in total, are written to the audit log per
minute."""

PREFIX = 64
"""Prefix length of an IPv6 customer network."""


class Quota(NamedTuple):
    """A limit per window, the number left, and the seconds to the next window."""

    name: str
    limit: int
    left: int
    seconds: int

    def headers(self) -> list[tuple[str, str]]:
        """Headers of an answer (draft-ietf-httpapi-ratelimit-headers)."""
        return [
            ("RateLimit-Policy", f'"{self.name}";q={self.limit};w={SECONDS}'),
            ("RateLimit", f'"{self.name}";r={max(self.left, 0)};t={self.seconds}'),
        ]

    def check(self, what: str) -> None:
        """Raise TooMany if the limit was exceeded."""
        if self.left < 0:
            told = (
                f"More than {self.limit:,} {what} within a minute; try again in {self.seconds} s."
            )
            raise TooMany(told, self.seconds)


class Meter:
    """Counts requests of each caller in this process and window."""

    def __init__(self) -> None:
        self._ends = 0
        self._counts: dict[str, int] = {}

    def acquire(self, caller: str, limit: int) -> Quota:
        """Count a request. Two threads may count it once; limits need not be that exact."""
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
        """Count an invalid key and log it; raise TooMany beyond the limit, without further queries."""
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
    """The quota of a counter shared by all processes."""
    return Quota(name, limit, limit - peek(vault, f"{name}:{whose}"), window_end() - int(time()))


def acquire(vault: Database, name: str, whose: str, limit: int) -> Quota:
    """Count an event and return the quota."""
    return Quota(name, limit, limit - count(vault, f"{name}:{whose}"), window_end() - int(time()))


def name_address(address: str) -> str:
    """The counter's name for an address: itself, or the customer network of IPv6."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return OTHERS
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return f"{IPv6Address(int(parsed) >> (128 - PREFIX) << (128 - PREFIX))}/{PREFIX}"
    return address
