"""Read files in a process of their own, with limits: a file that fells it ends one import and nothing else.

The child is `parse_file.py`. It gets the arguments of `open_rows` and answers with pickles, of which only plain
values and the few types in `TYPES` are read.
"""

import io
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO, Any

from terrafirma.errors import ApiError, Detail, Hint, Invalid, Malformed, TooLarge, restore_detail
from terrafirma.formats.source_file import SourceLine, SourceShape
from terrafirma.register.model.csv_cells import CellError, TextCell
from terrafirma.register.model.strict_json import Unfit

MEMORY_BYTES = 1_000_000_000
CPU_SECONDS = 300
MOST_COLUMNS = 1_000
KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
"""Environment variables of the child: it needs no secrets."""
LOOK_SECONDS = 0.5
"""Between two looks whether the job was cancelled, while nothing comes."""
AHEAD = 4
"""Batches that are read ahead."""

REFUSALS: dict[str, type[ApiError]] = {
    refusal.__name__: refusal for refusal in (Invalid, Malformed, TooLarge)
}
FELLED = "Reading the file ended the program that reads it ({}), so the file is not sound."
TOO_LONG = f"Reading the file takes more than {CPU_SECONDS} seconds."

SIZE_BYTES = 8
"""Before each message stands its length."""
TYPES = {
    (each.__module__, each.__qualname__): each
    for each in (TextCell, CellError, Unfit, Detail, Hint)
}

Look = Callable[[], None]


@contextmanager
def open_rows_apart(
    look: Look, path: Path, *more: Any
) -> Iterator[tuple[SourceShape, Iterator[SourceLine]]]:
    """Do what `open_rows` does, in another process. `look` is called often and may raise to give up."""
    with (
        subprocess.Popen(
            [sys.executable, "-m", "terrafirma.work.parse_file"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT if name in os.environ},
        ) as child,
        closing(read_messages(child, pickle.dumps((path, *more)), look)) as messages,
    ):
        try:
            shape = SourceShape(**next(messages)["shape"])
            check_columns(shape.headers)
            yield shape, (SourceLine(*line) for message in messages for line in message["lines"])
        finally:
            child.kill()


def check_columns(headers: list[str]) -> None:
    """Invalid for more columns than any table of records has."""
    if len(headers) > MOST_COLUMNS:
        raise Invalid(f"The file has {len(headers):,} columns; {MOST_COLUMNS:,} is the most.")


def read_messages(
    child: "subprocess.Popen[bytes]", arguments: bytes, look: Look
) -> Generator[dict[str, Any], None, None]:
    """Yield what the child sends, until it says that it is done. Invalid if it ends before that."""
    given, sent, over = child.stdin, child.stdout, Event()
    if given is None or sent is None:
        raise OSError("no pipes")
    given.write(arguments)
    given.close()
    lines: Queue[bytes] = Queue(AHEAD)
    Thread(target=copy_lines, args=(sent, lines, over), daemon=True, name="parse").start()
    try:
        while line := wait_for(lines, look):
            message = PlainUnpickler(io.BytesIO(line)).load()
            if "refused" in message:
                details = [restore_detail(each) for each in message["details"]]
                hints = [Hint(**each) for each in message["hints"]]
                refused = REFUSALS.get(message["refused"], Invalid)
                refusal = refused(message["sentence"], details, hints)
                refusal.rule = message["rule"]
                raise refusal
            if message.get("done"):
                return
            yield message
        raise Invalid(describe_end(child.wait()))
    finally:
        over.set()


class PlainUnpickler(pickle.Unpickler):
    """Reads values of a few types: what a file made of the child runs nothing here."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a type that may be read."""
        if (module, name) not in TYPES:
            raise pickle.UnpicklingError(f"{module}.{name} is not read")
        return TYPES[module, name]


def copy_lines(sent: IO[bytes], lines: "Queue[bytes]", over: Event) -> None:
    """Put what the child sends into a queue, and nothing at its end."""
    while not over.is_set():
        size = int.from_bytes(sent.read(SIZE_BYTES), "big")
        line = sent.read(size) if size else b""
        while not over.is_set():
            try:
                lines.put(line if len(line) == size else b"", timeout=LOOK_SECONDS)
                break
            except Full:
                continue
        if not line or len(line) < size:
            return


def wait_for(lines: "Queue[bytes]", look: Look) -> bytes:
    """Return the next line, looking up in between."""
    while True:
        look()
        try:
            return lines.get(timeout=LOOK_SECONDS)
        except Empty:
            continue


def describe_end(code: int) -> str:
    """Say why a child ended that had more to say."""
    if code < 0:
        reason = signal.Signals(-code)
        return (
            TOO_LONG if reason in (signal.SIGXCPU, signal.SIGKILL) else FELLED.format(reason.name)
        )
    return FELLED.format(f"exit code {code}")
