"""A filled register brought to a newer dataset: what users changed stays, the rest follows."""

import pytest
from click.testing import CliRunner

from terrafirma.commands.main import main
from terrafirma.dataset.load import DatasetFiles, fill, read_dataset
from terrafirma.dataset.upgrade import upgrade
from terrafirma.errors import ConfigurationError
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.log.verification import verify
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.entries import EntryRange, list_entries, read_head


def country(id, alpha2, name, **fields):
    return {"id": id, "alpha2": alpha2, "name": name, **fields}


def dataset(version, countries, names=()):
    records = {"country": {each["alpha2"]: each for each in countries}}
    ids = {each["alpha2"]: each["id"] for each in countries}
    records["names"] = {
        key: {"id": ids[key], "names": spoken} for key, spoken in dict(names).items()
    }
    return DatasetFiles("world", version, records)


LEV, EURO = [{"code": "BGN"}], [{"code": "EUR"}]
FIRST = dataset(
    "2026.1.0",
    [
        country(
            1, "TH", "Thailand", area=513120, population=70, population_year=2020, car_sign="T"
        ),
        country(2, "BG", "Bulgaria", area=110879, currencies=LEV),
        country(3, "EG", "Egypt", area=1, capital="Cairo"),
        country(4, "YY", "Dropped"),
        country(5, "YX", "Dropped but edited"),
        country(6, "AU", "Australia", area=7),
        country(7, "NR", "Nauru"),
        country(8, "AA", "Alpha"),
    ],
    {
        "TH": {"de": "Thailand!", "fr": "Thailande"},
        "YX": {"de": "Weg"},
        "YY": {"de": "Fort"},
        "AA": {"de": "A"},
    },
)
SECOND = dataset(
    "2026.2.0",
    [
        # The order, and so the ids of the file, are others.
        country(1, "AU", "Australia", area=8),
        country(2, "TH", "Thailand", area=513121, population=71, population_year=2026),
        country(
            3,
            "BG",
            "Bulgaria",
            area=110880,
            dated={
                "currencies": [
                    {"value": LEV, "to": "2026-01-01"},
                    {"value": EURO, "from": "2026-01-01"},
                ]
            },
        ),
        country(4, "EG", "Egypt", area=2, capital="New Cairo"),
        country(5, "NR", "Naoero"),
        country(6, "ZA", "South Africa"),
        country(7, "ZZ", "Newland", area=9),
        country(8, "AA", "Alpha", alpha3="MIN", area=10),
    ],
    {
        "TH": {"de": "Thailand", "fr": "Thaïlande"},
        "ZA": {"de": "Südafrika"},
        "ZZ": {"de": "Neuland"},
        "AA": {},
    },
)


@pytest.fixture
def register(database_url, open_app):
    """A client of a register that holds the first dataset."""
    database = open_database(database_url)
    schema.upgrade(database)
    with database.writing() as connection:
        fill(connection, FIRST)
    database.close()
    return open_app(database_url).test_client()


def database_of(client):
    return client.application.extensions[EXTENSION].database


def bring_to(client, newer):
    with database_of(client).writing() as connection:
        return upgrade(connection, newer)


def read(client, key, **query):
    answer = client.get(f"/countries/{key}", query_string=query)
    return answer.get_json() if answer.status_code == 200 else answer.status_code


