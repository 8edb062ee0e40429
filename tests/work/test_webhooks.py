"""Webhooks: everything that is asked for arrives, signed, in order, and again until it does."""

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.work.receivers import receiving
from tests.work.webhooks import LOCAL, Clock, Office


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("terrafirma.work.courier.moment", clock)
    return clock


@pytest.fixture
def office(open_app, world_url, clock):
    """A register with the world in it, on each kind of database."""
    return Office(open_app(world_url, webhook_networks=LOCAL), clock)


@pytest.fixture
def bureau(open_app, sqlite_world_url, clock):
    """The same where the database makes no difference."""
    return Office(open_app(sqlite_world_url, webhook_networks=LOCAL), clock)


def test_an_entry_arrives_signed_as_the_log_shows_it(office, receiver):
    made = office.add(receiver)
    (number,) = office.write()
    office.serve()
    (message,) = receiver.received
    (entry,) = office.ask("GET", f"/entries?since={number - 1}")
    assert message.check(made["secret"]) == {"type": "country.changed", "timestamp": entry["at"], "data": entry}
    assert message.id == f"msg_1_{number}_{entry['hash'][:8]}"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["host"] in receiver.url
    (delivery,) = office.list_deliveries()
    told = {name: delivery[name] for name in ("number", "entry", "state", "attempts", "status", "next_try")}
    assert told == {"number": 1, "entry": number, "state": "delivered", "attempts": 1, "status": 204, "next_try": None}
    assert office.look()["behind"] == 0


def test_a_signature_is_of_the_very_bytes(bureau, receiver):
    made = bureau.add(receiver)
    bureau.write()
    bureau.serve()
    (message,) = receiver.received
    for body, secret in ((message.body + b" ", made["secret"]), (message.body, "whsec_AAAA")):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, message.headers)


def test_nothing_that_signs_is_kept(office, receiver):
    made = [office.add(receiver), office.ask("POST", "/webhooks/1/rotate", {}, 200)]
    with office.state.callers.vault.reading() as connection:
        for table in ("webhooks", "deliveries", "audit"):
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                assert not [value for each in made for value in row if each["secret"][6:] in str(value)]
    assert "secret" not in office.look()


CHANGES = {
    "area": ("PATCH", "/countries/TH", {"area": 1}),
    "capital": ("PATCH", "/countries/FR", {"capital": "Lyon"}),
    "sources": ("PATCH", "/countries/DE", {"extra": {"motto": "x"}}),
    "lost names": ("DELETE", "/countries/BV", None),
    "subdivision": ("POST", "/subdivisions", {"code": "FR-ZZ9", "country": "FR", "name": "Z", "type": "x"}),
    "group": ("POST", "/groups", {"code": "CLUB", "name": "Club"}),
    "joins": ("POST", "/memberships", {"group": "CLUB", "country": "TH"}),
    "member": ("PATCH", "/countries/TH", {"population": 7, "population_year": 2026}),
    "new": ("POST", "/countries", {"name": "Sealand"}),
    "deleted": ("DELETE", "/countries/Sealand", None),
}

LABELS = [label for told in CHANGES for label in told.split()]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, LABELS),
        ({"kinds": ["names", "group"]}, ["names", "group"]),
        ({"records": ["country/TH"]}, ["area", "member"]),
        ({"records": ["country/th", "country/36"]}, ["area", "lost", "member"]),
        ({"records": ["names/BV", "country/FRA"]}, ["capital", "names"]),
        ({"groups": ["EU"]}, ["capital", "sources", "subdivision"]),
        ({"fields": ["area"]}, ["area", "lost"]),
        ({"fields": ["capital"]}, ["capital"]),
        ({"fields": ["capitals.name"]}, ["capital"]),
        ({"fields": ["extra.motto", "names.de"]}, ["sources", "names"]),
        ({"actions": ["created"]}, ["subdivision", "group", "joins", "new"]),
        ({"actions": ["deleted"]}, ["lost", "names", "deleted"]),
        ({"kinds": ["country"], "groups": ["EU"], "actions": ["changed"]}, ["capital", "sources"]),
        ({"kinds": ["language"]}, []),
    ],
)
def test_filters(bureau, receiver, filters, expected):
    bureau.add(receiver, **filters)
    labels, id, last = {}, None, bureau.ask("GET", "/")["entries"]
    for told, (method, path, body) in CHANGES.items():
        made = bureau.ask(method, path.replace("Sealand", str(id)), body)
        id = made["id"] if told == "new" else id
        labels |= dict(enumerate(told.split(), last + 1))
        last = bureau.ask("GET", "/")["entries"]
        assert max(labels) == last
    bureau.serve()
    assert [labels[number] for number in receiver.list_entries()] == [name for name in LABELS if name in expected]
    assert bureau.look()["behind"] == 0
