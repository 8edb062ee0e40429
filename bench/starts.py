"""How long a server takes from its command to its first answer, and a command that serves nothing."""

import subprocess
import time
from pathlib import Path
from statistics import median

from bench.report import Row, Table
from bench.rounds import Plan
from bench.servers import PROGRAM, Yard

FRESH, KNOWN, VERSION = 2.5, 1.2, 0.15
"""Seconds that each may take."""


def measure_starts(plan: Plan, yard: Yard) -> list[Table]:
    """With a register that is yet to be made and filled, and with one that is there."""
    # Not counted: Python compiles what is imported for the first time.
    start(yard, "start-first", yard.folder / "start-first")
    fresh, known, versions = [], [], []
    for number in range(plan.starts):
        data = yard.folder / f"start-{number}"
        fresh.append(start(yard, f"start-fresh-{number}", data))
        known.append(start(yard, f"start-known-{number}", data))
        versions.append(run([PROGRAM, "--version"]))
    rows = [
        hold("a fresh register, filled with the world", median(fresh), FRESH),
        hold("an existing register", median(known), KNOWN),
        hold("terrafirma --version", median(versions), VERSION),
    ]
    return [Table("Start to first answer", rows)]


def hold(name: str, seconds: float, most: float) -> Row:
    """A time beside its mark."""
    return Row(name, seconds, "s", mark=f"≤ {most} s", met=seconds <= most)


def start(yard: Yard, name: str, data: Path) -> float:
    """Seconds of one start."""
    begun = time.perf_counter()
    server = yard.start_ours(name, data)
    server.wait("/countries/TH", pause=0.005)
    taken = time.perf_counter() - begun
    server.stop()
    return taken


def run(command: list[str]) -> float:
    """Seconds of a command."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun
