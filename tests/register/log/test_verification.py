"""Whatever is altered in the log or in what follows from it is found, and named."""

import re
import shutil
from contextlib import ExitStack, closing

import pytest
import sqlalchemy as sa

from terrafirma.config import Settings
from terrafirma.dataset.load import fill, prepare, read_dataset
from terrafirma.errors import ConfigurationError
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.log.history import GENESIS, Draft, append
from terrafirma.register.log.verification import (
    Checkpoint,
    compare_checkpoint,
    read_checkpoint,
    take_checkpoint,
    verify,
)
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.tables import LATEST
from terrafirma.storage.register.backup import clear_contents
from terrafirma.storage.register.entries import read_head
from tests.conftest import close_app, fresh_database


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def written(request, tmp_path_factory):
    """A small register with a little history, closed, and the number of Thailand's second entry after the first."""
    folder = tmp_path_factory.mktemp("written")
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'small.sqlite'}"
        if request.param == "postgresql":
            server = request.getfixturevalue("postgresql_server")
            url = stack.enter_context(fresh_database(server))
        yield url, write_history(url, folder)


def write_history(url, folder):
    """Fill a register and change it; the number of the entry of the first change."""
    with closing(open_database(url)) as database:
        prepare(database, "starter")
    app = create_app(Settings(data=folder, database_url=url, log="none"))
    client = app.test_client()
    changed = client.get("/").json["entries"] + 2
    client.patch("/countries/1", json={"area": 1})
    client.patch("/countries/1", json={"area": 2})
    client.patch("/countries/1?effective=2020", json={"area": 3})
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    client.delete("/countries/QQ")
    assert check(app.extensions[EXTENSION].database) == []
    assert client.get("/").json["entries"] == changed + 3
    close_app(app)
    return changed


@pytest.fixture
def database_url(request, written, sqlite_url):
    """The URL of a copy of it."""
    url, _ = written
    if url.startswith("sqlite"):
        shutil.copyfile(url.removeprefix("sqlite:///"), sqlite_url.removeprefix("sqlite:///"))
        yield sqlite_url
        return
    server = request.getfixturevalue("postgresql_server")
    with fresh_database(server, url.rpartition("/")[2]) as copy:
        yield copy


@pytest.fixture
def register(database_url, written):
    """The database of a copy, and the number of the entry."""
    database = open_database(database_url)
    yield database, written[1]
    database.close()


def check(database):
    with database.reading() as connection:
        return verify(connection)[1]


def tamper(database, *statements):
    with (
        database.engine.execution_options(writing=True).connect() as connection,
        connection.begin(),
    ):
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount >= 1, statement


@pytest.mark.parametrize(
    "change",
    [
        "at = '2000-01-01T00:00:00.000000Z'",
        "actor = 'someone'",
        "action = 'replace'",
        "kind = 'subdivision'",
        "id = 2",
        "shape = 7",
        "before = replace(before, 'Bangkok', 'Elsewhere')",
        "after = replace(after, 'Bangkok', 'Elsewhere')",
        "after = NULL",
        "before = NULL",
        "after = 'junk'",
        "after = '[]'",
        "after = '{\"id\"\\:1}'",
        "payload_hash = previous",
        "previous = payload_hash",
        "hash = previous",
    ],
)
def test_an_altered_entry_is_named(register, change):
    database, changed = register
    tamper(database, f"UPDATE entries SET {change} WHERE number = {changed}")
    assert any(f"entry {changed} " in fault for fault in check(database))


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_dropped_entry_is_named(register, place):
    database, changed = register
    number = {"first": 1, "middle": changed, "last": changed + 3}[place]
    tamper(database, f"DELETE FROM entries WHERE number = {number}")
    assert any(re.search(rf"entry {number}\b", fault) for fault in check(database))


def test_an_emptied_log_is_found(register):
    database, _ = register
    tamper(database, "DELETE FROM entries")
    assert check(database)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (-1, 2), (0, 3)])
