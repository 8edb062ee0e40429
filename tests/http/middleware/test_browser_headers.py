"""What answers tell browsers, whose word of a sender is taken, and which host names are answered to."""

import pytest

from terrafirma.http.app.context import EXTENSION
from terrafirma.http.response.assets import CONTENT_SECURITY
from tests.conftest import make_key

APP = "https://app.example.org"
PATHS = ["/", "/countries", "/countries/TH", "/countries/TH/entries", "/docs/swagger", "/docs/swagger/page.css",
         "/openapi.json", "/health", "/me", "/nowhere", "/keys", "/v3.1/alpha/TH", "/countries?x=1"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_says_what_it_is_not(sqlite_client, path):
    for _ in range(2):
        headers = sqlite_client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        page = headers["Content-Type"].startswith("text/html")
        assert headers["Content-Security-Policy"] == (
            CONTENT_SECURITY if page else "default-src 'none'; frame-ancestors 'none'"
        )
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert ("Referrer-Policy" in headers) == page
        assert headers.get("Access-Control-Allow-Origin") == (None if path == "/keys" else "*")
        assert headers["Access-Control-Expose-Headers"] == "*"
        assert "Access-Control-Allow-Credentials" not in headers
        assert "Strict-Transport-Security" not in headers
        assert "Server" not in headers


def test_refusals_at_the_gate_say_so_too(sqlite_client):
    headers = sqlite_client.get("/countries", headers={"Authorization": "Bearer x"}).headers
    assert (headers["X-Content-Type-Options"], headers["Access-Control-Allow-Origin"]) == (
        "nosniff",
        "*",
    )
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_a_secure_address_is_the_only_way_back(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, public_url="https://countries.example.org").test_client()
    for _ in range(2):
        assert (
            client.get("/countries/TH").headers["Strict-Transport-Security"] == "max-age=31536000"
        )


def ask(client, method, origin=APP, path="/countries"):
    """A browser's question whether a page may send something."""
    return client.options(
        path, headers={"Origin": origin, "Access-Control-Request-Method": method}
    ).headers


def test_pages_of_every_site_may_read_with_a_key(sqlite_client):
    headers = ask(sqlite_client, "GET")
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in headers["Access-Control-Allow-Headers"]
    assert "GET" in headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("path", ["/jobs", "/keys", "/audit", "/metrics", "/exports/1/file"])
def test_what_is_not_for_everyone_is_read_by_pages_of_named_sites_only(
    open_app, sqlite_world_url, path
):
    client = open_app(sqlite_world_url, origins=APP).test_client()
    assert ask(client, "GET", path=path)["Access-Control-Allow-Origin"] == APP
    assert "Access-Control-Allow-Origin" not in ask(client, "GET", "https://evil.example", path)
    sent = make_key(client.application, "admin") | {"Origin": APP, "Sec-Fetch-Site": "cross-site"}
    answer = client.get(path, headers=sent)
    assert answer.status_code in (200, 404)
    assert answer.headers["Access-Control-Allow-Origin"] == APP


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_pages_of_named_sites_may_write_with_a_key_and_no_others(
    open_app, sqlite_world_url, method
):
    client = open_app(sqlite_world_url, origins=f"https://x.example, {APP}").test_client()
    assert ask(client, method)["Access-Control-Allow-Origin"] == APP
    for other in (
        "https://evil.example",
        "null",
        "",
        APP + ".evil.example",
        APP.upper(),
        "http://app.example.org",
    ):
        headers = ask(client, method, other)
        assert "Access-Control-Allow-Origin" not in headers
        assert "Origin" in headers["Vary"]
    key = make_key(client.application)
    answer = client.patch(
        "/countries/TH",
        json={"area": 1},
        headers=key | {"Origin": APP, "Sec-Fetch-Site": "cross-site"},
    )
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, APP)


def test_a_named_site_may_write_from_this_machine_without_a_key(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, origins="http://localhost:3000").test_client()
    sent = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}
    assert client.patch("/countries/TH", json={"area": 1}, headers=sent).status_code == 200
    sent["Origin"] = "http://localhost:4000"
    assert client.patch("/countries/TH", json={"area": 1}, headers=sent).status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("countries.example.org", 200), ("COUNTRIES.example.org:8080", 200), ("localhost:5000", 200),
        ("127.0.0.1", 200), ("[::1]:5000", 200), ("old.example", 200),
        ("evil.example", 400), ("countries.example.org.evil.example", 400),
        ("192.0.2.1", 400), ("countries.example.org@evil.example", 400), ("[", 400),
    ],
)  # fmt: skip
def test_only_its_own_host_names_are_answered_to(open_app, sqlite_world_url, host, status):
    settings = {
        "hosts": "countries.example.org, other.example",
        "restcountries_host": "old.example",
    }
    client = open_app(sqlite_world_url, **settings).test_client()
    for _ in range(2):
        assert client.get("/v3.1/alpha/TH", headers={"Host": host}).status_code == status


BEHIND = {"REMOTE_ADDR": "10.0.0.1"}


@pytest.mark.parametrize(
    ("peer", "told", "sender"),
    [
        ("10.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.1", "192.0.2.1"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::/64"),
        ("10.0.0.1", "junk", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.1:4711", "192.0.2.1"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.1:4711, 10.0.0.2:80", "192.0.2.1"),
        ("10.0.0.1", "[2001:db8::1]:4711", "2001:db8::/64"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("192.0.2.9", "6.6.6.6", "192.0.2.9"),
    ],
)
def test_a_proxy_that_is_believed_says_who_sends(open_app, sqlite_world_url, peer, told, sender):
    app = open_app(sqlite_world_url, proxies="10.0.0.0/8,127.0.0.1")
    app.test_client().get(
        "/countries/TH", headers={"X-Forwarded-For": told}, environ_base={"REMOTE_ADDR": peer}
    )
    gate = app.wsgi_app
    while not hasattr(gate, "_meter"):
        gate = gate._app
    assert gate._meter._counts == {sender: 1}


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}, {"X-Forwarded-For": ""}])
def test_what_a_proxy_passed_on_is_not_from_this_machine(open_app, sqlite_world_url, headers):
    client = open_app(sqlite_world_url, proxies="127.0.0.1").test_client()
    assert client.post("/countries", json={"name": "X"}, headers=headers).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"X-Forwarded-For": "127.0.0.1"}])
def test_what_a_proxy_passed_on_is_limited(open_app, sqlite_world_url, headers):
    client = open_app(sqlite_world_url, proxies="127.0.0.1", limit_requests=3).test_client()
    statuses = [client.get("/health", headers=headers).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_a_method_in_small_letters_is_another_method(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    for method in ("get", "Post"):
        # Werkzeug's client would write it in capital letters.
        raw = {"REQUEST_METHOD": method}
        answer = client.get("/countries/TH", environ_overrides=raw)
        assert answer.status_code == 400
        assert "case-sensitive" in answer.json["error"]


def test_no_secret_is_logged(open_app, sqlite_world_url, capfd):
    app = open_app(sqlite_world_url, log="all", secret="secret" * 8)
    client, key = app.test_client(), make_key(app, "admin")
    made = client.post("/keys", json={"role": "reader"}, headers=key).json["key"]
    client.get("/countries/TH", headers={"Authorization": f"Bearer {made}x"})
    client.get("/countries/TH", headers={"Authorization": f"Bearer {made}"})
    logged = capfd.readouterr().err
    assert '"/countries/TH"' in logged
    for secret in (made, key["Authorization"][7:], "secretsecret"):
        assert secret not in logged
    assert "secretsecret" not in repr(app.extensions[EXTENSION].settings)
