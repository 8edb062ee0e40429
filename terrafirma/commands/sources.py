"""Files that commands read: a path, "-" for standard input, or an address."""

import shutil
from pathlib import Path, PurePath
from typing import Any

import click
import urllib3

from terrafirma.errors import ConfigurationError

SECONDS = 30.0
"""Time limit for a connection, and for each read from it."""
PIECE = 1_000_000


class SourceArgument(click.Path):
    """An argument that names a file, standard input, or an address beginning with http:// or https://."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, exists=True, allow_dash=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return an address as it is; anything else must be there."""
        return value if is_address(value) else super().convert(value, param, ctx)


def is_address(source: str) -> bool:
    """Return True for an address on the web."""
    return source.lower().startswith(("http://", "https://"))


def name_source(source: str) -> str:
    """Return the name of a file without its folders; empty for standard input."""
    path = urllib3.util.parse_url(source).path if is_address(source) else source
    return "" if source == "-" else PurePath(path or "").name


def copy_source(source: str, target: Path, most: int) -> None:
    """Copy what a source has into a file. Raise ConfigurationError beyond a number of bytes."""
    if is_address(source):
        download(source, target, most)
        return
    # Not copyfile, which takes no pipes, such as those of <(...) in a shell.
    with click.open_file(source, "rb") as file, target.open("wb") as copy:
        shutil.copyfileobj(file, copy)


def download(address: str, target: Path, most: int) -> None:
    """Copy what an address answers into a file. Raise ConfigurationError where it cannot be had whole."""
    size = 0
    try:
        with (
            urllib3.PoolManager(timeout=SECONDS, retries=urllib3.Retry(2, redirect=5)) as pool,
            pool.request("GET", address, preload_content=False) as answer,
            target.open("wb") as copy,
        ):
            if answer.status != 200:
                raise ConfigurationError(f"{address} answers with status {answer.status}.")
            for piece in answer.stream(PIECE):
                size += len(piece)
                if size > most:
                    raise ConfigurationError(
                        f"{address} has over {most:,} bytes; TERRAFIRMA_MAX_IMPORT allows more."
                    )
                copy.write(piece)
    except urllib3.exceptions.HTTPError as error:
        # urllib3 names its own objects before the reason.
        reason = str(getattr(error, "reason", error)).rpartition(": ")[2]
        raise ConfigurationError(f"{address} cannot be read: {reason}.") from None
