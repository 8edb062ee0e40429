"""What the processes of one machine have counted, each in a memory-mapped file of its own that all of them read.

To count is to add to a number in memory: no lock, no system call, no thread. What a process that ended has counted
stays, so sums only grow, until the next server on the same directory begins anew.
"""

import mmap
import os
import secrets
from array import array
from pathlib import Path
from typing import Final

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
        """The sums of what all processes have counted."""
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
    """Make a folder to count in, without what an earlier server left there."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
