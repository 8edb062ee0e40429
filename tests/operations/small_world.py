"""A register of the world's countries with few facts of each: it is filled and verified in a second."""

from contextlib import closing

from terrafirma.dataset.load import fill, read_dataset
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.timelines import at
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database

FACTS = (
    "id", "name", "alpha2", "alpha3", "numeric", "capitals", "area", "population",
    "population_year", "region",
)  # fmt: skip

DAY = "2026-11-01"
"""The day whose facts are taken, as if they had always held."""


def fill_small_world(url: str) -> None:
    """Fill a new register with all countries, under the ids of the world, and the names of one."""
    whole = read_dataset("world")
    countries = {
        key: country
        if "alpha4" in country
        else {name: fact for name, fact in at(country, DAY).items() if name in FACTS}
        for key, country in whole.records[COUNTRY.name].items()
    }
    names = {"BV": whole.records[COUNTRY.translations]["BV"]}
    records = {kind: {} for kind in whole.records}
    records |= {COUNTRY.name: countries, COUNTRY.translations: names}
    with closing(open_database(url)) as database:
        schema.upgrade(database)
        with database.writing() as connection:
            fill(connection, whole._replace(records=records))
