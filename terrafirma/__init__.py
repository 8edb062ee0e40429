"""Terrafirma: a register of countries. `terrafirma.open()` reads it from Python, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING

from terrafirma.deferred import Deferred

if TYPE_CHECKING:
    from terrafirma.library import Register

_library = Deferred("terrafirma.library")


def open(source: "str | Path | None" = None) -> "Register":
    """Open the shipped world, or the register in a data directory or at a database URL."""
    register: Register = _library.open(source)
    return register
