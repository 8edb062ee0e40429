"""Who may do what: this machine while there are no keys, then roles, as docs/access.md has them for every route."""

import re
import shutil
from pathlib import Path

import pytest

from terrafirma.config import Settings
from terrafirma.factory import create_app
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.routes import Access
from terrafirma.http.middleware.ownership import is_local_name, is_loopback
from terrafirma.http.middleware.peers import INSIDE
from terrafirma.register.model.kinds import KINDS
from tests.conftest import close_app, make_key

PAGE = Path(__file__).parents[3] / "docs" / "access.md"
ROW = re.compile(r"^\| `([A-Z]+) (/\S*)` \| (.+) \|$", re.MULTILINE)
TABLE = {
    (method, rule): cells.split(" | ")
    for method, rule, cells in ROW.findall(PAGE.read_text(encoding="utf-8"))
}
PARTS = {"key": "TH", "id": "999", "number": "1", "entry": "1", "name": "page.css"}

COLUMNS = {
    (None, "open"): 0,
    (None, "key"): 1,
    ("reader", None): 2,
    ("editor", None): 3,
    ("admin", None): 4,
}
"""The column of a role: without a key, it depends on who may read."""

ASKING = (
    "/logout", "/resolve", "/graphql", "/mcp", "/locate", "/reconcile",
    "/reconcile/1.0-draft/match", "/reconcile/1.0-draft/extend",
)  # fmt: skip
"""Routes to which a POST changes nothing in the register."""

WRITES = [
    ("POST", "/countries"),
    ("PUT", "/countries/TH"),
    ("PATCH", "/countries/TH"),
    ("DELETE", "/countries/TH"),
]

