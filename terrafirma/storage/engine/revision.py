"""The register's revision: tells cached answers apart from current ones, checked on every read.

On SQLite it is eight bytes in a memory-mapped file shared by all processes of the machine: no
query, about 0.2 µs. Each commit writes a fresh random value after it is durable and before it is
acknowledged, so a value read before a query can only be older than the query's data.
"""

import mmap
import os
import secrets
from pathlib import Path
from typing import Protocol

SIZE = 8


class Revision(Protocol):
    """A token that differs after every commit."""

    def read(self) -> bytes:
        """The token now."""

    def known(self) -> bytes | None:
        """The token, if it is known without asking a database."""

    def bump(self) -> None:
        """Make it differ."""


class SharedRevision:
    """The token in a file of the data directory, shared by all processes of a single machine."""

    def __init__(self, path: Path) -> None:
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            if os.fstat(file.fileno()).st_size < SIZE:
                # Real bytes, not a hole: on a full disk this fails here, and not as a signal at the first bump.
                file.write(secrets.token_bytes(SIZE))
                file.flush()
            self._bytes = mmap.mmap(file.fileno(), SIZE)

    def read(self) -> bytes:
        """The token now."""
        return self._bytes[:SIZE]

    def known(self) -> bytes:
        """The token now, always: memory is current."""
        return self._bytes[:SIZE]

    def bump(self) -> None:
        """A random value: two processes that bump at once cannot restore an old one."""
        self._bytes[:SIZE] = secrets.token_bytes(SIZE)
