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
from bench.reads import measure_reads
from bench.report import Table, show, to_json
from bench.restcountries import measure_restcountries
from bench.rounds import FULL, QUICK, Plan
from bench.servers import Yard
from bench.starts import measure_starts
from bench.webhooks import measure_webhooks
from bench.work import measure_work
from bench.writes import measure_writes

PARTS = {
    "reads": measure_reads,
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
    given = parser.parse_args()
    plan = replace(QUICK if given.quick else FULL, postgres=given.postgres)
    tables = run(plan, given.only or list(PARTS))
    if given.json:
        about = {
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "machine": platform.machine(),
        }
        given.json.write_text(json.dumps(about | {"tables": to_json(tables)}, indent=2) + "\n")


def run(plan: Plan, parts: list[str]) -> list[Table]:
    """Every part in a folder of its own, printed as it comes."""
    begun, tables = time.perf_counter(), []
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
            found = PARTS[part](plan, yard)
        for table in found:
            print(show(table), flush=True)
        tables += found
    print(f"\n{time.perf_counter() - begun:.0f} s")
    return tables


if __name__ == "__main__":
    main()
