"""Every setting, read once from the environment; docs/settings.md lists them and a test compares."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from platformdirs import user_data_dir

from terrafirma.errors import Unusable

STARTER = "starter"
WORLD = "world"
PREFIX = "TERRAFIRMA_"


@dataclass(frozen=True)
class Settings:
    """How one process serves one register."""

    data: Path
    """Directory of everything that is kept."""
    host: str = "127.0.0.1"
    port: int = 5000
    workers: int = 1
    threads: int = 4
    database_url: str = ""
    """Empty: a SQLite file in the data directory."""
    dataset: str = WORLD
    """What a fresh register is filled with."""
    max_body: int = 1_000_000
    """Bytes of a request body."""
    max_depth: int = 32
    """Levels of nesting in a JSON body."""
    max_query: int = 8_000
    """Characters of a query string."""
    hot_cache: int = 64_000_000
    """Bytes of answers each worker keeps ready; 0: none."""
    log: str = "changes"
    """Which requests are logged: changes (and errors), all, none."""

    @property
    def url(self) -> str:
        """The database's URL. The starter register has a file of its own, whatever DATABASE_URL says."""
        if self.database_url and self.dataset != STARTER:
            return self.database_url
        name = "starter" if self.dataset == STARTER else "register"
        return f"sqlite:///{self.data.resolve() / name}.sqlite"


def read_settings(environ: Mapping[str, str] = os.environ, **given: Any) -> Settings:
    """Settings from the environment, less those given outright. Unusable if one makes no sense."""
    values: dict[str, Any] = {"data": Path(user_data_dir("terrafirma", appauthor=False))}
    for field in fields(Settings):
        name = "DATABASE_URL" if field.name == "database_url" else PREFIX + field.name.upper()
        if environ.get(name):
            values[field.name] = convert(name, environ[name], field.type)
    values |= {name: value for name, value in given.items() if value is not None}
    settings = Settings(**values)
    if settings.log not in ("changes", "all", "none"):
        raise Unusable(f"{PREFIX}LOG must be changes, all or none.")
    return settings


def convert(name: str, text: str, kind: Any) -> Any:
    """A setting's text as its type; whole numbers only where one is asked for."""
    if kind is not int:
        return Path(text) if kind is Path else text
    if not text.isdecimal():
        raise Unusable(f"{name} must be a whole number, not {text!r}.")
    return int(text)
