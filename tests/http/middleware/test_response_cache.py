"""The hot cache: never behind a write, never across days, never over its capacity."""

from datetime import UTC, datetime, timedelta

import pytest

from terrafirma.http.middleware import response_cache
from terrafirma.http.middleware.response_cache import ResponseCache
from terrafirma.register.model import clock


class Known:
    """A revision that changes when told."""

    def __init__(self):
        self.token = b"1"

    def read(self):
        return self.token

    known = read

    def bump(self):
        self.token += b"1"


class App:
    """A WSGI app that counts its calls; `/hot/…` may be kept."""

    def __init__(self):
        self.calls = 0

    def __call__(self, environ, start_response):
        self.calls += 1
        environ[response_cache.HOT] = environ["PATH_INFO"].startswith("/hot")
        start_response(
            "200 OK", [("ETag", f'"{self.calls}"'), ("Content-Type", "text/plain"), ("X-Own", "1")]
        )
        return [b"x" * 500, str(self.calls).encode()]


def ask(cache, path="/hot", method="GET", **headers):
    """Status line, header names and body of an answer."""
    told = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", **headers}
    body = b"".join(cache(environ, lambda *answer: told.append(answer)))
    assert len(told) == 1
    return told[0][0], dict(told[0][1]), body


@pytest.fixture
def move_clock(monkeypatch):
    """Move the server's clock: `move_clock(days)`."""

    def move(days):
        shift = timedelta(days)
        monkeypatch.setattr(clock, "moment", lambda: datetime.now(UTC) + shift)
        monkeypatch.setattr(response_cache, "time", (datetime.now(UTC) + shift).timestamp)

    return move


def test_a_known_answer_is_given_again_without_the_app():
    app = App()
    cache = ResponseCache(app, Known(), 10_000)
    assert ask(cache) == ask(cache)
    assert app.calls == 1
    assert ask(cache, "/cold") != ask(cache, "/cold")


def test_a_commit_forgets_everything():
    app, revision = App(), Known()
    cache = ResponseCache(app, revision, 10_000)
    first = ask(cache)
    revision.bump()
    assert ask(cache) != first


def test_what_an_answer_depends_on_is_part_of_its_name():
    app = App()
    cache = ResponseCache(app, Known(), 100_000)
    asked = [{}, {"path": "/hot/2"}, {"QUERY_STRING": "a=1"}, {"HTTP_ACCEPT": "text/html"}]
    assert len({ask(cache, **one)[2] for one in asked}) == len(asked)
    assert app.calls == len(asked)


def test_only_reading_is_answered_from_the_cache():
    app = App()
    cache = ResponseCache(app, Known(), 10_000)
    ask(cache)
    for method in ("HEAD", "POST", "OPTIONS"):
        ask(cache, method=method)
    assert app.calls == 4


def test_304_comes_from_the_cache_without_what_describes_a_body():
    app = App()
    cache = ResponseCache(app, Known(), 10_000)
    _, headers, _ = ask(cache)
    status, unchanged, body = ask(cache, HTTP_IF_NONE_MATCH=headers["ETag"])
    assert (status[:3], body, app.calls) == ("304", b"", 1)
    assert unchanged == {"ETag": headers["ETag"], "X-Own": "1"}


def test_what_is_kept_stays_within_the_capacity():
    app = App()
    cache = ResponseCache(app, Known(), 10_000)
    for number in range(100):
        ask(cache, f"/hot/{number}")
        assert cache._shelf.size <= 10_000
        assert sum(answer.size for answer in cache._shelf.answers.values()) == cache._shelf.size
    assert len(cache._shelf.answers) == 6
    ask(cache, "/hot/99")
    assert app.calls == 100
    ask(cache, "/hot/0")
    assert app.calls == 101


@pytest.mark.parametrize("capacity", [0, 1000])
def test_what_does_not_fit_is_not_kept(capacity):
    app = App()
    cache = ResponseCache(app, Known(), capacity)
    ask(cache)
    ask(cache)
    assert app.calls == 2
    assert not cache._shelf.answers


def test_a_write_is_seen_by_the_next_read(client):
    for area in range(1, 6):
        client.get("/countries/TH")
        client.get("/countries")
        assert client.patch("/countries/TH", json={"area": area}).status_code == 200
        assert client.get("/countries/TH").json["area"] == area
        assert client.get("/countries").json[0]["area"] == area


def test_two_apps_on_one_register_see_each_others_writes(open_app, world_url):
    one, two = (open_app(world_url).test_client() for _ in range(2))
    for area in range(1, 6):
        writer, reader = (one, two) if area % 2 else (two, one)
        assert reader.get("/countries/TH").status_code == 200
        etag = reader.get("/countries/TH").headers["ETag"]
        assert writer.patch("/countries/TH", json={"area": area}).status_code == 200
        assert reader.get("/countries/TH", headers={"If-None-Match": etag}).json["area"] == area
        assert reader.get("/countries?fields=area&limit=1").json == [{"area": area}]


