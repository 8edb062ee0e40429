"""A register of the first version: upgrading keeps edits, ids, entries and hashes; a dry run keeps the register."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from tests.operations.processes import run_here

OLD = Path(__file__).with_name("register-0.1.sql")
HEAD = "51c7a9dd0493fd3b5effa2092a8b4333619a8d7a375699c1200e672c3b43eb78"
NAMES = ["Thailand", "Australia", "Egypt", "Elbonia"]


@pytest.fixture
def old_data(tmp_path: Path) -> Path:
    """A data directory as the first version left it."""
    with closing(sqlite3.connect(tmp_path / "starter.sqlite")) as connection:
        connection.executescript(OLD.read_text())
    return tmp_path


def read_schema(data: Path) -> str | None:
    """The schema of the register in a data directory."""
    with (
        closing(open_database(f"sqlite:///{data / 'starter.sqlite'}")) as database,
        database.reading() as connection,
    ):
        return schema.current(connection)


def test_a_dry_run_tries_the_upgrade_and_undoes_it(old_data: Path) -> None:
    tried = run_here("upgrade", "--dry-run", "--starter", "--data", old_data)
    assert tried.exit_code == 0, tried.output
    assert "schema 0002; to do: 0003_jobs, " in tried.output
    assert "10 entries, unbroken; it is undone" in tried.output
    assert read_schema(old_data) == "0002"


def test_a_dry_run_finds_what_an_upgrade_would_carry_on(old_data: Path) -> None:
    with closing(sqlite3.connect(old_data / "starter.sqlite")) as connection:
        connection.execute("UPDATE entries SET after = replace(after, 'Sydney', 'Perth')")
        connection.commit()
    tried = run_here("upgrade", "--dry-run", "--starter", "--data", old_data)
    assert tried.exit_code == 1
    assert "entry 6" in tried.output
    assert read_schema(old_data) == "0002"


def test_an_upgrade_keeps_everything(old_data: Path, open_app) -> None:
    assert run_here("upgrade", "--starter", "--data", old_data).exit_code == 0
    assert read_schema(old_data) == schema.newest()
    client = open_app("", dataset="starter").test_client()
    found = client.get("/countries").json
    assert [country["name"] for country in found] == NAMES
    assert [country["id"] for country in found] == [1, 2, 3, 4]
    assert client.get("/checkpoint").json["hash"] == HEAD
    assert [row["area"] for row in client.get("/countries?as_of=4").json] == [
        513120,
        7617930,
        1010408,
        12345,
    ]
    assert client.get("/countries/3?on=2019-12-31").json["capital"] == "Cairo"
    assert client.get("/countries/3?on=2020-01-01").json["capital"] == "Alexandria"
    # Ids of deleted records are not given again.
    assert client.post("/countries", json={"name": "Mu"}).json["id"] == 6


def test_a_server_upgrades_when_it_starts(old_data: Path, open_app) -> None:
    answer = open_app("", dataset="starter").test_client().get("/countries/4")
    assert answer.json["capital"] == "Upper Mudville"
    assert read_schema(old_data) == schema.newest()
    verified = run_here("verify", "--starter", "--data", old_data)
    assert verified.exit_code == 0, verified.output
    assert f"10 entries, unbroken; head {HEAD}" in verified.output


def test_there_is_nothing_to_upgrade_where_there_is_no_register(tmp_path: Path) -> None:
    missing = run_here("upgrade", "--data", tmp_path / "nowhere")
    assert missing.exit_code == 1
    assert "There is no register" in missing.output
    assert not (tmp_path / "nowhere").exists()
