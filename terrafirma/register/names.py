"""What countries are called in other languages: one record a country, under the country's own id.

Its document is `{"id", "names": {locale: name}}`; a locale leaves out what it inherits.
"""

from collections.abc import Sequence

from terrafirma.register.canonical import decode
from terrafirma.register.history import Draft, stored_document
from terrafirma.register.keys import Moment
from terrafirma.register.records import Document
from terrafirma.storage import records
from terrafirma.storage.database import Connection
from terrafirma.storage.names import exists, list_names

KIND = "names"


def find_names(connection: Connection, id: int, moment: Moment) -> tuple[str, dict[str, str]]:
    """The mark of their entry and the names of a country, by locale; empty where there is no record of them."""
    version = records.find_version(connection, KIND, id, moment.on, moment.as_of)
    if version is None:
        return "", {}
    names: dict[str, str] = decode(version.document)["names"]
    return version.mark, names


def removal(connection: Connection, id: int) -> list[Draft]:
    """The changes that take a country's names out with it."""
    found = records.list_current(connection, KIND, [id])
    return [Draft("delete", KIND, id, stored_document(connection, version.entry), None) for version in found]


def list_localised(
    connection: Connection, documents: Sequence[Document], locales: Sequence[str], moment: Moment
) -> dict[int, str]:
    """What the first of these locales that names a country calls it, by id; those that none names are left out."""
    ids = [document["id"] for document in documents]
    return list_names(connection, KIND, ids, locales, moment.on, moment.as_of)


def is_localised(connection: Connection, moment: Moment) -> bool:
    """Whether the register has names in other languages at all."""
    return exists(connection, KIND, moment.as_of)
