"""The world as a ready register file, which new SQLite registers are copied from.

`python -m terrafirma.dataset.prepared` makes it, and installing the package does. Its name carries a
fingerprint of the dataset and of the code that fills registers, so a file of another version is not
found, and the register is filled record by record instead.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import cache
from pathlib import Path

from terrafirma.config import WORLD
from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import (
    is_postgresql,
    make_place,
    open_database,
    read_address,
)
from terrafirma.storage.private_files import PRIVATE

PACKAGE = Path(__file__).parent.parent
FOLDER = PACKAGE / "dataset"
SOURCES = ("dataset/data/*.json", "dataset/load.py", "register/**/*.py", "storage/**/*.py")
"""The files that decide what a new register holds."""


@cache
def fingerprint() -> str:
    """A short hash of the dataset and of the code that fills registers."""
    digest = hashlib.sha256()
    for path in list_sources():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def list_sources() -> Iterator[Path]:
    """The files that decide what a new register holds, in order."""
    for pattern in SOURCES:
        yield from sorted(PACKAGE.glob(pattern))


def prepared_file() -> Path:
    """The path of the ready file of this version, whether it was made or not."""
    return FOLDER / f"world-{fingerprint()}.sqlite"


def build() -> Path:
    """Make the ready file, and remove those of other versions."""
    file = prepared_file()
    with tempfile.TemporaryDirectory(prefix=".world-", dir=FOLDER) as scratch:
        with closing(open_database(f"sqlite:///{scratch}/filled.sqlite")) as database:
            prepare(database, WORLD)
            with database.engine.connect() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (f"{scratch}/ready.sqlite",))
        Path(scratch, "ready.sqlite").replace(file)
    for other in FOLDER.glob("world-*.sqlite"):
        if other != file:
            other.unlink()
    return file


def place_world(url: str, dataset: str) -> None:
    """Copy the ready file to where a new SQLite register of the world is to be, if there is one."""
    if dataset != WORLD or is_postgresql(url) or not prepared_file().exists():
        return
    address = read_address(url)
    if address.get_backend_name() != "sqlite":
        # `open_database` refuses it in a sentence.
        return
    path = make_place(address.database)
    if path.exists():
        return
    # Without a hard link, or space, the register is filled in place.
    with suppress(OSError), tempfile.TemporaryDirectory(prefix=".new-", dir=path.parent) as scratch:
        copy = Path(shutil.copyfile(prepared_file(), Path(scratch, path.name)))
        copy.chmod(PRIVATE)
        with copy.open("rb+") as file:
            os.fsync(file.fileno())
        # Complete as soon as it has its name; another process may have been first.
        path.hardlink_to(copy)


if __name__ == "__main__":
    build()
