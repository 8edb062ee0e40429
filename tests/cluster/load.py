"""Writers and readers of a cluster, each asking again until it is answered; and what they were promised."""

import http.client
import time
from collections import Counter
from contextlib import suppress
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from tests.operations.busy_threads import BusyThreads, Over
from tests.operations.processes import Answer, Client

PAUSE = 0.05
STOP_SECONDS = 90
ROWS = 20
"""Rows of an import."""
PROXY_ERROR = b"<html>"
"""How an error begins that is HAProxy's own."""


class Country(NamedTuple):
    """A record that was promised."""

    id: int
    area: int


class Load(BusyThreads):
    """Seven threads that post and patch, one that imports, two that read."""

    def __init__(self, port: int, key: str, writers: int = 8, readers: int = 2) -> None:
        writing = [partial(self._write, writer) for writer in range(writers - 1)]
        super().__init__([*writing, self._import, *[self._read] * readers], STOP_SECONDS)
        self._port, self._headers = port, {"Authorization": f"Bearer {key}"}
        self.promised: dict[str, Country] = {}
        self.imported: dict[str, str] = {}
        """The commit's job of each import that has ended, by its name."""
        self.written = [time.monotonic()]
        """When a write was acknowledged."""
        self.read = [time.monotonic()]
        """When a read was answered."""
        self.statuses: Counter[tuple[str, int]] = Counter()

    def _try(self, method: str, path: str, value: Any, headers: dict[str, str]) -> Answer | None:
        """An answer; None if the connection broke, which a proxy may say in its own words."""
        with suppress(OSError, http.client.HTTPException), Client(self._port, 60) as client:
            answer = client.send(method, path, value, **headers)
            own = answer.status >= 500 and answer.body.startswith(PROXY_ERROR)
            self.statuses["proxy" if own else method, answer.status] += 1
            return None if own else answer
        self.statuses[method, 0] += 1
        return None

    def ask(self, method: str, path: str, value: Any = None, key: str = "") -> Answer:
        """The first success, after as many tries as it takes. Over."""
        headers = self._headers | ({"Idempotency_Key": key.replace(" ", "-")} if key else {})
        while not self._over.is_set():
            answer = self._try(method, path, value, headers)
            if answer is not None and answer.status < 300:
                return answer
            if answer is not None and answer.status != 503:
                self.odd.append((method, path, answer))
                raise Over
            self._over.wait(PAUSE)
        raise Over

    def _write(self, writer: int, turn: int) -> None:
        """A country, made and changed."""
        name = f"Writer {writer} country {turn}"
        made = self.ask("POST", "/countries", {"name": name, "area": 0}, name)
        self.written.append(time.monotonic())
        self.promised[name] = Country(made.json["id"], 0)
        self.ask("PATCH", f"/countries/{made.json['id']}", {"area": turn + 1})
        self.written.append(time.monotonic())
        self.promised[name] = Country(made.json["id"], turn + 1)
        self._over.wait(PAUSE)

    def _import(self, turn: int) -> None:
        """A file of records whose capital names it."""
        name = f"Import {turn}"
        rows = [{"name": f"{name} row {row}", "capital": name} for row in range(ROWS)]
        tried = self._wait(self.ask("POST", "/imports?create=yes", rows, name).json["id"])
        commit = self.ask("POST", f"/imports/{tried}/commit").json["id"]
        self.imported[name] = self._wait(commit)

    def _wait(self, job: str) -> str:
        """The job, once it is done."""
        while (state := self.ask("GET", f"/jobs/{job}").json["state"]) in ("queued", "running"):
            self._over.wait(0.2)
        if state != "done":
            self.odd.append((job, state))
            raise Over
        return job

    def _read(self, turn: int) -> None:
        """A list that is asked of the database, as a client without a key does."""
        answer = self._try("GET", f"/countries?fields=name&limit={1 + turn % 7}", None, {})
        if answer is not None and answer.status == 200:
            self.read.append(time.monotonic())
        elif answer is not None and answer.status != 503:
            self.odd.append(answer)
        self._over.wait(PAUSE)


def find_gap(instants: list[float], begin: float, end: float) -> float:
    """The longest time without one of some instants, of those that begin between two."""
    pairs = pairwise(sorted([*instants, end]))
    gaps = (after - before for before, after in pairs if after > begin and before < end)
    return max(gaps, default=0)
