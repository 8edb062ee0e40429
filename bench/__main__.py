"""`python -m bench`: what Terrafirma costs, beside what else there is, on this machine in one run."""

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.growth import measure_growth
from bench.history import measure_history
from bench.names import measure_names
from bench.picture import draw
from bench.reads import measure_reads
from bench.report import Table, show, to_json
from bench.restcountries import measure_restcountries
from bench.rivals import measure_rivals
from bench.rounds import FULL, QUICK, Plan
from bench.servers import Yard
from bench.starts import measure_starts
from bench.webhooks import measure_webhooks
from bench.work import measure_work
from bench.writes import measure_writes

PARTS = {
    "reads": measure_reads,
    "rivals": measure_rivals,
    "restcountries": measure_restcountries,
    "writes": measure_writes,
    "starts": measure_starts,
    "growth": measure_growth,
    "history": measure_history,
    "work": measure_work,
    "webhooks": measure_webhooks,
    "names": measure_names,
}


def main() -> None:
    """Measure, print, and keep as JSON if a file is named."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="fewer and shorter rounds, no register of 100,000"
    )
    parser.add_argument("--only", choices=PARTS, action="append", help="one part; may be repeated")
    parser.add_argument(
        "--postgres", action="store_true", help="also read on PostgreSQL; `make test` installs one"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there too")
    parser.add_argument(
        "--picture", type=Path, metavar="FILE", help="draw the rivals there, as SVG"
    )
    given = parser.parse_args()
    if given.picture and "rivals" not in (given.only or PARTS):
        parser.error("--picture draws the part rivals")
    plan = replace(QUICK if given.quick else FULL, postgres=given.postgres)
    found = run(plan, given.only or list(PARTS))
    tables = [table for part in found.values() for table in part]
    if given.picture:
        given.picture.write_text(draw(found["rivals"], describe_machine()), encoding="utf-8")
    if given.json:
        about = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "machine": platform.machine(),
        }
        given.json.write_text(json.dumps(about | {"tables": to_json(tables)}, indent=2) + "\n")


def describe_machine() -> str:
    """The machine and the day, for a picture."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    made = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return f"{day}, {made}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}."


def run(plan: Plan, parts: list[str]) -> dict[str, list[Table]]:
    """The tables of each part, which has a folder of its own, printed as they come."""
    begun, tables = time.perf_counter(), {}
    print(
        f"One Granian worker, 4 threads, 16 connections; {os.cpu_count()} cores, Python {platform.python_version()}."
    )
    print(f"Medians of {plan.rounds} interleaved rounds of {plan.seconds} s.")
    if hasattr(os, "getloadavg") and os.getloadavg()[0] > (os.cpu_count() or 1) / 2:
        print(f"The machine is busy (load {os.getloadavg()[0]:.1f}): take these ratios as rough.")
    for part in parts:
        with (
            tempfile.TemporaryDirectory(prefix="terrafirma-bench-") as folder,
            Yard(Path(folder)) as yard,
        ):
            tables[part] = PARTS[part](plan, yard)
        for table in tables[part]:
            print(show(table), flush=True)
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return tables


if __name__ == "__main__":
    main()
