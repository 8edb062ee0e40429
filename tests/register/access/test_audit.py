"""The audit log: what it is told, its chain, and what is personal in it forgotten."""

import pytest
import sqlalchemy as sa

from terrafirma.http.app.context import EXTENSION
from terrafirma.register.access import audit, users
from tests.conftest import make_key

WRONG = {"Authorization": "Bearer tf_00000000_" + "A" * 43}


@pytest.fixture
def vault(client):
    """The vault of the app that `client` speaks with."""
    return client.application.extensions[EXTENSION].callers.vault


def read_events(client, admin, since=0):
    """The events that the log tells, with whom they are about."""
    return [
        (row["event"], row.get("about"))
        for row in client.get(f"/audit?since={since}", headers=admin).json
    ]


def test_whatever_changes_rights_is_told(client):
    admin = make_key(client.application, "admin")
    client.post("/keys", json={"role": "editor"}, headers=admin)
    client.post("/keys/2/rotate", json={}, headers=admin)
    client.delete("/keys/2", headers=admin)
    assert read_events(client, admin) == [
        ("key-created", "key:1"), ("key-created", "key:2"), ("key-rotated", "key:2"), ("key-revoked", "key:2"),
    ]  # fmt: skip
    told = client.get("/audit?limit=1&since=1", headers=admin)
    assert told.json[0]["actor"] == "key:1"
    details = told.json[0]["details"]
    assert (details["role"], len(details["row_hash"]), len(details)) == ("editor", 64, 2)
    assert told.headers["Link"] == '</audit?limit=1&since=2>; rel="next"'
    assert client.get("/entries?limit=1").json[0]["actor"].startswith("dataset:")


def test_keys_that_are_not_valid_are_told_a_few_times_a_minute(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    admin = make_key(client.application, "admin")
    for _ in range(20):
        client.get("/countries", headers=WRONG, environ_base={"REMOTE_ADDR": "192.0.2.1"})
    client.get("/countries", headers={"Authorization": "Bearer x"})
    told = client.get("/audit?since=1", headers=admin).json
    assert [row["event"] for row in told] == ["key-refused"] * 6
    assert told[0]["details"] == {"prefix": "tf_00000000"}
    assert told[0]["personal"] == {"address": "192.0.2.1"}
    assert (told[5]["details"], told[5]["personal"]) == ({"prefix": ""}, {"address": "127.0.0.1"})
    assert "actor" not in told[0]


def test_whole_lists_taken_by_those_who_are_known_are_told(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, max_page=100).test_client()
    admin, reader = (make_key(client.application, role) for role in ("admin", "reader"))
    assert len(client.get("/countries?format=csv", headers=reader).data) > 1000
    client.get("/countries?format=csv&limit=5", headers=reader)
    client.get("/countries?format=csv")
    [told] = client.get("/audit?since=2", headers=admin).json
    assert (told["event"], told["actor"]) == ("export", "key:2")
    assert told["details"] == {"path": "/countries", "query": "format=csv"}


def fill(vault):
    """Someone's lines, and someone else's."""
    with vault.writing() as connection:
        for subject in ("ann", "bob"):
            person = users.welcome(
                connection, "https://issuer", subject, f"{subject}@example.org", subject.title()
            )
            told = {"issuer": "https://issuer", "subject": subject, "email": person.email}
            audit.record_event(connection, users.name_user(person.id), "sign-in", personal=told)
            audit.record_event(connection, "", "sign-in-refused", personal=told)
        audit.record_event(connection, "key:1", "nothing-personal")


def check(vault):
    with vault.reading() as connection:
        return audit.verify(connection)


def test_redacted_is_not_broken(client, vault):
    fill(vault)
    assert check(vault)[1:] == (0, [])
    with vault.writing() as connection:
        assert users.redact(connection, "cli", 1) == 2
    head, redacted, faults = check(vault)
    assert (head.number, redacted, faults) == (6, 2, [])
    with vault.reading() as connection:
        for table in ("audit", "people"):
            kept = str(connection.execute(sa.text(f"SELECT * FROM {table}")).all())
            assert "ann" not in kept.lower()
            assert "bob@example.org" in kept
    admin = make_key(client.application, "admin")
    told = client.get("/audit", headers=admin).json
    assert [row.get("personal", "none") for row in told[:2]] == [None, None]
    assert told[2]["personal"]["email"] == "bob@example.org"
    assert "personal" not in told[4]
    [ann, _bob] = client.get("/people", headers=admin).json
    assert (ann["id"], ann["role"], "email" in ann) == (1, None, False)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE audit SET event = 'other' WHERE number = 2", "row 2 is broken: it was altered"),
        (
            "UPDATE audit SET details = '{\"a\":1}' WHERE number = 2",
            "row 2 is broken: it was altered",
        ),
        ("UPDATE audit SET personal_hash = '' WHERE number = 2", "row 2 is broken: it was altered"),
        (
            'UPDATE audit SET personal = \'{"email":"x"}\' WHERE number = 1',
            "what is personal in it was altered",
        ),
        ("DELETE FROM audit WHERE number = 3", "row 3 is missing; row 4 comes next"),
        ("DELETE FROM audit WHERE number = 5", "the head names row 5, but the log ends with row 4"),
        ("UPDATE audit SET hash = '0' WHERE number = 5", "row 5 is broken"),
    ],
)
def test_whatever_else_is_changed_is_found(client, vault, change, fault):
    fill(vault)
    with vault.writing() as connection:
        connection.execute(sa.text(change.replace(":", "\\:")))
    assert fault in "; ".join(check(vault).faults)


def test_what_is_redacted_cannot_be_guessed(client, vault):
    """Equal addresses have different hashes, so nobody finds one by trying."""
    with vault.writing() as connection:
        for _ in range(2):
            audit.record_event(connection, "", "key-refused", personal={"address": "192.0.2.1"})
        hashes = connection.execute(sa.text("SELECT personal_hash FROM audit")).scalars().all()
    assert len(set(hashes)) == 2


def test_the_audit_log_waits_for_no_writer_of_the_register(client, vault):
    with client.application.extensions[EXTENSION].database.writing():
        fill(vault)
        assert client.get("/countries", headers=WRONG).status_code == 401
    assert check(vault).head.number == 6


def test_files_made_of_lists_are_told(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    editor, admin = (make_key(client.application, role) for role in ("editor", "admin"))
    body = {"kind": "country", "format": "csv", "query": "region=Asia"}
    assert client.post("/exports", json=body, headers=editor).status_code == 202
    [told] = client.get("/audit?since=2", headers=admin).json
    assert (told["event"], told["actor"]) == ("export", "key:1")
    assert told["details"] == {"path": "/exports", "kind": "country", "query": "region=Asia"}
