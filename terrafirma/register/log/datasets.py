"""The entry that records which dataset filled a register, with a hash over the dataset's documents.

The documents are kept beside the log so that upgrades can compare with them.
"""

from dataclasses import asdict, dataclass

from terrafirma.register.log.history import Draft, append
from terrafirma.register.model.canonical_json import decode, digest
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.engine.schema import read_property, write_property
from terrafirma.storage.register.dataset_records import list_origins
from terrafirma.storage.register.entries import EntryRow, find_last_entry

KIND = "dataset"
ID = 1
PROPERTY = "dataset"


@dataclass(frozen=True)
class Loaded:
    """The dataset of a register and the hash of its documents."""

    name: str
    version: str
    origins: str
    id: int = ID


def record_dataset(connection: Connection, actor: str, name: str, version: str) -> None:
    """Append an entry that names the dataset, unless the last such entry already does."""
    last = find_last_entry(connection, KIND, ID)
    before = decode(last.after) if last and last.after else None
    after = asdict(Loaded(name, version, digest_origins(connection)))
    if before != after:
        append(connection, actor, [Draft("upgrade" if before else "load", KIND, ID, before, after)])
    write_property(connection, PROPERTY, f"{name} {version}")


def digest_origins(connection: Connection) -> str:
    """The hash of all dataset documents."""
    return digest([digest(row) for row in sorted(list_origins(connection))])


def compare_origins(connection: Connection, row: EntryRow) -> list[str]:
    """Differences between the stored dataset documents and the last entry about the dataset."""
    said = decode(row.after or "{}")
    faults = []
    if said.get("origins") != digest_origins(connection):
        faults.append(
            f"what the dataset said of its records is not what entry {row.number} vouches for"
        )
    if read_property(connection, PROPERTY) != f"{said.get('name')} {said.get('version')}":
        faults.append(f"the register names another dataset than entry {row.number}")
    return faults