def edit(client):
    """What users did before the second dataset came."""
    answers = [
        client.patch("/countries/BG", json={"area": 5, "extra": {"mine": True}}),
        client.patch("/countries/EG", json={"capital": "Alexandria"}),
        client.patch("/countries/YX", json={"area": 3}),
        client.patch("/countries/TH?effective=2026-06-01", json={"population": 99}),
        client.delete("/countries/NR"),
        client.post("/countries", json={"name": "Mine", "alpha2": "ZZ", "alpha3": "MIN"}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 204, 201]


def test_untouched_records_follow_the_dataset(register):
    outcome = bring_to(register, SECOND)
    assert read(register, "TH", include="dated")["population"] == 71
    assert "car_sign" not in read(register, "TH")
    assert read(register, "TH")["id"] == 1
    assert read(register, "AU") == {
        "id": 6,
        "alpha2": "AU",
        "name": "Australia",
        "area": 8,
        "flag": "🇦🇺",
    }
    assert read(register, "BG", on="2025-12-31")["currencies"][0]["code"] == "BGN"
    assert read(register, "BG", on="2026-01-01")["currencies"][0]["code"] == "EUR"
    assert read(register, "NR")["name"] == "Naoero"
    assert read(register, "YY") == 404
    assert read(register, "ZA")["id"] == 9
    assert register.get("/countries/ZA/names").get_json() == {"de": "Südafrika"}
    assert register.get("/countries/TH/names").get_json() == {"de": "Thailand", "fr": "Thaïlande"}
    assert outcome.kept == []
    # Countries and their names: ZA and ZZ came, YY and YX went.
    assert (outcome.added, outcome.removed, outcome.changed) == (4, 4, 8)


def test_what_users_changed_stays(register):
    edit(register)
    outcome = bring_to(register, SECOND)
    bulgaria = read(register, "BG")
    assert (bulgaria["area"], bulgaria["extra"]) == (5, {"mine": True})
    assert read(register, "BG", on="2026-01-01")["currencies"][0]["code"] == "EUR"
    assert (read(register, "EG")["capital"], read(register, "EG")["area"]) == ("Alexandria", 2)
    assert read(register, "TH", on="2026-06-01")["population"] == 99
    assert read(register, "TH", on="2026-05-31")["population"] == 70
    assert read(register, "TH")["area"] == 513121
    assert read(register, "NR") == 404
    assert read(register, "YX")["area"] == 3
    assert register.get("/countries/YX/names").get_json() == {"de": "Weg"}
    mine = read(register, "ZZ")
    assert (mine["name"], mine["alpha3"]) == ("Mine", "MIN")
    # Another's code is not taken, the rest of the record follows.
    alpha = read(register, "AA")
    assert ("alpha3" in alpha, alpha["area"]) == (False, 10)
    assert sorted(outcome.kept) == [
        'country AA, alpha3: is not what the dataset says: "MIN" belongs to Mine, id 9',
        "country BG, area: was changed here and in the dataset; it stays as it is here",
        "country EG, capital: was changed here and in the dataset; it stays as it is here",
        "country NR: was deleted here and changed in the dataset; it stays deleted",
        "country TH, population: was changed here and in the dataset; it stays as it is here",
        "country YX: was changed here and dropped from the dataset; it stays",
        'country ZZ, alpha2: is not what the dataset says: "ZZ" belongs to Mine, id 9',
    ]


def test_a_second_time_changes_nothing(register):
    edit(register)
    bring_to(register, SECOND)
    database = database_of(register)
    with database.reading() as connection:
        head = read_head(connection)
    outcome = bring_to(register, SECOND)
    with database.reading() as connection:
        assert read_head(connection) == head
    assert (outcome.added, outcome.changed, outcome.removed) == (0, 0, 0)
    # What has no place yet is told again.
    assert outcome.kept == [
        'country ZZ, alpha2: is not what the dataset says: "ZZ" belongs to Mine, id 9'
    ]


def test_a_record_is_added_once_its_code_is_free(register):
    edit(register)
    bring_to(register, SECOND)
    register.delete("/countries/ZZ")
    assert bring_to(register, SECOND).added == 2
    assert read(register, "ZZ")["name"] == "Newland"
    assert register.get("/countries/ZZ/names").get_json() == {"de": "Neuland"}


def test_the_log_tells_it_all_and_is_whole(register):
    edit(register)
    with database_of(register).reading() as connection:
        before = read_head(connection).number
    outcome = bring_to(register, SECOND)
    with database_of(register).reading() as connection:
        entries = list_entries(connection, EntryRange(before), 100)
        assert verify(connection)[1] == []
        assert schema.read_property(connection, "dataset") == "world 2026.2.0"
    assert {entry.actor for entry in entries} == {"dataset:world"}
    assert {entry.action for entry in entries} == {"load", "upgrade"}
    *changed, told = entries
    assert len(changed) == outcome.added + outcome.changed + outcome.removed
    assert (told.kind, told.action) == ("dataset", "upgrade")
    assert read(register, "TH", as_of=before)["area"] == 513120


def test_codes_may_be_swapped_between_records(register):
    swapped = [
        each for each in SECOND.records["country"].values() if each["alpha2"] not in ("TH", "AU")
    ]
    newer = dataset("2026.2.0", swapped)
    newer.records["country"]["TH"] = country(1, "AU", "Thailand")
    newer.records["country"]["AU"] = country(6, "TH", "Australia")
    assert bring_to(register, newer).kept == []
    assert (read(register, "AU")["name"], read(register, "TH")["name"]) == ("Thailand", "Australia")


def test_records_that_others_name_stay_and_none_comes_that_names_nothing(register):
    made = {"code": "YY-1", "country": "YY", "name": "Ours"}
    assert register.post("/subdivisions", json=made).status_code == 201
    assert register.delete("/countries/NR").status_code == 204
    rows = [{"id": 1, "code": f"{code}-1", "country": code, "name": "New"} for code in ("NR", "TH")]
    records = SECOND.records | {"subdivision": {row["code"]: row for row in rows}}
    outcome = bring_to(register, DatasetFiles("world", "2026.2.0", records))
    assert read(register, "YY")["name"] == "Dropped"
    assert register.get("/countries/YY/names").get_json() == {"de": "Fort"}
    assert register.get("/subdivisions/TH-1").status_code == 200
    assert register.get("/subdivisions/NR-1").status_code == 404
    assert sorted(line.partition(":")[0] for line in outcome.kept) == [
        "country NR",
        "country YY, alpha2",
        "subdivision NR-1, country",
    ]
    with database_of(register).reading() as connection:
        assert verify(connection)[1] == []
    again = bring_to(register, DatasetFiles("world", "2026.2.0", records))
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_what_does_not_go_together_leaves_the_record_as_it_is(register):
    register.patch("/countries/AU", json={"to": "2020-01-01"})
    newer = dataset(
        "2026.2.0", [country(1, "AU", "Australia", **{"from": "2021-01-01", "area": 8})]
    )
    outcome = bring_to(register, newer)
    assert read(register, "AU")["area"] == 7
    assert [line for line in outcome.kept if line.startswith("country AU")] == [
        "country AU: cannot take what the dataset changed: to must be after from"
    ]


def test_another_or_an_older_dataset_is_refused(register):
    with pytest.raises(ConfigurationError, match=r"filled with world 2026\.1\.0, not with starter"):
        bring_to(register, SECOND._replace(name="starter"))
    with pytest.raises(ConfigurationError, match=r"2025\.12\.9; upgrade Terrafirma"):
        bring_to(register, SECOND._replace(version="2025.12.9"))


def fail_after(client):
    with database_of(client).writing() as connection:
        upgrade(connection, SECOND)
        raise ZeroDivisionError


def test_nothing_is_kept_of_an_upgrade_that_fails(register):
    with pytest.raises(ZeroDivisionError):
        fail_after(register)
    assert read(register, "TH")["area"] == 513120
    assert bring_to(register, SECOND).added == 4


def test_a_third_dataset_is_compared_with_the_second(register):
    edit(register)
    bring_to(register, SECOND)
    countries = [each | {"area": 77} for each in SECOND.records["country"].values()]
    outcome = bring_to(register, dataset("2026.3.0", countries))
    assert {key: read(register, key)["area"] for key in ("AU", "TH", "EG", "BG")} == {
        "AU": 77,
        "TH": 77,
        "EG": 77,
        "BG": 5,
    }
    assert (
        "country BG, area: was changed here and in the dataset; it stays as it is here"
        in outcome.kept
    )


@pytest.mark.slow
def test_the_command_tells_what_it_did(tmp_path, open_app, sqlite_url):
    shipped = read_dataset("world")
    countries = {key: each for key, each in shipped.records["country"].items() if key != "ZW"}
    countries["TH"] = countries["TH"] | {"area": 1, "population": 1}
    names = {key: each for key, each in shipped.records["names"].items() if key != "ZW"}
    database = open_database(sqlite_url)
    schema.upgrade(database)
    with database.writing() as connection:
        fill(
            connection,
            DatasetFiles(
                "world", "2020.1.0", shipped.records | {"country": countries, "names": names}
            ),
        )
    database.close()
    assert (
        open_app(sqlite_url)
        .test_client()
        .patch("/countries/TH", json={"population": 2})
        .status_code
        == 200
    )
    told = [CliRunner().invoke(main, ["load", "world", "--data", str(tmp_path)]) for _ in range(2)]
    assert [each.exit_code for each in told] == [0, 0]
    assert told[0].output.splitlines() == [
        "country TH, population: was changed here and in the dataset; it stays as it is here",
        f"It held world 2020.1.0. The register holds world {shipped.version}: 2 added, 1 changed, 1 conflicts.",
    ]
    assert (
        told[1].output
        == f"The register holds world {shipped.version}: nothing to change, 0 conflicts.\n"
    )
