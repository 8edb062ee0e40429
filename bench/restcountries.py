"""REST Countries' addresses: how many answers a second, beside ready bytes of the same size on the same server."""

from functools import partial
from itertools import repeat

from bench.fill import make_register
from bench.load import Pace, get, pour, warm
from bench.reads import BARE, HOT_MARK
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Server, Yard

ALL = "/v3.1/all?fields=name,flags,cca2"
ONE = "/v3.1/alpha/de"
NAME = "/v3.1/name/united"
READY = {ALL: "/countries", ONE: "/countries/TH"}
"""Where the bare peer keeps the bytes of an answer of ours."""


def measure_restcountries(plan: Plan, yard: Yard) -> list[Table]:
    """Answers that the hot cache gives, and the same without it."""
    servers = {}
    for name in ("hot", "cold"):
        make_register(yard.folder / f"restcountries-{name}", 0)
        servers[name] = yard.start_ours(
            name, yard.folder / f"restcountries-{name}", hot=name == "hot"
        )
        servers[name].wait(ONE)
    bare = start_bare(yard, servers["hot"])
    tables = [compare(plan, path, bare, servers) for path in READY]
    pace = run_paths(plan, {"Terrafirma, cold": (servers["cold"], NAME)})["Terrafirma, cold"]
    row = Row("Terrafirma, cold", pace.rate, "/s", note=f"generator {pace.busy:.2f} of a core")
    return [*tables, Table(f"GET {NAME}, requests a second", [row])]


def start_bare(yard: Yard, ours: Server) -> Server:
    """The least that WSGI can do, with our own answers."""
    for name, path in (("list.json", ALL), ("one.json", ONE)):
        (yard.folder / name).write_bytes(ours.fetch(path))
    server = yard.start_peer("bare", BENCH_BYTES=str(yard.folder))
    server.wait(READY[ONE])
    return server


def compare(plan: Plan, path: str, bare: Server, ours: dict[str, Server]) -> Table:
    """An address as ratios of the bare peer, the hot cache beside its mark."""
    targets = {BARE: (bare, READY[path])} | {
        f"Terrafirma, {name}": (server, path) for name, server in ours.items()
    }
    paces = run_paths(plan, targets)
    least, table = paces[BARE].rate, Table(f"GET {path}, requests a second")
    for name, (rate, busy) in paces.items():
        hot = (
            {"mark": f"≥ {HOT_MARK} of bare", "met": rate / least >= HOT_MARK}
            if name.endswith("hot")
            else {}
        )
        table.rows.append(
            Row(
                name,
                rate,
                "/s",
                rate / least,
                "bare",
                note=f"generator {busy:.2f} of a core",
                **hot,
            )
        )
    return table


def run_paths(plan: Plan, targets: dict[str, tuple[Server, str]]) -> dict[str, Pace]:
    """The pace of a path on each server."""
    for server, path in targets.values():
        warm(server.port, repeat(get(path)))
    measurements = {
        name: partial(pour, server.port, repeat(get(path)), plan.seconds)
        for name, (server, path) in targets.items()
    }
    return run_rounds(plan, measurements)
