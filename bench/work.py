"""Work in the background: imports and exports beside the sqlite3 shell, jobs that do nothing beside bare Huey."""

import csv
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from bench.fill import make_country, make_register
from bench.jobs import measure_jobs
from bench.load import Pace
from bench.report import Row, Table
from bench.rounds import Plan, run_rounds
from bench.servers import Yard, read_peak

TERRAFIRMA = str(Path(sys.executable).with_name("terrafirma"))
SHELL = shutil.which("sqlite3")
RIVAL = "sqlite3's .import" if SHELL else "csv and sqlite3 of Python"
RIVAL_OUT = "sqlite3 -csv" if SHELL else "sqlite3 and csv of Python"
ALL, SKIP, OUT = "import, all or none", "import, skipping bad rows", "export"
SMALLEST = 10_000
COLUMNS = ("name", "capital", "area")
GROWTH = 1.25
LOOK_SECONDS = 0.1


def measure_work(plan: Plan, yard: Yard) -> list[Table]:
    """Rows in and out by whole commands, what an import holds in memory, and jobs a second."""
    base = yard.folder / "base"
    make_register(base, 0)
    sizes = [size for size in plan.sizes if size >= SMALLEST]
    benches = {size: Bench(yard.folder / str(size), base, size) for size in sizes}
    tables = [bench.measure(replace(plan, rounds=plan.starts)) for bench in benches.values()]
    return [
        *tables,
        tabulate_memory({size: bench.peak for size, bench in benches.items()}),
        measure_jobs(plan, yard),
    ]


class Bench:
    """A file of rows, and ways to get it in and out again; each import begins with a register of the world."""

    def __init__(self, folder: Path, base: Path, size: int) -> None:
        folder.mkdir()
        self.size, self._base, self._data = size, base, folder / "data"
        self._file, self._rival, self._out = (
            folder / "rows.csv",
            folder / "rival.sqlite",
            folder / "out.csv",
        )
        self._peaks: list[float] = []
        with self._file.open("w", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(make_country(number, "Land") for number in range(size))

    @property
    def peak(self) -> float:
        """MB that the process of an import held at most."""
        return median(self._peaks)

    def measure(self, plan: Plan) -> Table:
        """Rows a second."""
        measurements = {
            RIVAL: self.import_elsewhere,
            ALL: self.import_here,
            SKIP: partial(self.import_here, "--skip-bad"),
            RIVAL_OUT: self.export_elsewhere,
            OUT: self.export_here,
        }
        rates = {name: pace.rate for name, pace in run_rounds(plan, measurements).items()}
        rows = [
            Row(name, rates[name], "/s", rates[name] / rates[RIVAL], "the rival")
            for name in (RIVAL, ALL, SKIP)
        ]
        rows += [
            Row(name, rates[name], "/s", rates[name] / rates[RIVAL_OUT], "the rival")
            for name in (RIVAL_OUT, OUT)
        ]
        return Table(
            f"{self.size:,} rows of a CSV file, in and out by one command each, rows a second", rows
        )

    def import_elsewhere(self) -> Pace:
        """Into a table without indexes; nothing is checked."""
        self._rival.unlink(missing_ok=True)
        if SHELL is None:
            return pace(self.size, partial(read_in, self._file, self._rival))
        return pace(
            self.size, partial(run, [SHELL, self._rival, f".import --csv {self._file} countries"])
        )

    def import_here(self, *options: str) -> Pace:
        """The dry run and the commit."""
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.copytree(self._base, self._data)
        command = [TERRAFIRMA, "import", self._file, "--commit", "--create", *options]
        command += ["--data", self._data]
        return pace(self.size, lambda: self._peaks.append(run(command)))

    def export_elsewhere(self) -> Pace:
        """The table that was imported, all of it."""
        if SHELL is None:
            return pace(self.size, partial(write_out, self._rival, self._out))
        command = [
            SHELL,
            "-header",
            "-csv",
            self._rival,
            f".output {self._out}",
            "SELECT * FROM countries",
        ]
        return pace(self.size, partial(run, command))

    def export_here(self) -> Pace:
        """The same fields of the register that the last import left, the world's countries included."""
        query = f"fields={','.join(COLUMNS)}"
        command = [
            TERRAFIRMA,
            "export",
            self._out,
            "--overwrite",
            "--query",
            query,
            "--data",
            self._data,
        ]
        done = pace(self.size, partial(run, command))
        rows = self._out.read_bytes().count(b"\n") - 1
        return Pace(done.rate * rows / self.size, done.busy)


def pace(size: int, act: Callable[[], object]) -> Pace:
    """How many rows a second it is to do something with so many."""
    begun = time.perf_counter()
    act()
    return Pace(size / (time.perf_counter() - begun), 0.0)


def run(command: list[str | Path]) -> float:
    """Run a command to its end; the MB that it held at most, where /proc tells. RuntimeError if it fails."""
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while True:
            try:
                code = process.wait(LOOK_SECONDS)
                break
            except subprocess.TimeoutExpired:
                peak = max(peak, read_peak(process.pid))
    if code:
        raise RuntimeError(f"{command} ended with {code}")
    return peak


def read_in(file: Path, path: Path) -> None:
    """What `.import` does, without the shell."""
    with file.open(newline="") as source, closing(sqlite3.connect(path)) as database:
        rows = csv.reader(source)
        names = next(rows)
        database.execute(f"CREATE TABLE countries ({', '.join(names)})")
        database.executemany(f"INSERT INTO countries VALUES ({', '.join('?' * len(names))})", rows)
        database.commit()


def write_out(path: Path, file: Path) -> None:
    """What `-csv` does, without the shell."""
    with file.open("w", newline="") as target, closing(sqlite3.connect(path)) as database:
        rows = database.execute("SELECT * FROM countries")
        writer = csv.writer(target)
        writer.writerow(column[0] for column in rows.description)
        writer.writerows(rows)


def tabulate_memory(peaks: dict[int, float]) -> Table:
    """Peaks as ratios of that of the smallest file."""
    least = min(peaks)
    rows = [
        Row(
            f"an import of {size:,} rows",
            peak,
            "MB",
            peak / peaks[least],
            "the smallest",
            **(
                {}
                if size == least
                else {"mark": f"≤ {GROWTH} of it", "met": peak <= GROWTH * peaks[least]}
            ),
        )
        for size, peak in peaks.items()
    ]
    return Table("The most that the process of an import holds", rows)
