"""Folders and files for the user who runs Terrafirma only, whatever the umask.

The command line sets the umask for its process; an app in a server of yours cannot.
"""

import os
from contextlib import suppress
from pathlib import Path

PRIVATE_MASK = 0o077
"""The umask of a process of ours."""
PRIVATE_FOLDER = 0o700
PRIVATE = 0o600
"""Mode of a new file, and of those that SQLite keeps beside it."""


def make_folder(folder: Path, *, new: bool = False) -> None:
    """Create a folder, with those above it that are missing.

    Raise FileExistsError for an existing folder if it is to be new.
    """
    for missing in reversed([each for each in folder.parents if not each.exists()]):
        missing.mkdir(PRIVATE_FOLDER, exist_ok=True)
    folder.mkdir(PRIVATE_FOLDER, exist_ok=not new)


def make_file(path: Path) -> None:
    """Create an empty file, unless it exists or cannot be made; its user says what is wrong then."""
    with suppress(OSError):
        path.touch(PRIVATE, exist_ok=False)


def keep_for_owner() -> int:
    """Let this process create nothing that other users can read; return its umask before."""
    return os.umask(PRIVATE_MASK)
