"""A register that is copied ready holds what one that is filled record by record holds."""

import stat

import pytest

from terrafirma.dataset import prepared
from terrafirma.dataset.load import read_dataset
from terrafirma.register.log.verification import verify
from terrafirma.register.model.canonical_json import encode
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.schema import read_property
from terrafirma.storage.register.entries import scan_entries


@pytest.fixture
def ready(world_file, monkeypatch):
    monkeypatch.setattr(prepared, "prepared_file", lambda: world_file)
    return world_file


def test_it_holds_every_record_and_is_sound(ready, sqlite_url):
    prepared.place_world(sqlite_url, "world")
    database = open_database(sqlite_url)
    with database.reading() as connection:
        rows = [row for batch in scan_entries(connection) for row in batch]
        _, faults = verify(connection)
        dataset = read_property(connection, "dataset")
    database.close()
    world = read_dataset("world")
    records = [(kind, each) for kind, own in world.records.items() for each in own.values()]
    assert dataset == f"world {world.version}"
    assert faults == []
    assert [(row.kind, row.id, row.after) for row in rows if row.kind != "dataset"] == [
        (kind, each["id"], encode(each).decode()) for kind, each in records
    ]


def test_only_its_owner_may_read_it(ready, sqlite_url, tmp_path):
    prepared.place_world(sqlite_url, "world")
    [file] = tmp_path.iterdir()
    assert file.name == "register.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_register_that_is_there_stays(ready, sqlite_url, tmp_path):
    (tmp_path / "register.sqlite").write_bytes(b"mine")
    prepared.place_world(sqlite_url, "world")
    assert (tmp_path / "register.sqlite").read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("url", "dataset"),
    [("", "starter"), ("postgresql://localhost/x", "world"), ("mysql://localhost/x", "world")],
)
def test_other_registers_are_filled(ready, sqlite_url, tmp_path, monkeypatch, url, dataset):
    monkeypatch.chdir(tmp_path)
    prepared.place_world(url or sqlite_url, dataset)
    assert not list(tmp_path.iterdir())


def test_without_a_ready_file_registers_are_filled(sqlite_url, tmp_path, monkeypatch):
    monkeypatch.setattr(prepared, "prepared_file", lambda: tmp_path / "missing.sqlite")
    prepared.place_world(sqlite_url, "world")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", ["dataset/data/x.json", "register/log/x.py", "storage/x.py"])
def test_another_dataset_or_code_is_another_file(tmp_path, monkeypatch, path):
    monkeypatch.setattr(prepared, "PACKAGE", tmp_path)
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text("one")
    before = prepared.fingerprint.__wrapped__()
    file.write_text("two")
    assert prepared.fingerprint.__wrapped__() != before
