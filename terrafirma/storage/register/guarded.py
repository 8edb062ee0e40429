"""The fact that writing takes a key, kept in the register: keys are in another database, which no backup holds."""

from sqlalchemy import or_, select

from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.engine.schema import current, read_property, write_property
from terrafirma.storage.engine.tables import entries

GUARDED = "guarded"


def is_guarded(connection: Connection) -> bool:
    """Return True if the register ever took a key, also if it was restored from a backup since."""
    return read_property(connection, GUARDED) is not None


def note_guarded(register: Database) -> None:
    """Note that the register takes a key; nothing happens where that is known, or where there is no register yet."""
    with register.reading() as connection:
        if current(connection) is None or is_guarded(connection):
            return
    with register.writing() as connection:
        keep_guarded(connection, True)


def keep_guarded(connection: Connection, guarded: bool) -> None:
    """Note that the register takes a key, if it does."""
    if guarded:
        write_property(connection, GUARDED, "yes")


def has_guarded_entries(connection: Connection) -> bool:
    """Return True if a key or a person wrote any entry: older backups do not hold the note itself."""
    by_key = or_(entries.c.actor.startswith("key:"), entries.c.actor.startswith("person:"))
    return connection.scalar(select(entries.c.number).where(by_key).limit(1)) is not None