def test_reordered_entries_are_named(register, one, other):
    database, changed = register
    first, second = changed + one, changed + other
    tamper(
        database,
        f"UPDATE entries SET number = -1 WHERE number = {first}",
        f"UPDATE entries SET number = {first} WHERE number = {second}",
        f"UPDATE entries SET number = {second} WHERE number = -1",
    )
    assert any(f"entry {first} " in fault for fault in check(database))


def test_an_appended_forgery_is_found(register):
    database, changed = register
    tamper(
        database,
        "INSERT INTO entries (number, at, actor, action, kind, id, before, after, shape, payload_hash, previous, hash) "
        f"SELECT {changed + 4}, at, actor, action, kind, id, before, after, shape, payload_hash, hash, hash "
        f"FROM entries WHERE number = {changed + 3}",
    )
    assert any(f"entry {changed + 4}" in fault for fault in check(database))


@pytest.mark.parametrize("change", ["number = 1", "number = 999", "hash = 'x'", "at = '2000'"])
def test_an_altered_head_is_found(register, change):
    database, _ = register
    tamper(database, f"UPDATE head SET {change}")
    assert any("head" in fault for fault in check(database))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE versions SET document = replace(document, 'Thailand', 'Siam') WHERE id = 1 AND entry_from = {number}",
        "UPDATE versions SET valid_from = '1900-01-01' WHERE valid_from < '1900' AND id = 1 AND entry_from = {number}",
        "UPDATE versions SET valid_to = '2900-01-01' WHERE valid_to > '2900' AND id = 1 AND entry_from = {number}",
        "UPDATE versions SET entry_to = entry_to - 1 WHERE id = 1 AND entry_from = {number}",
        "DELETE FROM versions WHERE id = 1 AND entry_from = {number}",
        "UPDATE keys SET key = 'siam' WHERE id = 1 AND field = 'name' AND entry_from = {number}",
        "DELETE FROM keys WHERE id = 1 AND field = 'name' AND entry_from = {number}",
        "DELETE FROM terms WHERE id = 1 AND entry_from = {number}",
    ],
)
@pytest.mark.parametrize("current", [False, True])
def test_a_row_that_does_not_follow_is_found_and_its_record_named(register, change, current):
    database, changed = register
    number = changed + 1 if current else changed
    tamper(database, change.format(number=number))
    assert any("country 1 " in fault and f"entry {number}" in fault for fault in check(database))


def test_a_record_without_an_entry_is_found(register):
    database, _ = register
    tamper(
        database,
        "INSERT INTO versions (kind, id, entry_from, valid_from, entry_to, valid_to, document) "
        "SELECT kind, 999, 900, valid_from, entry_to, valid_to, document FROM versions WHERE id = 2",
    )
    assert any("country 999 " in fault for fault in check(database))


@pytest.mark.parametrize("table", ["versions", "keys"])
def test_a_row_made_current_again_is_found(register, table):
    database, changed = register
    tamper(
        database,
        f"UPDATE {table} SET entry_to = {LATEST} WHERE kind = 'country' AND id = 1 AND entry_to = {changed}",
    )
    assert any("country 1 " in fault for fault in check(database))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE origins SET document = replace(document, 'Bangkok', 'Elsewhere') WHERE id = 1",
        "UPDATE origins SET id = 9 WHERE id = 1",
        "UPDATE origins SET dataset_key = 'Siam' WHERE id = 1",
        "UPDATE origins SET dataset_version = '1'",
        "DELETE FROM origins WHERE id = 2",
        "INSERT INTO origins SELECT 'names', dataset_key, id, dataset_version, document FROM origins WHERE id = 2",
    ],
)
def test_what_the_dataset_said_is_vouched_for(register, change):
    database, _ = register
    tamper(database, change)
    assert any("what the dataset said" in fault for fault in check(database))


def test_another_dataset_is_found(register):
    database, _ = register
    tamper(database, "UPDATE properties SET value = 'world 1' WHERE name = 'dataset'")
    assert any("names another dataset" in fault for fault in check(database))


SWAPPED = {
    "versions": "document",
    "keys": "key",
    "terms": "text",
    "entries": "after",
    "origins": "document",
}
"""Of each table a column in which two rows differ."""


