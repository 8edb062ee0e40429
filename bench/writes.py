"""Writes: how many countries a second are made durable, beside a route that does only the inserts."""

import json
import time
from datetime import UTC, datetime
from functools import partial
from itertools import count
from sqlite3 import Connection

from bench.fill import make_country, make_posts, make_register
from bench.inserts import TOKEN, Statement, connect, insert, take_sample
from bench.load import Pace, pour, warm
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Yard

FLASK = "minimal Flask route, same inserts"
OURS = "Terrafirma"
RAW = "raw SQLite, one thread, no server"
MARK = 0.6


def measure_writes(plan: Plan, yard: Yard) -> list[Table]:
    """Durable POSTs a second."""
    folders = {name: yard.folder / f"writes-{name}" for name in ("ours", "flask", "raw")}
    for folder in folders.values():
        make_register(folder, 0)
        sample = take_sample(folder, make_country(int(TOKEN), "Sample"))
    (yard.folder / "sample.json").write_text(json.dumps(sample))
    environ = {"BENCH_DATABASE": str(folders["flask"] / "register.sqlite")}
    flask = yard.start_peer(
        "flask_inserts", BENCH_SAMPLE=str(yard.folder / "sample.json"), **environ
    )
    ours = yard.start_ours("writes", folders["ours"])
    flask.wait("/")
    ours.wait("/health")
    posts = {FLASK: (flask.port, make_posts("New")), OURS: (ours.port, make_posts("New"))}
    for port, requests in posts.values():
        warm(port, requests, 50)
    measurements = {
        name: partial(pour, port, requests, plan.seconds)
        for name, (port, requests) in posts.items()
    }
    connection = connect(folders["raw"] / "register.sqlite")
    raw = partial(commit, connection, sample, count(), plan.seconds)
    paces = run_rounds(plan, measurements | {RAW: raw})
    connection.close()
    return [Table("POST /countries with full durability, a second", tabulate(paces))]


def tabulate(paces: dict[str, Pace]) -> list[Row]:
    """Paces as ratios of the minimal route's."""
    flask, ours, raw = (paces[name].rate for name in (FLASK, OURS, RAW))
    mark = {"mark": f"≥ {MARK} of the route", "met": ours / flask >= MARK}
    return [
        Row(FLASK, flask, "/s", 1.0, "the route"),
        Row(OURS, ours, "/s", ours / flask, "the route", **mark),
        Row(RAW, raw, "/s", raw / flask, "the route"),
    ]


def commit(
    connection: Connection, sample: list[Statement], numbers: "count[int]", seconds: float
) -> Pace:
    """The same inserts without a server, one transaction after another."""
    begun, done = time.perf_counter(), 0
    while time.perf_counter() < begun + seconds:
        insert(connection, sample, f"{next(numbers):07}", datetime.now(UTC).isoformat())
        done += 1
    return Pace(done / (time.perf_counter() - begun), 1.0)
