"""Counters of the processes of a single machine, each in its own memory-mapped file that all of
them read.

Counting is an addition in memory: no lock, no system call, no thread. The counts of ended processes
stay until the next server starts on the same directory, so sums only grow.
"""

import mmap
import os
import secrets
from array import array
from pathlib import Path
from typing import Final

from terrafirma.storage.private_files import make_folder

NUMBER: Final = "d"
"""Every count and sum is a float of 8 bytes."""


class SharedCounters:
    """Numbers that this process adds to, in its own memory until they are shared."""

    def __init__(self, size: int) -> None:
        self.numbers = memoryview(bytearray(array(NUMBER, [0]).itemsize * size)).cast(NUMBER)
        self._folder: Path | None = None

    def share(self, folder: Path) -> None:
        """Count in a file of a folder from now on, which names this process. OSError."""
        path = folder / f"{os.getpid()}-{secrets.token_hex(8)}"
        with path.open("x+b") as file:
            # Real bytes, not a hole: on a full disk this fails here, and not as a signal at the first count.
            file.write(self.numbers)
            file.flush()
            self.numbers = memoryview(mmap.mmap(file.fileno(), self.numbers.nbytes)).cast(NUMBER)
        self._folder = folder

    def total(self) -> list[float]:
        """The sums over all processes."""
        if self._folder is None:
            return list(self.numbers)
        files = [path.read_bytes() for path in self._folder.iterdir()]
        # A process that is just beginning has not written all of its file.
        tables = [array(NUMBER, each) for each in files if len(each) == self.numbers.nbytes]
        return [sum(column) for column in zip(*tables, strict=True)]

    def list_processes(self) -> list[int]:
        """The processes that count, and some that did."""
        if self._folder is None:
            return [os.getpid()]
        return sorted({int(path.name.partition("-")[0]) for path in self._folder.iterdir()})


def begin_counters(folder: Path) -> None:
    """Create an empty folder for counters, deleting those of an earlier server."""
    make_folder(folder)
    for path in folder.iterdir():
        path.unlink()
