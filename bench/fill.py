"""Registers of any size, and countries that no register has yet."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from bench.load import post
from terrafirma.config import WORLD, Settings
from terrafirma.dataset.load import prepare
from terrafirma.dataset.prepared import place_world
from terrafirma.register.log.history import Draft, append
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register import records
from terrafirma.storage.register.entries import read_head

BATCH = 5_000


def make_country(number: int, word: str) -> Document:
    """Four fields of a country that is not."""
    return {
        "name": f"{word} {number:07}",
        "capital": f"Capital {number:07}",
        "area": 1000.5 + number,
    }


def make_posts(word: str) -> Iterator[bytes]:
    """POST after POST, each of another country."""
    return (post("/countries", encode(make_country(number, word))) for number in itertools.count())


def make_register(data: Path, size: int) -> int:
    """A register of the world and as many more records as the size asks; the number of its last entry."""
    url = Settings(data=data).url
    place_world(url, WORLD)
    database = open_database(url)
    prepare(database, WORLD)
    with database.reading() as connection:
        known = records.next_id(connection, COUNTRY.name) - 1
    for begin in range(known, size, BATCH):
        with database.writing() as connection:
            numbers = range(begin + 1, min(begin + BATCH, size) + 1)
            append(connection, "bench", [draft(number) for number in numbers])
    with database.reading() as connection:
        last = read_head(connection).number
    database.close()
    return last


def draft(id: int) -> Draft:
    """The making of one record."""
    return Draft("create", COUNTRY.name, id, None, {"id": id} | make_country(id, "Filler"))
