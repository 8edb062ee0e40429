"""Time and history: what earlier states cost to read, and how fast the whole log can be replayed."""

import socket
from itertools import repeat
from statistics import median
from time import perf_counter

from bench.fill import make_register
from bench.load import CHUNK, HOST, PATIENCE, Client, get
from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import Server, Yard

ENTRIES = 10_000
ITEM_MARK = 5.0
LIST_MARK = 100.0
REPLAY_MARK = 5_000.0

ITEM, LIST = "one record", "a page of 250"


def measure_history(plan: Plan, yard: Yard) -> list[Table]:
    """Reads as of an earlier entry and on another day, and the log from its first entry to its last."""
    data = yard.folder / "history"
    last = make_register(data, ENTRIES)
    server = yard.start_ours("history", data, hot=False)
    server.wait("/health")
    paths = {
        f"GET {ITEM}, as it is now": "/countries/BG",
        f"GET {ITEM}, as_of an earlier entry": f"/countries/BG?as_of={last // 2}",
        f"GET {ITEM}, on another day": "/countries/BG?on=2025-12-31",
        f"GET {ITEM}, both": f"/countries/BG?on=2025-12-31&as_of={last // 2}",
        f"GET {LIST}, as_of an earlier entry": f"/countries?limit=250&as_of={last // 2}",
        f"GET {LIST}, on another day": "/countries?limit=250&on=2025-12-31",
    }
    reads = Table(f"Other days and earlier states, no cache, ms ({last:,} entries)")
    for name, path in paths.items():
        most = LIST_MARK if LIST in name else ITEM_MARK
        cost = measure_read(plan, server, path)
        reads.rows.append(Row(name, cost, "ms", mark=f"≤ {most:.0f} ms", met=cost <= most))
    return [reads, measure_replay(plan, server, last)]


def measure_read(plan: Plan, server: Server, path: str) -> float:
    """Milliseconds of one request, the median of many over one connection."""
    client = Client(server.port)
    seconds = [client.ask(request) for request in repeat(get(path), plan.samples + 5)]
    client.close()
    return median(seconds[5:]) * 1000


def measure_replay(plan: Plan, server: Server, last: int) -> Table:
    """Entries a second to one reader of the whole log."""
    table = Table(f"Replay of {last:,} entries, entries a second")
    ends = {
        "GET /entries?format=ndjson": f'"number":{last},',
        "GET /entries/stream?since=0": f"\nid: {last}\n",
    }
    for name, end in ends.items():
        rate = last / median(
            replay(server.port, name.removeprefix("GET "), end.encode()) for _ in range(plan.rounds)
        )
        table.rows.append(
            Row(name, rate, "/s", mark=f"≥ {REPLAY_MARK:,.0f}", met=rate >= REPLAY_MARK)
        )
    return table


def replay(port: int, path: str, end: bytes) -> float:
    """The seconds until a stream has said something."""
    begun, tail = perf_counter(), b""
    with socket.create_connection((HOST, port), PATIENCE) as plug:
        plug.sendall(get(path))
        while end not in tail:
            piece = plug.recv(CHUNK)
            if not piece:
                raise ConnectionError(f"{path} ended too soon")
            tail = tail[-len(end) :] + piece
    return perf_counter() - begun
