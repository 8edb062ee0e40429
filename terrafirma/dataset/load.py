"""Fills a register from a dataset, in one transaction."""

from collections.abc import Callable, Iterable
from importlib import resources
from typing import Any

from terrafirma.config import WORLD
from terrafirma.register.canonical import decode, encode
from terrafirma.register.history import Draft, append
from terrafirma.register.kinds import COUNTRY
from terrafirma.register.languages import Locales
from terrafirma.register.records import Document
from terrafirma.register.validation import check_whole, validate
from terrafirma.storage import schema
from terrafirma.storage.database import Connection, Database
from terrafirma.storage.origins import add_origins
from terrafirma.storage.projections import survey

DATA = resources.files("terrafirma.dataset") / "data"

Watch = Callable[[Iterable[Document]], Iterable[Document]]
"""Sees each document pass: a progress bar."""


def read_file(name: str) -> Any:
    """What a JSON file of the dataset holds."""
    return decode((DATA / f"{name}.json").read_bytes())


def read_dataset(name: str) -> tuple[str, list[Document]]:
    """A dataset's version and the stored documents of its countries."""
    version: dict[str, Any] = read_file("version")
    documents: list[Document] = read_file("countries" if name == WORLD else name)
    return str(version["version"]), documents


def read_names(name: str) -> list[Document]:
    """The stored documents of a dataset's names in other languages."""
    if name != WORLD:
        return []
    records: list[Document] = read_file("names")
    return [{"id": record["id"], "names": record["names"]} for record in records]


def read_locales() -> Locales:
    """The languages that the world's countries are named in."""
    return Locales(read_file("locales"), read_file("parents"))


def prepare(database: Database, dataset: str, watch: Watch = iter) -> None:
    """Bring a register to this code's schema and fill it if it is new."""
    schema.upgrade(database)
    with database.reading() as connection:
        if schema.read_property(connection, "dataset") is not None:
            return
    with database.writing() as connection:
        # Another process may have been first.
        if schema.read_property(connection, "dataset") is None:
            fill(connection, dataset, watch)


def fill(connection: Connection, dataset: str, watch: Watch = iter) -> None:
    """Append every record of a dataset to an empty register and remember what it said."""
    version, documents = read_dataset(dataset)
    drafts = [Draft("load", COUNTRY.name, document["id"], None, check(document)) for document in watch(documents)]
    localised = read_names(dataset)
    drafts += [Draft("load", COUNTRY.translations, document["id"], None, document) for document in localised]
    append(connection, f"dataset:{dataset}", drafts)
    add_origins(connection, COUNTRY.name, version, [origin_of(document) for document in documents])
    schema.write_property(connection, "dataset", f"{dataset} {version}")
    survey(connection)


def origin_of(document: Document) -> tuple[str, int, str]:
    """A document under the dataset's own key for it: its alpha-2 code, else its name."""
    return str(document.get("alpha2", document["name"])), int(document["id"]), encode(document).decode()


def check(document: Document) -> Document:
    """A dataset's document, held to the same rules as anyone's."""
    checked = {"id": document["id"]} | validate(COUNTRY, document)
    if faults := check_whole(COUNTRY, checked):
        raise ValueError(f"{document['name']}: {faults}")
    return checked
