"""Jobs have the rights and the name of whoever asks now, as they are when the work is done."""

import pytest

from terrafirma.http.app.context import EXTENSION
from terrafirma.register.access import api_keys
from tests.conftest import make_key
from tests.work.test_imports import Desk

FRANCE = "alpha2,population\nFR,7\n"
BOTH = "alpha2,population\nTH,7\nFR,7\n"


@pytest.fixture
def desk(client):
    """A desk whose requests come with keys."""
    return Desk(client)


@pytest.fixture
def keys(desk):
    """Keys: of two editors, and of one for Thailand only."""
    app = desk.client.application
    return {
        "one": make_key(app),
        "other": make_key(app),
        "narrow": make_key(app, kinds=["country"], countries=["TH"]),
    }


def send(desk, method, path, key, data=None):
    """A request with a key."""
    kind = "application/octet-stream" if data else None
    return desk.client.open(path, method=method, data=data, headers=key, content_type=kind)


def try_out(desk, key, data):
    """The id of an import whose dry run is done."""
    return perform(desk, send(desk, "POST", "/imports", key, data))["id"]


def perform(desk, answer):
    """The job of an answer, once a worker has looked at it."""
    assert answer.status_code == 202, answer.json
    desk.worker.perform(answer.json["id"])
    with desk.place.database.reading() as connection:
        job = desk.place.find(answer.json["id"])
    assert connection is not None
    return {"id": job.id, "state": job.state, "errors": job.errors, "actor": job.actor}


def revoke(desk, key):
    """Revoke the key with an id."""
    callers = desk.client.application.extensions[EXTENSION].callers
    with callers.vault.writing() as connection:
        api_keys.revoke(connection, "test", key)


def read(desk, code):
    """A country's population, and who wrote its last entry."""
    last = desk.client.get(f"/countries/{code}/entries").json[-1]
    return desk.client.get(f"/countries/{code}").json["population"], last["actor"]


def test_a_narrow_key_has_no_part_in_jobs_of_others(desk, keys):
    import_ = try_out(desk, keys["one"], FRANCE)
    committed = send(desk, "POST", f"/imports/{import_}/commit", keys["one"]).json["id"]
    assert send(desk, "DELETE", f"/jobs/{committed}", keys["narrow"]).status_code == 403
    assert send(desk, "DELETE", f"/jobs/{committed}", keys["one"]).status_code == 202
    for path in (f"/jobs/{committed}/retry", f"/imports/{import_}/commit"):
        answer = send(desk, "POST", path, keys["narrow"])
        assert answer.status_code == 403
        assert "key:1 asked for this one" in answer.json["error"]
    assert read(desk, "FR")[0] != 7


def test_a_retry_is_done_in_the_name_of_whoever_asks_for_it(desk, keys):
    import_ = try_out(desk, keys["one"], FRANCE)
    committed = send(desk, "POST", f"/imports/{import_}/commit", keys["one"]).json["id"]
    assert send(desk, "DELETE", f"/jobs/{committed}", keys["one"]).status_code == 202
    revoke(desk, 1)
    assert (
        perform(desk, send(desk, "POST", f"/jobs/{committed}/retry", keys["other"]))["state"]
        == "done"
    )
    assert read(desk, "FR") == (7, "key:2")


def test_work_of_a_key_that_was_revoked_meanwhile_is_not_done(desk, keys):
    import_ = try_out(desk, keys["one"], FRANCE)
    answer = send(desk, "POST", f"/imports/{import_}/commit", keys["one"])
    tried = send(desk, "POST", "/imports", keys["one"], FRANCE)
    exported = desk.client.post(
        "/exports", json={"kind": "country", "format": "csv"}, headers=keys["one"]
    )
    revoke(desk, 1)
    for waiting in (answer, tried, exported):
        job = perform(desk, waiting)
        assert job["state"] == "failed"
        assert "key:1 may no longer write here" in job["errors"]
    assert read(desk, "FR")[0] != 7
    # Someone else asks for the same commit: it is done with their rights.
    assert (
        perform(desk, send(desk, "POST", f"/imports/{import_}/commit", keys["other"]))["state"]
        == "done"
    )
    assert read(desk, "FR") == (7, "key:2")


@pytest.mark.parametrize("bad", ["refuse", "skip"])
def test_a_narrow_key_commits_its_own_import_within_its_scope_only(desk, keys, bad):
    import_ = try_out(desk, keys["narrow"], BOTH)
    job = perform(desk, send(desk, "POST", f"/imports/{import_}/commit?bad={bad}", keys["narrow"]))
    assert job["state"] == "failed"
    assert read(desk, "FR")[0] != 7
    assert read(desk, "TH")[0] != 7
    import_ = try_out(desk, keys["narrow"], "alpha2,population\nTH,7\n")
    assert (
        perform(desk, send(desk, "POST", f"/imports/{import_}/commit", keys["narrow"]))["state"]
        == "done"
    )
    assert read(desk, "TH") == (7, "key:3")


def test_work_without_a_key_ends_with_the_first_key(desk):
    job = desk.try_out(FRANCE)
    answer = desk.client.post(f"/imports/{job['id']}/commit")
    make_key(desk.client.application)
    assert perform(desk, answer)["state"] == "failed"
    assert read(desk, "FR")[0] != 7
