"""Who may write while no keys exist: this machine, meaning to."""

import pytest

from terrafirma.http.access import is_local_name, is_loopback
from terrafirma.http.context import EXTENSION
from terrafirma.http.contracts import Access

WRITES = [("POST", "/countries"), ("PUT", "/countries/TH"), ("PATCH", "/countries/TH"), ("DELETE", "/countries/TH")]

FOREIGN = [
    {"headers": {"X-Forwarded-For": "127.0.0.1"}},
    {"headers": {"X-Forwarded-For": ""}},
    {"headers": {"Forwarded": "for=127.0.0.1"}},
    {"headers": {"X-Real-IP": "127.0.0.1"}},
    {"headers": {"X-Forwarded-Host": "localhost"}},
    {"headers": {"X-Forwarded-Proto": "https"}},
    {"headers": {"Via": "1.1 proxy"}},
    {"headers": {"Host": "example.org"}},
    {"headers": {"Host": "localhost.example.org:5000"}},
    {"headers": {"Host": "127.0.0.1.example.org"}},
    {"headers": {"Sec-Fetch-Site": "cross-site"}},
    {"headers": {"Sec-Fetch-Site": "same-site"}},
    {"headers": {"Sec-Fetch-Site": "junk"}},
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
    {"environ_base": {"REMOTE_ADDR": "127.8.9.10"}},
    {"environ_base": {"REMOTE_ADDR": "::ffff:127.0.0.1"}},
]


@pytest.mark.parametrize("sender", FOREIGN)
def test_others_read_and_do_not_write(sqlite_client, sender):
    before = sqlite_client.get("/").json["entries"]
    for method, path in WRITES:
        answer = sqlite_client.open(path, method=method, json={"name": "X"}, **sender)
        assert (answer.status_code, answer.content_type) == (403, "application/json")
        assert answer.json["error"]
    for path in ("/countries", "/countries/TH", "/entries", "/", "/health", "/ready"):
        assert sqlite_client.get(path, **sender).status_code == 200
    assert sqlite_client.get("/").json["entries"] == before


@pytest.mark.parametrize("sender", LOCAL)
def test_this_machine_writes(sqlite_client, sender):
    assert sqlite_client.post("/countries", json={"name": "X"}, **sender).status_code == 201


def test_access_is_decided_before_a_body_is_read(sqlite_client):
    answer = sqlite_client.post("/countries", data=b"{" * 2_000_000, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    assert answer.status_code == 403


def test_every_route_declares_who_may_call_it(sqlite_client):
    app = sqlite_client.application
    contracts = app.extensions[EXTENSION].contracts
    rules = list(app.url_map.iter_rules())
    assert {rule.endpoint for rule in rules} == contracts.keys()
    for rule in rules:
        contract = contracts[rule.endpoint]
        assert rule.methods - {"HEAD", "OPTIONS"} == {contract.method}
        assert (contract.access is Access.WRITE) == (contract.method not in ("GET", "HEAD")), rule


def test_a_route_without_a_contract_is_closed(sqlite_client):
    app = sqlite_client.application
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = sqlite_client.get("/forgotten")
    assert (answer.status_code, answer.content_type) == (403, "application/json")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.255.0.3", "::1", "[::1]", "::ffff:127.0.0.1"])
def test_loopback(address):
    assert is_loopback(address)
    assert is_local_name(address if ":" not in address else f"[{address.strip('[]')}]")


@pytest.mark.parametrize("address", ["", "0.0.0.0", "::", "localhost", "127.1", "2130706433", "10.0.0.1", "127.0.0.1 "])
def test_not_loopback(address):
    assert not is_loopback(address)
