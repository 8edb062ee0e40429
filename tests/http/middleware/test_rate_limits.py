"""How much is taken of one key or address, and what an answer says of it."""

import pytest

from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.rate_limits import MOST, Meter, name_address
from terrafirma.storage.auth import rate_counters
from tests.conftest import make_key

ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
OTHER = {"environ_base": {"REMOTE_ADDR": "192.0.2.2"}}


@pytest.fixture(autouse=True)
def minute(monkeypatch):
    """A clock that stands still, twenty seconds before the next minute, until a test sets it."""
    clock = {"now": 6_000_000_040.0}
    monkeypatch.setattr("terrafirma.http.app.rate_limits.time", lambda: clock["now"])
    monkeypatch.setattr("terrafirma.storage.auth.rate_counters.time", lambda: clock["now"])
    return clock


def test_requests_of_an_address_are_limited_also_where_the_answer_is_known(
    open_app, sqlite_world_url, minute
):
    client = open_app(sqlite_world_url, limit_requests=3).test_client()
    for left in (2, 1, 0):
        answer = client.get("/countries/TH", **ELSEWHERE)
        assert (answer.status_code, answer.headers["RateLimit-Policy"]) == (
            200,
            '"requests";q=3;w=60',
        )
        assert answer.headers["RateLimit"] == f'"requests";r={left};t=21'
    for path in ("/countries/TH", "/health", "/nowhere", "/v3.1/all"):
        answer = client.get(path, **ELSEWHERE)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "21")
        words = {"error": "More than 3 requests within a minute; try again in 21 s."}
        own = {"status": 429, "message": "Too Many Requests"}
        assert answer.json == (own if path.startswith("/v3.1") else words)
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get("/countries/TH", **OTHER).status_code == 200
    minute["now"] += 20
    assert client.get("/countries/TH", **ELSEWHERE).headers["RateLimit"] == '"requests";r=2;t=61'


def test_this_machine_is_not_limited(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, limit_requests=1).test_client()
    answers = [client.get("/countries/TH") for _ in range(5)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit" not in answers[0].headers


def test_a_key_has_a_limit_of_its_own_wherever_it_is_used(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url, limit_requests=2)
    client, key = app.test_client(), make_key(app, "reader")
    assert [client.get("/countries/TH", headers=key, **each).status_code for each in (ELSEWHERE, OTHER, {})] == [
        200, 200, 429,
    ]  # fmt: skip
    assert client.get("/countries/TH", **ELSEWHERE).status_code == 200
    admin = make_key(app, "admin")
    made = client.post("/keys", json={"role": "reader", "requests": 4}, headers=admin).json
    more = {"Authorization": f"Bearer {made['key']}"}
    assert [client.get("/countries/TH", headers=more).status_code for _ in range(5)] == [
        200
    ] * 4 + [429]


def test_writes_of_a_key_are_limited_across_processes(open_app, world_url):
    apps = [open_app(world_url, limit_writes=3) for _ in range(2)]
    key, admin = make_key(apps[0]), make_key(apps[0], "admin")
    clients = [app.test_client() for app in apps] * 3
    answers = [
        client.patch("/countries/TH", json={"area": 5}, headers=key) for client in clients[:5]
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["RateLimit"] for answer in answers[:3]] == [
        f'"writes";r={left};t=20' for left in (2, 1, 0)
    ]
    assert answers[3].headers["Retry-After"] == "20"
    client = apps[1].test_client()
    assert client.get("/jobs", headers=key).status_code == 200, "nothing is written by asking"
    assert client.patch("/countries/TH", json={"area": 6}, headers=admin).status_code == 200
    assert client.get("/me", headers=key).json["limits"] == {
        "requests": {"limit": 6000, "left": 5996, "seconds": 21},
        "writes": {"limit": 3, "left": -2, "seconds": 20},
    }


def test_writes_without_a_key_are_not_limited(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, limit_writes=1).test_client()
    assert [
        client.patch("/countries/TH", json={"area": each}).status_code for each in range(3)
    ] == [200] * 3
    assert client.get("/me").json == {"actor": "local", "role": "editor"}


def test_keys_that_are_not_valid_are_limited_across_processes_and_shut_no_valid_one_out(
    open_app, world_url
):
    apps = [open_app(world_url, limit_failures=3) for _ in range(2)]
    key, wrong = make_key(apps[0]), {"Authorization": "Bearer tf_00000000_" + "A" * 43}
    told = [
        apps[number % 2].test_client().get("/countries/TH", headers=wrong, **ELSEWHERE)
        for number in range(6)
    ]
    assert [answer.status_code for answer in told] == [401, 401, 401, 429, 429, 429]
    assert told[3].json == {
        "error": "More than 3 keys that are not valid within a minute; try again in 20 s."
    }
    client = apps[0].test_client()
    assert client.get("/countries/TH", headers=key, **ELSEWHERE).status_code == 200
    assert client.get("/countries/TH", headers=wrong, **OTHER).status_code == 401


def test_beyond_the_limit_failures_are_not_written(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url, limit_failures=3)
    client, wrong = app.test_client(), {"Authorization": "Bearer x"}
    for _ in range(10):
        client.get("/countries/TH", headers=wrong)
    assert rate_counters.peek(app.extensions[EXTENSION].callers.vault, "failures:127.0.0.1") == 4


def test_counts_of_other_minutes_go(open_app, sqlite_world_url, minute):
    vault = open_app(sqlite_world_url).extensions[EXTENSION].callers.vault
    for _ in range(3):
        assert rate_counters.count(vault, "x") == 1
        minute["now"] += 60
    with vault.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM counters").scalar() == 2


def test_no_limit_is_zero(open_app, sqlite_world_url):
    client = open_app(
        sqlite_world_url, limit_requests=0, limit_writes=0, limit_failures=0
    ).test_client()
    key = make_key(client.application)
    assert (
        "RateLimit"
        not in client.patch("/countries/TH", json={"area": 1}, headers=key, **ELSEWHERE).headers
    )
    wrong = {"Authorization": "Bearer x"}
    assert {client.get("/countries/TH", headers=wrong).status_code for _ in range(70)} == {401}


def test_a_meter_does_not_grow_without_end():
    meter = Meter()
    for number in range(MOST + 10):
        quota = meter.acquire(str(number), 5)
    assert quota.left < 0
    assert meter.acquire("1", 5).left == 3


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_addresses_of_one_customer_count_as_one(address, name):
    assert name_address(address) == name
