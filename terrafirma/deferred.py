"""Packages that most processes never need, imported when something is first asked of them.

Each would cost every process its memory, and every start its time: a sign-in provider's, another database's, those
that read and write spreadsheets.
"""

from importlib import import_module
from typing import Any


class Deferred:
    """A module by its full name: what is asked of it, the module answers."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)
