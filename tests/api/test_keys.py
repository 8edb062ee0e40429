"""`/keys` and what a key lets its owner do."""

import pytest

from terrafirma.http.app.context import EXTENSION
from tests.conftest import make_key


@pytest.fixture
def admin(client):
    """Headers with an admin's key."""
    return make_key(client.application, "admin")


def bearer(answer):
    """Headers with the key that an answer shows."""
    assert answer.status_code in (200, 201), answer.json
    return {"Authorization": f"Bearer {answer.json['key']}"}


def who(client, headers):
    """Whom a client is taken for."""
    return {
        name: part
        for name, part in client.get("/me", headers=headers).json.items()
        if name != "limits"
    }


def make(client, admin, **body):
    return bearer(client.post("/keys", json={"role": "editor", **body}, headers=admin))


def test_a_key_is_shown_once_and_works_at_once(client, admin):
    made = client.post(
        "/keys", json={"role": "editor", "note": "CI", "expires": "90d"}, headers=admin
    )
    assert (made.status_code, made.headers["Location"], made.headers["Cache-Control"]) == (
        201,
        "/keys/2",
        "no-store",
    )
    assert made.json["key"].startswith(made.json["prefix"] + "_")
    shown = client.get("/keys/2", headers=admin).json
    assert shown == {name: value for name, value in made.json.items() if name != "key"}
    assert shown == client.get("/keys", headers=admin).json[1]
    assert (shown["role"], shown["note"], shown["created_by"]) == ("editor", "CI", "key:1")
    assert client.post("/countries", json={"name": "X"}, headers=bearer(made)).status_code == 201
    assert who(client, bearer(made)) == {"actor": "key:2", "role": "editor"}


def test_entries_name_the_key(client, admin):
    client.patch("/countries/TH", json={"area": 1}, headers=admin)
    assert client.get("/countries/TH/entries", headers=admin).json[-1]["actor"] == "key:1"


def test_nothing_that_lets_anyone_in_is_kept(client, admin):
    token = make(client, admin)["Authorization"].removeprefix("Bearer ")
    with client.application.extensions[EXTENSION].callers.vault.reading() as connection:
        for table in ("credentials", "audit"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                assert not [
                    value for value in row if isinstance(value, str) and token[12:] in value
                ]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "role", "required"),
        ({"role": "owner"}, "role", "choice"),
        ({"role": "editor", "rolle": 1}, "rolle", "unknown"),
        ({"role": "editor", "note": ""}, "note", "blank"),
        ({"role": "editor", "note": None}, "note", "null"),
        ({"role": "editor", "expires": "soon"}, "expires", "date"),
        ({"role": "editor", "expires": "0d"}, "expires", "date"),
        ({"role": "editor", "expires": "99999999d"}, "expires", "date"),
        ({"role": "editor", "expires": "2020-01-01"}, "expires", "range"),
        ({"role": "editor", "expires": "0001-01-01T00:00:00+23:59"}, "expires", "date"),
        ({"role": "editor", "kinds": ["planet"]}, "kinds", "choice"),
        ({"role": "editor", "kinds": "country"}, "kinds", "type"),
        ({"role": "editor", "countries": ["th"]}, "countries.0", "format"),
        ({"role": "admin", "countries": ["TH"]}, "countries", "mismatch"),
        ({"role": "reader", "kinds": ["country"]}, "kinds", "mismatch"),
    ],
)
def test_what_makes_no_key_is_told_by_field(sqlite_client, body, field, code):
    admin = make_key(sqlite_client.application, "admin")
    answer = sqlite_client.post("/keys", json=body, headers=admin)
    assert answer.status_code == 422
    assert [(detail["field"], detail["code"]) for detail in answer.json["details"]] == [
        (field, code)
    ]
    assert len(sqlite_client.get("/keys", headers=admin).json) == 1


def test_a_rotated_key_keeps_its_id_and_its_old_bits_for_a_while(client, admin):
    old = make(client, admin, countries=["TH"])
    new = bearer(client.post("/keys/2/rotate", json={"overlap_hours": 1}, headers=admin))
    for headers in (old, new):
        assert who(client, headers) == {"actor": "key:2", "role": "editor", "countries": ["TH"]}
    newest = bearer(client.post("/keys/2/rotate", json={"overlap_hours": 0}, headers=admin))
    assert [client.get("/me", headers=each).status_code for each in (old, new, newest)] == [
        401,
        401,
        200,
    ]


def test_a_revoked_key_ends_at_once_with_what_it_was_rotated_from(client, admin):
    old = make(client, admin)
    new = bearer(client.post("/keys/2/rotate", json={}, headers=admin))
    assert client.get("/me", headers=old).status_code == 200
    assert client.delete("/keys/2", headers=admin).status_code == 204
    assert [client.get("/me", headers=each).status_code for each in (old, new)] == [401, 401]
    assert client.delete("/keys/2", headers=admin).status_code == 409
    assert client.post("/keys/2/rotate", json={}, headers=admin).status_code == 409
    assert "revoked" in client.get("/keys/2", headers=admin).json


def test_an_expired_key_is_no_key(client, admin, monkeypatch):
    key = make(client, admin, expires="1h")
    assert client.get("/me", headers=key).status_code == 200
    monkeypatch.setattr("terrafirma.http.app.principals.now", lambda: "9999-01-01T00:00:00.000000Z")
    answer = client.get("/countries/TH", headers=key)
    assert (answer.status_code, answer.json["error"]) == (
        401,
        "This key is not valid here, or no longer.",
    )
    assert client.get("/countries/TH", headers=admin).status_code == 200


