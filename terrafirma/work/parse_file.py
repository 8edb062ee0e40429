"""The child of `parsing.py`: reads one file within limits, and writes its rows to standard output."""

import pickle
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from terrafirma.deferred import Deferred
from terrafirma.errors import ApiError, Invalid, TooLarge, write_detail, write_hint
from terrafirma.formats.detect import open_rows
from terrafirma.work.parsing import CPU_SECONDS, MEMORY_BYTES, SIZE_BYTES

resource = Deferred("resource")

BATCH = 200
OPEN_FILES = 64
MEMORY = f"Reading the file takes more than {MEMORY_BYTES / 1e9:g} GB of memory."
NESTED = "The file is nested too deep."
BROKEN = "The file is not sound: reading it failed ({})."


def limit_this_process() -> None:
    """Let the system end this process before it takes too much; Windows has no such limits."""
    with suppress(ImportError):
        for name, most in (
            ("RLIMIT_AS", MEMORY_BYTES),
            ("RLIMIT_CPU", CPU_SECONDS),
            ("RLIMIT_NOFILE", OPEN_FILES),
            ("RLIMIT_FSIZE", 0),
            ("RLIMIT_CORE", 0),
        ):
            # macOS refuses some of them.
            with suppress(ValueError, OSError):
                resource.setrlimit(getattr(resource, name), (most, most))


def send(message: dict[str, Any]) -> None:
    """Write a message."""
    data = pickle.dumps(message)
    sys.stdout.buffer.write(len(data).to_bytes(SIZE_BYTES, "big") + data)


def refuse(refusal: ApiError) -> None:
    """Write why the file cannot be read."""
    send(
        {
            "refused": type(refusal).__name__,
            "sentence": refusal.sentence,
            "rule": refusal.rule,
            "details": [write_detail(each) for each in refusal.details],
            "hints": [write_hint(each) for each in refusal.hints],
        }
    )


def batch(lines: Iterator[Any]) -> Iterator[list[Any]]:
    """Yield lines, some at a time."""
    while found := list(islice(lines, BATCH)):
        yield found


def main() -> None:
    """Read the file that standard input names."""
    # It comes from our own parent, not from the file.
    arguments = pickle.load(sys.stdin.buffer)  # noqa: S301
    limit_this_process()
    try:
        shape, lines = open_rows(*arguments)
        send({"shape": vars(shape)})
        for found in batch(iter(lines)):
            send({"lines": [tuple(line) for line in found]})
        send({"done": True})
    except ApiError as refusal:
        refuse(refusal)
    except MemoryError:
        refuse(TooLarge(MEMORY))
    except RecursionError:
        refuse(Invalid(NESTED))
    except Exception as error:
        # Whatever a file makes a reader do is the file's fault, and would happen again.
        refuse(Invalid(BROKEN.format(type(error).__name__)))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
