"""Reads: how many answers a second, beside the least that the same server can do."""

from contextlib import ExitStack
from functools import partial
from itertools import repeat
from typing import NamedTuple

from bench import postgres
from bench.fill import make_register
from bench.load import Pace, get, pour, warm
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Server, Yard

LIST = "/countries?fields=id,name,capital,area"
ONE = "/countries/TH"
BARE = "bare WSGI callable"
BARE_ASGI = "bare ASGI callable"
TUTORIAL = "the tutorial's app"
COLD = "Terrafirma, cold"

TUTORIAL_MARK = 5.0
HOT_MARK = 0.85
HOT_MARKS = {"hot": HOT_MARK, "on PostgreSQL": 0.75}
"""What an answer from the cache is held to, beside the bare callable."""
COLD_MARKS = {LIST: ("FastAPI, response model", 0.6), ONE: ("Flask, ready bytes", 0.45)}
"""What an answer that no cache has is held to, beside another server."""
MEMORY_MARK = 100.0


class Target(NamedTuple):
    """Whom to ask for what, and the least share of the bare callable's pace that it is held to."""

    name: str
    server: Server
    path: str
    least: float = 0


def measure_reads(plan: Plan, yard: Yard) -> list[Table]:
    """Lists, single records, and the memory they took."""
    with ExitStack() as stack:
        ours = start_ours(plan, yard, stack)
        peers = start_peers(yard, ours["hot"])
        lists = [Target(name, server, LIST) for name, server in peers.items()]
        lists += [
            Target(f"Terrafirma, {name}", server, LIST, HOT_MARKS.get(name, 0))
            for name, server in ours.items()
        ]
        ones = [Target(name, peers[name], ONE) for name in (BARE, BARE_ASGI, "Flask, ready bytes")]
        ones += [
            Target(f"Terrafirma, {name}", server, ONE, HOT_MARKS.get(name, 0))
            for name, server in ours.items()
        ]
        tables = [
            tabulate(
                "GET /countries?fields=id,name,capital,area (250 records)",
                lists,
                measure(plan, lists),
            ),
            tabulate("GET /countries/TH", ones, measure(plan, ones)),
        ]
        memory = ours["hot"].measure_memory()
        if memory:
            note = f"{memory.pss:.0f} MB without what others share"
            mark = {"mark": f"≤ {MEMORY_MARK:.0f} MB", "met": memory.rss <= MEMORY_MARK}
            row = Row("Terrafirma's worker after that", memory.rss, "MB", note=note, **mark)
            tables.append(Table("Memory", [row]))
        return tables


def start_ours(plan: Plan, yard: Yard, stack: ExitStack) -> dict[str, Server]:
    """Terrafirma with its cache, without, and on PostgreSQL if that is asked for."""
    data = {name: yard.folder / f"reads-{name}" for name in ("hot", "cold", "postgres")}
    for name in ("hot", "cold"):
        make_register(data[name], 0)
    servers = {
        name: yard.start_ours(name, data[name], hot=name == "hot") for name in ("hot", "cold")
    }
    if plan.postgres:
        url = stack.enter_context(postgres.running(yard.folder / "postgres"))
        servers["on PostgreSQL"] = yard.start_ours("postgres", data["postgres"], database_url=url)
    for server in servers.values():
        server.wait(ONE)
    return servers


def start_peers(yard: Yard, ours: Server) -> dict[str, Server]:
    """The others, which answer with the bytes that ours answers with."""
    for name, path in (("list.json", LIST), ("one.json", ONE)):
        (yard.folder / name).write_bytes(ours.fetch(path))
    environ = {"BENCH_BYTES": str(yard.folder)}
    servers = {
        BARE: yard.start_peer("bare", **environ),
        BARE_ASGI: yard.start_peer("bare_asgi", "asginl", **environ),
        "Flask, ready bytes": yard.start_peer("flask_bytes", **environ),
        TUTORIAL: yard.start_peer("tutorial", **environ),
        "FastAPI, response model": yard.start_peer("fastapi_model", "asgi", **environ),
    }
    for server in servers.values():
        server.wait("/countries")
    return servers


def measure(plan: Plan, targets: list[Target]) -> dict[str, Pace]:
    """The pace of each target."""
    for target in targets:
        warm(target.server.port, repeat(get(target.path)))
    measurements = {
        target.name: partial(pour, target.server.port, repeat(get(target.path)), plan.seconds)
        for target in targets
    }
    return run_rounds(plan, measurements)


def tabulate(title: str, targets: list[Target], paces: dict[str, Pace]) -> Table:
    """Paces as ratios of the bare one, those of the hot cache beside their marks."""
    table = Table(f"{title}, requests a second")
    bare = paces[BARE].rate
    for target in targets:
        rate, busy = paces[target.name]
        held = {"mark": f"≥ {target.least} of bare", "met": rate / bare >= target.least}
        mark = held if target.least else {}
        note = f"generator {busy:.2f} of a core"
        table.rows.append(Row(target.name, rate, "/s", rate / bare, "bare", note=note, **mark))
        if target.least == HOT_MARK and TUTORIAL in paces:
            ratio = rate / paces[TUTORIAL].rate
            mark = {"mark": "≥ 5 × tutorial", "met": ratio >= TUTORIAL_MARK}
            table.rows.append(Row(f"  beside {TUTORIAL}", ratio, "×", **mark))
        if target.name == COLD:
            peer, least = COLD_MARKS[target.path]
            ratio = rate / paces[peer].rate
            mark = {"mark": f"≥ {least} × it", "met": ratio >= least}
            table.rows.append(Row(f"  beside {peer}", ratio, "×", **mark))
    return table