def test_facts_take_effect_with_the_day(client, move_clock):
    assert (
        client.patch(
            "/countries/TH?effective=2200-01-01", json={"capital": "Ayutthaya"}
        ).status_code
        == 200
    )
    assert client.get("/countries/TH").json["capital"] == "Bangkok"
    assert client.get("/countries").json[0]["capital"] == "Bangkok"
    until = (datetime(2200, 1, 1, tzinfo=UTC).date() - datetime.now(UTC).date()).days
    move_clock(until - 1)
    assert client.get("/countries/TH").json["capital"] == "Bangkok"
    move_clock(until)
    assert client.get("/countries/TH").json["capital"] == "Ayutthaya"
    assert client.get("/countries").json[0]["capital"] == "Ayutthaya"
    move_clock(0)
    assert client.get("/countries/TH").json["capital"] == "Bangkok"


def test_countries_begin_and_end_with_the_day(client, move_clock):
    assert (
        client.patch("/countries/TH", json={"to": "2200", "successors": ["QQ"]}).status_code == 200
    )
    body = {"name": "Atlantis", "alpha2": "QQ", "from": "2200", "predecessors": ["TH"]}
    assert client.post("/countries", json=body).status_code == 201
    until = (datetime(2200, 1, 1, tzinfo=UTC).date() - datetime.now(UTC).date()).days
    for days, first in (
        (0, "Thailand"),
        (until - 1, "Thailand"),
        (until, "Australia"),
        (0, "Thailand"),
    ):
        move_clock(days)
        for _ in range(2):
            listed = [country["name"] for country in client.get("/countries?fields=name").json]
            assert (listed[0], "Atlantis" in listed) == (first, days == until)


def test_cached_answers_are_those_of_the_app(open_app, sqlite_world_url):
    warm, cold = (
        open_app(sqlite_world_url).test_client(),
        open_app(sqlite_world_url, hot_cache=0).test_client(),
    )
    for path in (
        "/countries",
        "/countries/TH",
        "/countries?fields=name&limit=3",
        "/",
        "/entries?limit=2",
        "/nowhere",
    ):
        for headers in ({}, {"Accept": "application/problem+json"}, {"If-None-Match": '"x"'}):
            answers = [client.get(path, headers=headers) for client in (warm, warm, cold)]
            seen = [
                (
                    answer.status,
                    answer.data,
                    {k: v for k, v in answer.headers if k not in ("X-Request-Id", "Date")},
                )
                for answer in answers
            ]
            assert seen[0] == seen[1] == seen[2]


def test_every_answer_has_a_request_id_of_its_own_or_the_clients(sqlite_client):
    ids = [sqlite_client.get("/countries/TH").headers["X-Request-Id"] for _ in range(3)]
    assert len(set(ids)) == 3
    given = sqlite_client.get("/countries/TH", headers={"X-Request-Id": "abc-12345"})
    assert given.headers["X-Request-Id"] == "abc-12345"


HEADERS = {
    "Host": "evil.example",
    "Origin": "https://evil.example",
    "Referer": "https://evil.example/",
    "Forwarded": "host=evil.example;proto=https",
    "Via": "1.1 evil.example",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "198.51.100.1",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Real-IP": "198.51.100.1",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-HTTP-Method-Override": "DELETE",
    "X-Request-Id": "evil-request-1",
    "X-Requested-With": "evil",
    "User-Agent": "Mozilla/5.0 evil",
    "Cookie": "lang=evil; terrafirma_entry=1; theme=evil",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Cache-Control": "no-cache",
    "Content-Type": "text/evil",
    "Accept-Charset": "utf-7",
    "Save-Data": "on",
    "Prefer": "return=evil",
}
"""27 headers that the key of the cache does not have."""
MORE_PATHS = (
    "/countries/TH",
    "/countries/TH?fields=*",
    "/countries?region=Asia&limit=2",
    "/groups/EU/members",
    "/explore/TH",
    "/explore/groups/EU",
    "/flags/th.svg",
    "/v3.1/alpha/th",
    "/v2/alpha/th",
    "/v3.1/name/thai?fields=name,flags",
)
ENDLESS = ("/entries/stream", "/metrics", "/ready")


def describe(answer):
    """Status, headers and body of an answer, without its own id."""
    return answer.status_code, {**answer.headers, "X-Request-Id": ""}, answer.data


def test_kept_answers_depend_on_no_header_that_their_key_lacks(open_app, sqlite_world_url):
    settings = {"limit_requests": 0, "proxies": "192.0.2.1"}
    fresh = open_app(sqlite_world_url, hot_cache=0, **settings).test_client()
    app = open_app(sqlite_world_url, **settings)
    client, rules = app.test_client(), app.url_map.iter_rules()
    plain = [rule.rule for rule in rules if "GET" in rule.methods and not rule.arguments]
    differ = []
    for path in (*plain, *MORE_PATHS):
        if path in ENDLESS:
            continue
        expected = fresh.get(path)
        for headers in (HEADERS, {"Host": "evil.example"}):
            client.get(path, headers=headers)
            got = client.get(path)
            if describe(got) != describe(expected):
                differ.append(path)
    assert differ == []