@pytest.mark.parametrize(
    "path", ["/keys/0", "/keys/x", "/keys/-1", f"/keys/{10**18}", "/keys/1.0", "/keys/٣"]
)
def test_what_is_no_id_is_no_key(sqlite_client, path):
    assert (
        sqlite_client.get(path, headers=make_key(sqlite_client.application, "admin")).status_code
        == 404
    )


TOKEN = "tf_00000000_" + "A" * 43
HEADERS = [
    "Bearer", "Bearer ", "Bearer x", f"Bearer {TOKEN}", f"Bearer {TOKEN},Bearer x",
    "Bearer " + "tf_" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("header", HEADERS)
def test_what_is_no_key_is_refused_everywhere(sqlite_client, header):
    for path in ("/countries", "/countries/TH", "/health", "/nowhere"):
        answer = sqlite_client.get(path, headers={"Authorization": header})
        assert (answer.status_code, answer.mimetype) == (401, "application/json")
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="terrafirma"'
    asked = {"Authorization": header, "Accept": "application/problem+json"}
    assert (
        sqlite_client.get("/countries", headers=asked).json["type"]
        == "urn:terrafirma:problem:unauthorized"
    )
    assert sqlite_client.head("/countries", headers=asked).data == b""


def test_a_key_that_was_used_says_when(client, admin):
    key = make(client, admin)
    client.get("/countries/TH", headers=key)
    assert "used" not in client.get("/keys/2", headers=admin).json
    client.application.extensions[EXTENSION].callers.usage.flush()
    assert (
        client.get("/keys/2", headers=admin).json["used"]
        > client.get("/keys/2", headers=admin).json["created"]
    )


def write_everything(client, headers, code):
    """What each way of writing a country answers."""
    return [
        client.patch(f"/countries/{code}", json={"area": 5}, headers=headers).status_code,
        client.put(
            "/countries", json=[{"name": "Hers", "alpha2": code}], headers=headers
        ).status_code,
        client.put(f"/countries/{code}", json={"name": "His"}, headers=headers).status_code,
        client.delete(f"/countries/{code}?dependents=remove", headers=headers).status_code,
    ]


def test_a_key_for_countries_writes_those_and_no_other(client, admin):
    key = make(client, admin, countries=["TH", "XY"])
    entries = client.get("/").json["entries"]
    assert write_everything(client, key, "AU") == [403] * 4
    many = [{"name": "Yes", "alpha2": "XY"}, {"name": "No", "alpha2": "XZ"}]
    for body in (many, many[1], {"name": "Nameless"}):
        answer = client.post("/countries", json=body, headers=key)
        assert answer.status_code == 403
    assert answer.json["error"].startswith("This key writes only what belongs to TH, XY; country ")
    assert client.get("/").json["entries"] == entries
    assert client.post("/countries", json=many[0], headers=key).status_code == 201
    assert write_everything(client, key, "TH") == [200, 200, 200, 204]


def test_a_key_for_countries_writes_what_belongs_to_them(client, admin):
    key = make(client, admin, countries=["TH"])
    body = {"name": "Elsewhere", "code": "TH-X1", "country": "TH", "type": "province"}
    made = client.post("/subdivisions", json=body, headers=key)
    assert made.status_code == 201, made.json
    moved = body | {"code": "AU-X1", "country": "AU"}
    assert client.post("/subdivisions", json=moved, headers=key).status_code == 403
    address = f"/subdivisions/{made.json['id']}"
    assert (
        client.patch(address, json={"country": "AU", "code": "AU-X1"}, headers=key).status_code
        == 403
    )
    assert (
        client.post("/groups", json={"name": "Ours", "code": "OURS"}, headers=key).status_code
        == 403
    )
    assert client.delete(address, headers=key).status_code == 204


def test_a_code_that_moves_brings_no_rights(client, admin):
    key = make(client, admin, countries=["TH"])
    assert client.delete("/countries/TH?dependents=remove", headers=key).status_code == 204
    assert client.patch("/countries/AQ", json={"alpha2": "TH"}, headers=key).status_code == 403
    assert client.get("/countries/AQ").json["name"] == "Antarctica"


def test_a_key_for_kinds_writes_those_and_no_other(client, admin):
    names, country = make(client, admin, kinds=["names"]), make(client, admin, kinds=["country"])
    answer = client.patch("/countries/TH", json={"area": 5}, headers=names)
    assert (answer.status_code, answer.json["error"]) == (
        403,
        "This key writes only names, not country.",
    )
    assert client.patch("/countries/TH", json={"area": 5}, headers=country).status_code == 200


def test_an_idempotency_key_is_its_actors_own(client, admin):
    other, once = make(client, admin), {"Idempotency-Key": "once"}
    assert client.post("/countries", json={"name": "One"}, headers=admin | once).status_code == 201
    answer = client.post("/countries", json={"name": "Two"}, headers=other | once)
    assert (answer.status_code, answer.json["name"]) == (201, "Two")
    assert (
        client.post("/countries", json={"name": "One"}, headers=admin | once).json["name"] == "One"
    )


def test_closed_reading_is_private_also_for_what_is_known(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, reads="key", max_age=60).test_client()
    key = make_key(client.application, "reader")
    for path in ("/countries/TH", "/countries", "/openapi.json", "/docs/swagger/page.css"):
        for _ in range(2):
            answer = client.get(path, headers=key)
            assert answer.status_code == 200
            assert "public" not in answer.headers["Cache-Control"]
            assert (
                client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code
                == 401
            )
    assert (
        client.get("/countries/TH", headers=key).headers["Cache-Control"]
        == "max-age=60, must-revalidate, private"
    )
    assert client.get("/health").status_code == 200
    assert client.get("/me").json == {"actor": None, "role": None}