@pytest.mark.parametrize("table", SWAPPED)
def test_two_rows_of_any_table_that_change_places_are_found(register, table):
    database, _ = register
    column = SWAPPED[table]
    with database.writing() as connection:
        first, last = connection.execute(
            sa.text(f"SELECT min({column}), max({column}) FROM {table}")
        ).one()
        assert first != last
        one, other = "CAST(:first AS text)", "CAST(:last AS text)"
        swapped = f"CASE {column} WHEN {one} THEN {other} WHEN {other} THEN {one} ELSE {column} END"
        connection.execute(
            sa.text(f"UPDATE {table} SET {column} = {swapped}"), {"first": first, "last": last}
        )
    assert check(database)


def checkpoint(database):
    with database.reading() as connection:
        return read_checkpoint(encode(take_checkpoint(read_head(connection))))


def compare(database, kept):
    with database.reading() as connection:
        return compare_checkpoint(connection, kept)


def cut_off(database, number):
    """Take out the last entries and all that followed from them, as one who knows how would."""
    following = ("versions", "keys", "terms")
    tamper(
        database,
        f"DELETE FROM entries WHERE number > {number}",
        *(f"DELETE FROM {table} WHERE entry_from > {number}" for table in following),
        *(
            f"UPDATE {table} SET entry_to = {LATEST} WHERE entry_to > {number}"
            for table in following[:2]
        ),
        f"UPDATE head SET number = {number}, at = (SELECT at FROM entries WHERE number = {number}), "
        f"hash = (SELECT hash FROM entries WHERE number = {number})",
    )


def test_only_a_checkpoint_finds_a_tail_that_was_cut_off_well(register):
    database, changed = register
    kept = checkpoint(database)
    assert compare(database, kept) == []
    cut_off(database, changed)
    assert check(database) == []
    assert compare(database, kept) == [
        f"the log ends with entry {changed}, but had {kept.entries} when the checkpoint was taken"
    ]


def test_only_a_checkpoint_finds_a_log_that_was_written_anew(register):
    database, _ = register
    kept = checkpoint(database)
    with database.writing() as connection:
        clear_contents(connection)
        fill(connection, read_dataset("starter"))
        drafts = [
            Draft("create", "country", 90 + n, None, {"id": 90 + n, "name": f"N{n}"})
            for n in range(9)
        ]
        append(connection, "local", drafts)
    assert check(database) == []
    assert compare(database, kept) == [
        f"entry {kept.entries} is not the one of the checkpoint: the log was written anew"
    ]


def test_a_log_that_went_on_agrees_with_every_checkpoint(register):
    database, _ = register
    kept = checkpoint(database)
    with database.writing() as connection:
        append(connection, "local", [Draft("create", "country", 99, None, {"id": 99, "name": "N"})])
    assert compare(database, kept) == []
    assert compare(database, Checkpoint(0, GENESIS, "")) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "[]",
        "{}",
        '{"entries":1}',
        '{"entries":"1","hash":"x"}',
        '{"entries":-1,"hash":"x"}',
        "null",
    ],
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(ConfigurationError, match="GET /checkpoint"):
        read_checkpoint(text)


def test_keys_of_an_older_schema_are_written_anew(register, open_app, database_url):
    database, _ = register
    client = open_app(database_url).test_client()
    long = {"note": "Ünder " * 100, "part": {"as": ["d’où", "x" * 501]}, "flat": "x’" * 400}
    client.patch("/countries/1", json={"name": "Côte d’Azur", "extra": long})
    client.patch("/countries/2", json={"extra": {"short": "l’eau"}})
    database.close()
    tamper(
        database,
        "UPDATE keys SET key = 'côte d’azur' WHERE key = 'côte d''azur'",
        "UPDATE terms SET key = replace(substr(key, 1, 501), '''', '’') WHERE key LIKE 's%'",
    )
    with (
        database.engine.execution_options(writing=True).connect() as connection,
        connection.begin(),
    ):
        connection.execute(sa.text("DROP INDEX terms_long"))
        connection.execute(sa.text("ALTER TABLE terms DROP COLUMN whole"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0005'"))
    schema.upgrade(database)
    assert check(database) == []
