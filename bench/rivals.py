"""The same records and questions beside programs that people would pick instead, where they are installed."""

import json
import shutil
import sqlite3
import sys
from contextlib import ExitStack, closing
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from bench.load import HOST, get, pour, warm
from bench.reads import start_ours
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import PORT, ROOT, Server, Yard

FIELDS = ("id", "name", "area", "region")
TAKEN = 66
"""The record that is asked for by itself."""
COLD, BEST = "Terrafirma, cold", 1.5
"""What a filtered, sorted list that no cache has is held to, beside the best of the others."""
LIST, ONE, FILTERED = "a list of 250", "one record", "50 records, filtered and sorted"
JSON_SERVER = ROOT / ".cache" / "json-server" / "node_modules" / ".bin" / "json-server"

Record = dict[str, int | float | str | None]


class Rival(NamedTuple):
    """A server, and the path by which it answers each question."""

    server: Server
    paths: dict[str, str]


def measure_rivals(plan: Plan, yard: Yard) -> list[Table]:
    """Lists and records a second of each, and which of them lead."""
    with ExitStack() as stack:
        ours = start_ours(plan, yard, stack)
        whole = f"/countries?fields={','.join(FIELDS)}"
        records: list[Record] = json.loads(ours["hot"].fetch(whole))
        paths = {
            LIST: whole,
            ONE: f"/countries/{TAKEN}?fields={','.join(FIELDS)}",
            FILTERED: f"{whole}&region=Asia&sort=-area",
        }
        rivals = {f"Terrafirma, {name}": Rival(server, paths) for name, server in ours.items()}
        for name, start in STARTS.items():
            rival = start(yard, records)
            if rival is None:
                print(f"{name} is not installed; `make bench` installs it.", file=sys.stderr)
                continue
            rival.server.wait(rival.paths[ONE])
            rivals[name] = rival
        return [compare(plan, question, rivals) for question in (LIST, ONE, FILTERED)]


def compare(plan: Plan, question: str, rivals: dict[str, Rival]) -> Table:
    """The pace of each at a question, beside ours without a cache."""
    measurements = {}
    for name, (server, paths) in rivals.items():
        check(server, paths[question], question)
        warm(server.port, repeat(get(paths[question])), 50)
        requests = repeat(get(paths[question]))
        measurements[name] = partial(pour, server.port, requests, plan.seconds)
    rates = {name: pace.rate for name, pace in run_rounds(plan, measurements).items()}
    table = Table(f"{question[0].upper()}{question[1:]}, requests a second")
    for name, rate in sorted(rates.items(), key=lambda pair: -pair[1]):
        mark = judge(rates) if question == FILTERED and name == COLD else {}
        table.rows.append(Row(name, rate, "/s", rate / rates[COLD], "ours, cold", **mark))
    return table


def judge(rates: dict[str, float]) -> dict[str, str | bool]:
    """Our mark beside the best of the others; none without others."""
    others = [rate for name, rate in rates.items() if name in STARTS]
    if not others:
        return {}
    return {"mark": f"≥ {BEST} × the best other", "met": rates[COLD] >= BEST * max(others)}


def check(server: Server, path: str, question: str) -> None:
    """ValueError unless a server answers with the records that the question asks for."""
    answer = json.loads(server.fetch(path))
    found = answer.get("items", answer) if isinstance(answer, dict) else answer
    if question == ONE and isinstance(found, dict):
        found = [found]
    names = [record["name"] for record in found]
    if (question == ONE) != (len(names) == 1) or (question == LIST and len(names) < 250):
        raise ValueError(f"{server.name} answers {path} with {len(names)} records")


def start_datasette(yard: Yard, records: list[Record]) -> Rival | None:
    """Datasette over a table of the records with an index of what is asked for."""
    program = Path(sys.executable).with_name("datasette")
    if not program.exists():
        return None
    file = yard.folder / "rows.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "CREATE TABLE countries (id INTEGER PRIMARY KEY, name TEXT, area REAL, region TEXT)"
        )
        connection.execute("CREATE INDEX by_region ON countries (region, area)")
        rows = [tuple(record.get(field) for field in FIELDS) for record in records]
        connection.executemany("INSERT INTO countries VALUES (?, ?, ?, ?)", rows)
        connection.commit()
    command = [str(program), "serve", "--immutable", str(file), "-h", HOST, "-p", PORT]
    command += ["--setting", "max_returned_rows", "1000", "--setting", "suggest_facets", "off"]
    server = yard.start("datasette", command, {})
    table = "/rows/countries.json?_shape=array&_nocount=1&_size=1000"
    one = f"/rows/countries/{TAKEN}.json?_shape=array"
    return Rival(server, {LIST: table, ONE: one, FILTERED: f"{table}&region=Asia&_sort_desc=area"})


def start_json_server(yard: Yard, records: list[Record]) -> Rival | None:
    """json-server over a file of the records."""
    program = shutil.which("json-server") or (str(JSON_SERVER) if JSON_SERVER.exists() else None)
    if program is None:
        return None
    file = yard.folder / "rows.json"
    file.write_text(json.dumps({"countries": records}))
    command = [program, "--quiet", "--host", HOST, "--port", PORT, str(file)]
    paths = {
        LIST: "/countries",
        ONE: f"/countries/{TAKEN}",
        FILTERED: "/countries?region=Asia&_sort=area&_order=desc",
    }
    return Rival(yard.start("json-server", command, {}), paths)


def start_pocketbase(yard: Yard, records: list[Record]) -> Rival | None:
    """PocketBase over a collection of the records, which a migration of its own fills."""
    program = Path(sys.executable).with_name("pocketbase")
    if not program.exists():
        return None
    migrations = yard.folder / "pocketbase-migrations"
    migrations.mkdir()
    rows = [{**record, "id": name_in_pocketbase(record["id"])} for record in records]
    (migrations / "1_countries.js").write_text(MIGRATION.replace("ROWS", json.dumps(rows)))
    command = [str(program), "serve", f"--http={HOST}:{PORT}"]
    command += [f"--dir={yard.folder / 'pocketbase'}", f"--migrationsDir={migrations}"]
    fields = f"fields={','.join(FIELDS)}"
    table = f"/api/collections/countries/records?perPage=1000&skipTotal=1&{fields}"
    paths = {
        LIST: table,
        ONE: f"/api/collections/countries/records/{name_in_pocketbase(TAKEN)}?{fields}",
        FILTERED: f"{table}&filter=(region='Asia')&sort=-area",
    }
    return Rival(yard.start("pocketbase", command, {}), paths)


def name_in_pocketbase(id: object) -> str:
    """An id as PocketBase takes it: 15 letters and digits."""
    return f"{id:0>15}"


MIGRATION = """
migrate((app) => {
  const countries = new Collection({
    type: "base", name: "countries", listRule: "", viewRule: "",
    fields: [
      { name: "name", type: "text" }, { name: "area", type: "number" },
      { name: "region", type: "text" },
    ],
    indexes: ["CREATE INDEX by_region ON countries (region, area)"],
  });
  app.save(countries);
  for (const row of ROWS) app.save(new Record(countries, row));
});
"""

STARTS = {
    "Datasette": start_datasette,
    "json-server": start_json_server,
    "PocketBase": start_pocketbase,
}
