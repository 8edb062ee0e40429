"""Fill a register from a dataset in a transaction."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, NamedTuple

from terrafirma.config import WORLD
from terrafirma.dataset.files import DATA, read_file
from terrafirma.register.log.datasets import record_dataset
from terrafirma.register.log.history import Draft, append
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.kinds import COUNTRY, KINDS, MEMBERSHIP, Kind
from terrafirma.register.model.known import EVERY
from terrafirma.register.model.languages import Locales
from terrafirma.register.model.outlines import Outlines
from terrafirma.register.model.records import Document
from terrafirma.register.model.timelines import KNOWN_FROM
from terrafirma.register.model.validation import check_whole, validate
from terrafirma.register.resolve.cities import Cities
from terrafirma.register.resolve.points import Borders
from terrafirma.register.resolve.resolver import Resolver
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import Connection, Database
from terrafirma.storage.engine.timeouts import restart
from terrafirma.storage.register.dataset_records import replace_origins
from terrafirma.storage.register.projections import survey

Watch = Callable[[Iterable[Draft]], Iterable[Draft]]
"""Sees each record pass: a progress bar."""

BATCH = 500
"""Records that are written together."""


class DatasetFiles(NamedTuple):
    """The content of a new register: {kind: {the record's key in the dataset: its document}}."""

    name: str
    version: str
    records: dict[str, dict[str, Document]]

    @property
    def actor(self) -> str:
        """The actor of its entries."""
        return f"dataset:{self.name}"


def read_dataset(name: str) -> DatasetFiles:
    """A dataset that is shipped."""
    records = {COUNTRY.name: by_key(COUNTRY, read_file("countries" if name == WORLD else name))}
    if name == WORLD:
        records[COUNTRY.translations] = {
            record.pop("alpha2"): record for record in read_file("names")
        }
        records |= {
            kind.name: by_key(kind, read_records(kind))
            for kind in KINDS.values()
            if kind is not COUNTRY
        }
    return DatasetFiles(name, str(read_file("version")["version"]), records)


def read_records(kind: Kind) -> list[Document]:
    """The world's records of a kind, with ids in the order of their file.

    The file is a list, or an object by code. Members that the kind has no field for are skipped.
    """
    content: Any = read_file(kind.plural)
    rows = (
        content
        if isinstance(content, list)
        else [{"code": code} | row for code, row in content.items()]
    )
    since = (
        {}
        if kind.timeless or kind is MEMBERSHIP
        else {KNOWN_FROM: {EVERY: read_file("version")["read"]}}
    )
    found = [{name: row[name] for name in row if name in kind.fields} for row in rows]
    return [{"id": id} | since | document for id, document in enumerate(found, 1)]


def by_key(kind: Kind, documents: list[Document]) -> dict[str, Document]:
    """Records, checked, by their own keys in the dataset; ValueError where two have the same."""
    records: dict[str, Document] = {}
    for document in documents:
        key = key_of(kind, document)
        if key in records:
            raise ValueError(f"two records of the dataset are {kind.name} {key}")
        records[key] = check(kind, document)
    return records


def key_of(kind: Kind, document: Document) -> str:
    """The key of a record in the dataset, stable when its id changes: a code, else a unique field."""
    dated = document.get("dated", {}).items()
    latest = document | {
        name: timeline[-1]["value"] for name, timeline in dated if "to" not in timeline[-1]
    }
    # The short codes of a country that is gone may be another's by now, so its ISO 3166-3 code comes first.
    known = next(
        name for name in ("alpha4", *kind.keys, *kind.unique) if name.split("+")[0] in latest
    )
    # What is unique together is so on any one day.
    named = [*known.split("+"), "from"] if "+" in known else [known]
    return " ".join(str(latest[name]) for name in named if name in latest)


def read_locales() -> Locales:
    """The languages that the world's countries are named in."""
    return Locales(read_file("locales"), read_file("parents"))


def read_aliases() -> dict[str, list[list[str]]]:
    """Further names of countries and other places, by code: `[text, language, source]`."""
    aliases: dict[str, list[list[str]]] = read_file("aliases")
    return aliases


def read_lookalikes() -> dict[str, list[str]]:
    """Names of cities that are near to a country's name, by the country they lie in."""
    lookalikes: dict[str, list[str]] = read_file("lookalikes")
    return lookalikes


def read_borders() -> Borders:
    """Borders to look points up in."""
    return Borders(read_file("borders"))


def load_cities() -> Cities:
    """The cities of the dataset: a country a line, which is parsed when it is asked for."""
    return Cities(read_lines("cities"))


def open_resolver() -> Resolver:
    """A resolver that knows the dataset's further names, and the cities beside them."""
    return Resolver(read_aliases, read_lookalikes)


def load_outlines() -> Outlines:
    """The outlines of countries: a file a level, a country a line, which is not parsed here."""
    return Outlines(
        {
            "low": read_lines("shapes-low"),
            "medium": read_lines("shapes-medium"),
            "high": read_lines("shapes-high"),
        }
    )


def read_lines(name: str) -> dict[str, bytes]:
    """The members of a JSON object with a single member per line, as text by name."""
    members = (
        line.split(b":", 1)
        for line in (DATA / f"{name}.json").read_bytes().splitlines()
        if b":" in line
    )
    return {decode(key): value.rstrip(b",") for key, value in members}


def prepare(database: Database, dataset: str, watch: Watch = iter) -> None:
    """Bring a register to this code's schema and fill it if it is new."""
    schema.upgrade(database)
    with database.reading() as connection:
        if schema.read_property(connection, "dataset") is not None:
            return
    with database.writing() as connection:
        # Another process may have been first.
        if schema.read_property(connection, "dataset") is None:
            fill(connection, read_dataset(dataset), watch)


def fill(connection: Connection, dataset: DatasetFiles, watch: Watch = iter) -> None:
    """Append every record of a dataset to an empty register and store the dataset's documents."""
    ids = {
        kind: {key: each["id"] for key, each in records.items()}
        for kind, records in dataset.records.items()
    }
    drafts = [
        Draft("load", kind, document["id"], None, document)
        for kind, records in dataset.records.items()
        for document in records.values()
    ]
    passing = iter(watch(drafts))
    while batch := list(islice(passing, BATCH)):
        append(connection, dataset.actor, batch)
        # The time limit of a request is one for each batch: a register may be as large as it is.
        restart(connection)
    remember(connection, dataset, ids)
    survey(connection)


def remember(connection: Connection, dataset: DatasetFiles, ids: dict[str, dict[str, int]]) -> None:
    """Store a dataset's documents under their ids in the register, replacing the previous
    dataset's."""
    for kind, offered in dataset.records.items():
        rows = [
            (key, id, encode(offered[key] | {"id": id}).decode()) for key, id in ids[kind].items()
        ]
        replace_origins(connection, kind, dataset.version, rows)
    record_dataset(connection, dataset.actor, dataset.name, dataset.version)


def check(kind: Kind, document: Document) -> Document:
    """A dataset's document, held to the same rules as anyone's."""
    checked = {"id": document["id"]} | validate(kind, document)
    if faults := check_whole(kind, checked):
        raise ValueError(f"{kind.name} {document['id']}: {faults}")
    return checked