FOREIGN = [
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Forwarded-For": ""}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"X-Real-IP": "127.0.0.1"}},
    {"headers": {"X-Forwarded-Host": "localhost"}},
    {"headers": {"X-Forwarded-Proto": "https"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"headers": {"X-Forwarded-Server": "proxy"}},
    {"headers": {"X-Forwarded-Prefix": "/countries"}},
    {"headers": {"CF-Connecting-IP": "127.0.0.1"}},
    {"headers": {"True-Client-IP": "127.0.0.1"}},
    {"headers": {"Fly-Client-IP": "127.0.0.1"}},
    {"headers": {"WL-Proxy-Client-IP": "127.0.0.1"}},
    {"headers": {"X-Envoy-External-Address": "127.0.0.1"}},
    {"headers": {"X-Original-Host": "localhost"}},
    {"headers": {"Host": ""}},
    {"headers": {"Host": "[::ffff:127.0.0.1]:5000"}},
    {"headers": {"Host": "[::ffff:7f00:1]:5000"}},
    {"headers": {"Host": "[::1%evil.test]:5000"}},
    {"environ_base": {"REMOTE_ADDR": "::ffff:127.0.0.1"}},
    {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0"}},
    {"environ_overrides": {"SERVER_PROTOCOL": "HTTP/2"}},
    {"environ_base": {INSIDE: False}},
    {"headers": {"Host": "example.org"}},
    {"headers": {"Host": "localhost.example.org:5000"}},
    {"headers": {"Host": "127.0.0.1.example.org"}},
    {"environ_base": {"REMOTE_ADDR": "10.0.0.1"}},
    {"environ_base": {"REMOTE_ADDR": "128.0.0.1"}},
    {"environ_base": {"REMOTE_ADDR": "::2"}},
    {"environ_base": {"REMOTE_ADDR": "::ffff:10.0.0.1"}},
    {"environ_base": {"REMOTE_ADDR": ""}},
    {"environ_base": {"REMOTE_ADDR": "localhost"}},
]

LOCAL = [
    {"headers": {"Host": "127.0.0.1:5000"}},
    {"headers": {"Host": "localhost"}},
    {"headers": {"Host": "LOCALHOST:80"}},
    {"headers": {"Host": "[::1]:5000"}, "environ_base": {"REMOTE_ADDR": "::1"}},
    {"headers": {"Sec-Fetch-Site": "same-origin"}},
    {"headers": {"Sec-Fetch-Site": "none"}},
    {"headers": {"Origin": "http://localhost"}},
    {
        "headers": {
            "Origin": "http://127.0.0.1:5000",
            "Host": "127.0.0.1:5000",
            "Sec-Fetch-Site": "same-origin",
        }
    },
    {"environ_base": {"REMOTE_ADDR": "127.8.9.10"}},
]


@pytest.mark.parametrize("sender", FOREIGN)
def test_others_read_and_do_not_write(sqlite_client, sender):
    before = sqlite_client.get("/").json["entries"]
    for method, path in WRITES:
        answer = sqlite_client.open(path, method=method, json={"name": "X"}, **sender)
        assert (answer.status_code, answer.content_type) == (401, "application/json")
        assert "`terrafirma keys create --role editor`" in answer.json["error"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    for path in ("/countries", "/countries/TH", "/entries", "/", "/health", "/ready"):
        assert sqlite_client.get(path, **sender).status_code == 200
    assert sqlite_client.get("/").json["entries"] == before


PAGES = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "junk"},
    {"Origin": "http://evil.test"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://localhost:4000"},
    {"Origin": "http://localhost.evil.test"},
    {"Origin": "http://evil.test", "Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]
"""What browsers send for pages of other sites, the old ones only `Origin`."""


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_of_another_site_does_not_write_from_this_machine(sqlite_client, page):
    before = sqlite_client.get("/").json["entries"]
    for method, path in [
        *WRITES,
        ("POST", "/imports"),
        ("POST", "/exports?list=/countries"),
        ("DELETE", "/jobs/1"),
    ]:
        answer = sqlite_client.open(path, method=method, json={"name": "X"}, headers=page)
        assert answer.status_code == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert sqlite_client.get("/").json["entries"] == before


@pytest.mark.parametrize("page", PAGES, ids=str)
def test_a_page_of_another_site_reads_nothing_that_takes_a_right(sqlite_client, page):
    for path in (
        "/jobs",
        "/imports/1",
        "/exports/1/file",
        "/metrics",
        "/keys",
        "/audit",
        "/webhooks",
    ):
        answer = sqlite_client.get(path, headers=page)
        assert answer.status_code in (401, 403)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert sqlite_client.get("/me", headers=page).json["actor"] is None
    editor = make_key(sqlite_client.application)
    assert sqlite_client.get("/jobs", headers=editor).status_code == 200
    assert sqlite_client.get("/jobs", headers=editor | page).status_code == 403
    assert (
        sqlite_client.post("/countries", json={"name": "X"}, headers=editor | page).status_code
        == 403
    )


@pytest.mark.parametrize("reads", ["open", "key"])
@pytest.mark.parametrize(
    "page", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}], ids=str
)
def test_a_page_of_another_site_is_nobody_when_it_reads_from_this_machine(
    open_app, sqlite_world_url, reads, page
):
    client = open_app(sqlite_world_url, reads=reads).test_client()
    assert client.get("/countries/TH").status_code == 200
    assert client.get("/me", headers=page).json["actor"] is None
    assert client.get("/countries/TH", headers=page).status_code == (
        200 if reads == "open" else 401
    )
    # A page that has a key may read with it: browsers send none by themselves.
    key = make_key(client.application, "reader")
    assert client.get("/countries/TH", headers=key | page).status_code == 200


@pytest.mark.parametrize("sender", LOCAL)
def test_this_machine_writes(sqlite_client, sender):
    assert sqlite_client.post("/countries", json={"name": "X"}, **sender).status_code == 201


def test_the_first_key_ends_that_for_good(client):
    assert client.get("/me").json == {"actor": "local", "role": "editor"}
    admin = make_key(client.application, "admin")
    for _ in range(2):
        assert client.get("/me").json == {"actor": None, "role": "reader"}
        assert client.post("/countries", json={"name": "X"}).status_code == 401
        client.delete("/keys/1", headers=admin)
    assert client.get("/me", headers=admin).status_code == 401


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_a_server_that_others_hear_takes_no_write_without_a_key(open_app, sqlite_world_url, host):
    client = open_app(sqlite_world_url, host=host).test_client()
    assert client.post("/countries", json={"name": "X"}).status_code == 401
    assert client.get("/countries/TH").status_code == 200


COLLECTION = re.compile(f"^/({'|'.join(kind.plural for kind in KINDS.values())})(?=/|$)")
"""The table has one row for what every kind of records has, that of countries."""


def list_routes(client):
    """Every route of an app, as the table has it: method and rule."""
    contracts = client.application.extensions[EXTENSION].contracts.values()
    return {(contract.method, write_rule(contract.rule)) for contract in contracts}


def row_of(route):
    """The row of the table that a route is told by."""
    method, rule = route
    return route if route in TABLE else (method, COLLECTION.sub("/countries", rule))


def test_every_route_is_in_the_table(sqlite_client):
    routes = list_routes(sqlite_client)
    assert TABLE.keys() <= routes
    assert set(map(row_of, routes)) == TABLE.keys()


def write_rule(rule):
    """A rule of Flask as the table has it: the first of several words for all of them."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", re.sub(r"<any\('([^']+)'.*?>", r"\1", rule))


def try_route(client, method, rule, headers, **more):
    """What a route answers: `yes` for whatever is not about who asks."""
    path = re.sub(r"{(\w+)}", lambda part: PARTS.get(part[1], "x"), rule)
    answer = client.open(
        path, method=method, json={} if method != "GET" else None, headers=headers, **more
    )
    assert answer.status_code < 500
    return str(answer.status_code) if answer.status_code in (401, 403) else "yes"


@pytest.fixture(scope="module", params=["open", "key"])
def served(request, world_file, tmp_path_factory):
    """A client of an app that every role asks, and their keys: the answers to those who may read are known."""
    folder = tmp_path_factory.mktemp("roles")
    shutil.copyfile(world_file, folder / "register.sqlite")
    given = {"data": folder, "log": "none", "max_seconds": 60, "hot_cache_check": "always"}
    client = create_app(Settings(**given, reads=request.param, metrics="key")).test_client()
    keys = {role: make_key(client.application, role) for role in ("reader", "editor", "admin")}
    routes = list_routes(client)
    for route in routes:
        try_route(client, *route, keys["reader"])
    yield request.param, client, keys, routes
    close_app(client.application)


@pytest.mark.parametrize("role", [None, "reader", "editor", "admin"])
def test_every_role_may_do_what_the_table_says(served, role):
    reads, client, keys, routes = served
    column = COLUMNS.get((role, reads), COLUMNS.get((role, None)))
    told = {route: try_route(client, *route, keys[role] if role else {}) for route in routes}
    assert told == {route: TABLE[row_of(route)][column] for route in routes}


def test_access_is_decided_before_a_body_is_read(sqlite_client):
    answer = sqlite_client.post(
        "/countries", data=b"{" * 2_000_000, environ_base={"REMOTE_ADDR": "10.0.0.1"}
    )
    assert answer.status_code == 401


def test_every_route_declares_who_may_call_it(sqlite_client):
    app = sqlite_client.application
    contracts = app.extensions[EXTENSION].contracts
    rules = list(app.url_map.iter_rules())
    assert {rule.endpoint for rule in rules} == contracts.keys()
    for rule in rules:
        contract = contracts[rule.endpoint]
        assert rule.methods - {"HEAD", "OPTIONS"} == {contract.method}
        changes = contract.method not in ("GET", "HEAD") and contract.rule not in ASKING
        # Work in the background is an editor's, to be looked at too.
        work = ("/jobs", "/imports", "/exports", "/explore/imports")
        changes = changes or contract.rule.startswith(work)
        assert (
            contract.access in (Access.WRITE, Access.ADMIN)
            if changes
            else contract.access is not Access.WRITE
        ), rule


def test_a_route_without_a_contract_is_closed(sqlite_client):
    app = sqlite_client.application
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = sqlite_client.get("/forgotten")
    assert (answer.status_code, answer.content_type) == (403, "application/json")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.0.3", "::1"])
def test_loopback(address):
    assert is_loopback(address)
    assert is_local_name(f"[{address}]" if ":" in address else address)


@pytest.mark.parametrize(
    "address",
    [
        "[::1]",
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "",
        "0.0.0.0",
        "::",
        "localhost",
        "127.1",
        "2130706433",
        "10.0.0.1",
        "127.0.0.1 ",
    ],
)
def test_not_loopback(address):
    assert not is_loopback(address)
