"""Copies of a whole register: a backup is a SQLite file, whatever the database.

Copies are made inside one transaction, so they show one instant, and writers need not stop.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import bindparam, delete, insert, select, update

from terrafirma.errors import ConfigurationError
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection, Database, OperationalError, open_database
from terrafirma.storage.engine.prepared_statements import Prepared
from terrafirma.storage.engine.tables import head, job_runs, jobs, metadata, workers
from terrafirma.storage.engine.timeouts import restart
from terrafirma.storage.register.guarded import has_guarded_entries, is_guarded, keep_guarded
from terrafirma.storage.register.projections import survey

BATCH = 1000
MAGIC = b"SQLite format 3\0"
HEADER = 100
"""Bytes of a SQLite file's header."""
CONTENTS = [
    table for table in metadata.sorted_tables if table not in (head, jobs, job_runs, workers)
]
"""All tables except the head, whose single row writers queue on: it stays and is updated. Jobs are
not copied, and pending jobs stay when a register is replaced."""


def copy_contents(source: Connection, target: Connection) -> None:
    """Copy every row of a register into another, whose own rows are deleted. If either required a key, it does too."""
    guarded = is_guarded(target)
    empty(target)
    for table in CONTENTS:
        names = tuple(column.name for column in table.columns)
        add = Prepared(insert(table).values({name: bindparam(name) for name in names}))
        rows = source.execute(select(table).execution_options(yield_per=BATCH))
        for batch in rows.partitions(BATCH):
            add.insert_rows(target, names, [tuple(row) for row in batch])
            # A copy takes as long as the register is large; the limit is for each batch.
            restart(source)
            restart(target)
    target.execute(update(head).values(**source.execute(select(head)).mappings().one()))
    keep_guarded(target, guarded or has_guarded_entries(source))
    survey(target)


def clear_contents(connection: Connection) -> None:
    """Leave a register as the migrations make it, but one that took a key still does."""
    guarded = is_guarded(connection)
    empty(connection)
    keep_guarded(connection, guarded)


def empty(connection: Connection) -> None:
    """Delete every row but the head that the first entry chains from."""
    for table in CONTENTS:
        connection.execute(delete(table))
        restart(connection)
    connection.execute(update(head).values(number=0, at="", hash="0" * 64))


def write_backup(
    source: Connection,
    file: Path,
    *,
    overwrite: bool = False,
    more: Callable[[Connection], None] | None = None,
) -> None:
    """Copy a register into a file that is complete as soon as it has its name.

    more: puts further contents into it.
    """
    if file.exists() and not overwrite:
        raise ConfigurationError(f"{file} exists already; name another file, or use --overwrite.")
    if not file.resolve().parent.is_dir():
        raise ConfigurationError(f"{file.parent} is not a directory.")
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=file.resolve().parent) as folder:
        part = Path(folder) / "register.sqlite"
        target = open_database(f"sqlite:///{part}")
        schema.upgrade(target)
        with target.writing() as connection:
            copy_contents(source, connection)
            if more is not None:
                more(connection)
        finish_backup(target)
        os.replace(part, file)


def finish_backup(database: Database) -> None:
    """Fold the write-ahead log into the file and close it, so that the file stands alone."""
    database.close()
    alone = database.engine.raw_connection()
    alone.cursor().execute("PRAGMA journal_mode=DELETE")
    alone.close()
    database.close()


def check_whole(file: Path) -> None:
    """Unusable unless a file is a SQLite database with all the pages its header promises."""
    with file.open("rb") as opened:
        header = opened.read(HEADER)
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise ConfigurationError(f"{file} is not a backup of a register.")
    page, pages = int.from_bytes(header[16:18], "big"), int.from_bytes(header[28:32], "big")
    # The header says 1 for pages of 65,536 bytes, which it has no room for.
    if file.stat().st_size < (65_536 if page == 1 else page) * pages:
        raise ConfigurationError(f"{file} is cut short.")


@contextmanager
def reading_backup(file: Path) -> Iterator[Connection]:
    """The register in a backup, brought to this code's schema; the file itself is not touched."""
    if not file.is_file():
        raise ConfigurationError(f"{file} is not a file.")
    check_whole(file)
    with tempfile.TemporaryDirectory(prefix="terrafirma-") as folder:
        copy = shutil.copy(file, Path(folder) / "register.sqlite")
        database = open_database(f"sqlite:///{copy}")
        try:
            with database.reading() as connection:
                if schema.current(connection) is None:
                    raise ConfigurationError(f"{file} is not a backup of a register.")
            schema.upgrade(database)
            with database.reading() as connection:
                yield connection
        except OperationalError as error:
            raise ConfigurationError(f"{file} cannot be read: {error.orig}.") from None
        finally:
            database.close()
