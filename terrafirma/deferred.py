"""Packages that most processes never need, imported when something is first asked of them.

Each would cost every process its memory, and every start its time: a sign-in provider's, another database's, those
that read and write spreadsheets.
"""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from terrafirma.errors import Invalid


class Deferred:
    """A module that is imported on first access to an attribute."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self._name), name)


def check_extra(extra: str, package: str, use: str) -> None:
    """Invalid, with the way to install it, where a package is missing that an extra of ours brings."""
    if find_spec(package) is None:
        raise Invalid(
            f"{use} takes {package}, which is not installed here: `pip install 'terrafirma[{extra}]'`."
        )


def check_parquet() -> None:
    """Invalid where Parquet cannot be written."""
    check_extra("parquet", "pyarrow", "Parquet")
