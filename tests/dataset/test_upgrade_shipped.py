"""A register filled with the dataset of an older release, brought to today's: what users changed stays.

world-2026.11.1.json has some records of that release, as they were shipped.
"""

import json
from pathlib import Path

import pytest

from terrafirma.dataset.load import DatasetFiles, fill, read_dataset
from terrafirma.dataset.upgrade import upgrade
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.log.verification import verify
from terrafirma.register.model.kinds import COUNTRY, FIGURE, SUBDIVISION
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database

OLD = json.loads(Path(__file__).with_name("world-2026.11.1.json").read_text(encoding="utf-8"))
CODES = {
    each["alpha2"] if "alpha2" in each else each["dated"]["alpha2"][-1]["value"]: each["id"]
    for each in OLD["country"]
}


def read_old():
    """The shipped records of the older release."""
    parts = {each["code"]: each for each in OLD["subdivision"]}
    return DatasetFiles(
        "world",
        OLD["version"],
        {
            COUNTRY.name: dict(zip(CODES, OLD["country"], strict=True)),
            COUNTRY.translations: {
                each["alpha2"]: {name: each[name] for name in ("id", "names")}
                for each in OLD["names"]
            },
            SUBDIVISION.name: {
                code: {"id": id} | each for id, (code, each) in enumerate(parts.items(), 1)
            },
        },
    )


def read_new():
    """The same records of today's dataset, and their figures."""
    world = read_dataset("world")
    wanted = {
        COUNTRY.name: CODES,
        COUNTRY.translations: CODES,
        SUBDIVISION.name: [each["code"] for each in OLD["subdivision"]],
        FIGURE.name: [f"{code} population" for code in CODES],
    }
    return world._replace(
        records={
            kind: {key: each for key, each in world.records[kind].items() if key in keys}
            for kind, keys in wanted.items()
        }
    )


@pytest.fixture
def register(database_url, open_app):
    """A client of a register that holds the older release."""
    database = open_database(database_url)
    schema.upgrade(database)
    with database.writing() as connection:
        fill(connection, read_old())
    database.close()
    return open_app(database_url).test_client()


def bring_to(client, newer):
    with client.application.extensions[EXTENSION].database.writing() as connection:
        return upgrade(connection, newer)


def test_an_older_release_is_brought_to_this_one_and_keeps_what_users_said(register):
    edits = {
        "/countries/TH": {"population": 66000000, "extra": {"lead": "Malee"}},
        "/countries/MD": {"capitals": [{"name": "Chişinău", "roles": ["official"]}]},
        "/subdivisions/UA-51": {"name": "Odesa region"},
    }
    for address, body in edits.items():
        assert register.patch(address, json=body).status_code == 200
    assert register.delete("/countries/NR").status_code == 204
    mine = register.post("/countries", json={"name": "Sealand", "alpha2": "XS"}).json

    new = read_new()
    outcome = bring_to(register, new)
    thailand, moldova = (register.get(f"/countries/{code}").json for code in ("TH", "MD"))
    # What they changed, with what belongs to it, stays; the rest follows.
    assert (thailand["population"], thailand["population_year"]) == (66000000, 2025)
    assert thailand["extra"] == {"lead": "Malee"}
    assert thailand["gdp"] == new.records[COUNTRY.name]["TH"]["gdp"]
    assert moldova["capital"] == "Chişinău"
    assert moldova["population"] == new.records[COUNTRY.name]["MD"]["population"]
    assert register.get("/subdivisions/UA-51").json["name"] == "Odesa region"
    assert register.get("/subdivisions/UA-51").json["iso_name"] == "Odeska oblast"
    assert register.get("/countries/NR").status_code == 404
    assert register.get("/countries/XS").json == mine
    [figure] = register.get("/countries/TH/figures").json
    assert figure["indicator"] == "population"
    assert any("TH" in line and "population" in line for line in outcome.kept)

    # A correction of one year stays when the series comes again.
    register.patch(f"/figures/{figure['id']}", json={"values": {"1970": 1}})
    again = json.loads(json.dumps(new.records[FIGURE.name]))
    again["TH population"]["values"] |= {"2025": 71600000, "1971": 2}
    later = new._replace(version="2099.1.0", records=new.records | {FIGURE.name: again})
    bring_to(register, later)
    values = register.get(f"/figures/{figure['id']}").json["values"]
    assert (values["1970"], values["1971"], values["2025"]) == (1, 2, 71600000)
    with register.application.extensions[EXTENSION].database.reading() as connection:
        assert verify(connection)[1] == []
