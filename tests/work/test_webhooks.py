"""Webhooks: everything that is asked for arrives, signed, in order, and again until it does."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from terrafirma.api import webhooks as webhooks_api
from terrafirma.config import Settings
from terrafirma.register.webhooks.messages import LIFE, PAUSES
from terrafirma.storage.register.backup import clear_contents
from terrafirma.work import cleanup as tidying
from terrafirma.work.webhook_sender import WebhookSender
from terrafirma.worker import carry
from tests.work.conftest import wait_until
from tests.work.receivers import answer, receiving
from tests.work.webhooks import LOCAL, Clock, Office


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr("terrafirma.register.model.clock.moment", clock)
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
    assert message.check(made["secret"]) == {
        "type": "country.changed",
        "timestamp": entry["at"],
        "data": entry,
    }
    assert message.id == f"msg_1_{number}_{entry['hash'][:8]}"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["host"] in receiver.url
    (delivery,) = office.list_deliveries()
    told = {
        name: delivery[name]
        for name in ("number", "entry", "state", "attempts", "status", "next_try")
    }
    assert told == {
        "number": 1,
        "entry": number,
        "state": "delivered",
        "attempts": 1,
        "status": 204,
        "next_try": None,
    }
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
                assert not [
                    value for each in made for value in row if each["secret"][6:] in str(value)
                ]
    assert "secret" not in office.look()


CHANGES = {
    "area": ("PATCH", "/countries/TH", {"area": 1}),
    "capital": ("PATCH", "/countries/FR", {"capital": "Lyon"}),
    "sources": ("PATCH", "/countries/DE", {"extra": {"motto": "x"}}),
    "lost names": ("DELETE", "/countries/BV", None),
    "subdivision": (
        "POST",
        "/subdivisions",
        {"code": "FR-ZZ9", "country": "FR", "name": "Z", "type": "x"},
    ),
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
    assert [labels[number] for number in receiver.list_entries()] == [
        name for name in LABELS if name in expected
    ]
    assert bureau.look()["behind"] == 0


def test_a_message_that_fails_holds_back_those_after_it(office, receiver, clock):
    office.add(receiver)
    numbers, tried = office.write(6), []

    def stumble(handler, message):
        tried.append(message.id)
        return answer(500 if len(tried) % 3 else 200)(handler, message)

    receiver.reply = stumble
    while office.look()["behind"]:
        office.serve()
        if instant := office.look().get("next_try"):
            clock.move_to(instant)
    assert receiver.list_entries() == [number for number in numbers for _ in range(3)]
    assert len(set(tried)) == 6
    assert [(each["state"], each["attempts"]) for each in office.list_deliveries()] == [
        ("delivered", 3)
    ] * 6
    assert len({each.body for each in receiver.received}) == 6


def test_a_failure_is_told(bureau, receiver):
    bureau.add(receiver)
    (number,) = bureau.write()
    receiver.reply = answer(500, b"no \0 room\n" + b"x" * 5000)
    bureau.serve()
    (delivery,) = bureau.list_deliveries()
    assert (delivery["state"], delivery["status"], delivery["error"]) == (
        "waiting",
        500,
        "The receiver answered 500.",
    )
    assert delivery["answer"].startswith("no   room xxx")
    assert len(delivery["answer"]) <= 1000
    told = bureau.look()
    assert (told["state"], told["failures"], told["position"]) == ("failing", 1, number - 1)
    assert delivery["next_try"] == told["next_try"] > delivery["tried_at"]
    bureau.serve()
    assert len(receiver.received) == 1, "it is tried before its time"


def test_pauses_grow_until_a_message_is_dead_and_the_next_one_comes(office, receiver, clock):
    office.add(receiver)
    numbers = office.write(2)
    receiver.reply, times = answer(503), []
    while not office.list_deliveries(outcome="dead"):
        times.append(clock())
        office.serve()
        if instant := office.look().get("next_try"):
            clock.move_to(instant)
    begun, pauses = times[0], [(later - one).total_seconds() for one, later in pairwise(times)]
    assert len(pauses) > len(PAUSES)
    for pause, least in zip(pauses[:-1], [*PAUSES, *[PAUSES[-1]] * len(pauses)], strict=False):
        assert least <= pause <= least * 1.2 + 5
    assert timedelta() <= times[-1] - begun - LIFE < timedelta(minutes=1)
    assert receiver.list_entries() == [numbers[0]] * len(times) + [numbers[1]]
    (dead,) = office.list_deliveries(outcome="dead")
    assert (dead["entry"], dead["attempts"], dead["next_try"]) == (numbers[0], len(times), None)
    # No quick tries for the next one, until one succeeds.
    waits = datetime.fromisoformat(office.look()["next_try"]) - times[-1]
    assert waits > timedelta(seconds=PAUSES[-1])
    receiver.reply = answer(200)
    clock.move_to(office.look()["next_try"])
    office.serve()
    assert (office.look()["state"], office.look()["behind"]) == ("active", 0)
    office.write()
    receiver.reply = answer(503)
    office.serve()
    waits = datetime.fromisoformat(office.look()["next_try"]) - clock()
    assert waits < timedelta(seconds=PAUSES[0] * 1.2)


def test_a_dead_message_can_be_sent_once_more(office, receiver, clock):
    office.add(receiver)
    numbers = office.write(2)
    receiver.reply = answer(500)
    office.serve()
    clock.ahead = LIFE + timedelta(minutes=1)
    office.serve()
    assert [each["state"] for each in office.list_deliveries()] == ["dead", "waiting"]
    office.ask("POST", "/webhooks/1/deliveries/2/retry", status=409)
    for status, state in ((500, "dead"), (204, "delivered")):
        receiver.reply = answer(status)
        assert (
            office.ask("POST", "/webhooks/1/deliveries/1/retry", status=202)["state"] == "waiting"
        )
        office.serve()
        assert office.list_deliveries()[0]["state"] == state
    assert receiver.list_entries()[-2:] == numbers, "what waits goes on once one has arrived"
    office.ask("POST", "/webhooks/1/deliveries/1/retry", status=409)


def test_gone_pauses(office, receiver):
    office.add(receiver)
    numbers = office.write(2)
    receiver.reply = answer(410)
    office.serve()
    told = office.look()
    assert (told["state"], told["reason"]) == (
        "paused",
        "The receiver answered 410 Gone: it wants no more messages.",
    )
    assert office.ask("GET", "/audit?since=0")[-1]["event"] == "webhook-paused"
    office.serve()
    assert len(receiver.received) == 1
    receiver.reply = answer(200)
    assert office.ask("PATCH", "/webhooks/1", {"paused": False})["state"] == "active"
    office.serve()
    assert receiver.list_entries() == [numbers[0], *numbers]


def test_what_is_written_while_it_is_paused_comes_later(office, receiver):
    office.add(receiver)
    told = office.ask("PATCH", "/webhooks/1", {"paused": True, "description": "Later"})
    assert (told["state"], told["description"]) == ("paused", "Later")
    numbers = office.write(3)
    office.ask("POST", "/webhooks/1/test", status=202)
    office.serve()
    assert [each.json["type"] for each in receiver.received] == ["webhook.test"]
    assert office.look()["behind"] == 3
    assert "description" not in office.ask(
        "PATCH", "/webhooks/1", {"paused": False, "description": None}
    )
    receiver.received.clear()
    office.serve()
    assert receiver.list_entries() == numbers


def test_a_replay_sends_the_same_messages_again(office, receiver):
    office.add(receiver)
    numbers = office.write(4)
    office.serve()
    assert office.ask("POST", "/webhooks/1/replay", {"since": numbers[1]}, 202)["behind"] == 2
    office.serve()
    assert receiver.list_entries() == [*numbers, *numbers[2:]]
    assert [each.body for each in receiver.received[4:]] == [
        each.body for each in receiver.received[2:4]
    ]
    assert [each.id for each in receiver.received[4:]] == [
        each.id for each in receiver.received[2:4]
    ]
    office.write(5)
    head = office.ask("GET", "/")["entries"]
    office.ask("POST", "/webhooks/1/replay", {"since": head}, 202)
    office.serve()
    assert len(receiver.received) == 6


def test_a_webhook_begins_where_it_is_told(bureau, receiver):
    numbers = bureau.write(3)
    bureau.add(receiver, since=numbers[0])
    bureau.add(receiver, since=0, records=["country/TH"])
    bureau.serve(1)
    assert receiver.list_entries() == numbers[1:]
    receiver.received.clear()
    bureau.serve(2)
    first, *rest = receiver.received
    assert (first.json["type"], [each.entry for each in rest]) == ("country.created", numbers)


def test_a_waiting_message_is_given_up_where_it_is_passed_over(bureau, receiver):
    bureau.add(receiver)
    numbers = bureau.write(2)
    receiver.reply = answer(500)
    bureau.serve()
    bureau.ask("POST", "/webhooks/1/replay", {"since": numbers[0]}, 202)
    (given_up,) = bureau.list_deliveries()
    assert (given_up["state"], given_up["error"].partition(":")[0]) == ("dead", "Given up")
    receiver.reply = answer(200)
    bureau.serve()
    assert receiver.list_entries() == numbers


def test_both_secrets_sign_while_one_is_rotated(office, receiver, clock):
    old = office.add(receiver)["secret"]
    new = office.ask("POST", "/webhooks/1/rotate", {"overlap_hours": 2}, 200)
    assert new["secret"] != old
    office.write()
    office.serve()
    for secret in (old, new["secret"]):
        assert receiver.received[-1].check(secret)["type"] == "country.changed"
    assert receiver.received[-1].headers["webhook-signature"].count("v1,") == 2
    clock.move_to(new["old_until"])
    office.write()
    office.serve()
    assert receiver.received[-1].headers["webhook-signature"].count("v1,") == 1
    clock.ahead = timedelta()
    newest = office.ask("POST", "/webhooks/1/rotate", {"overlap_hours": 0}, 200)["secret"]
    office.write()
    office.serve()
    assert receiver.received[-1].check(newest)
    with pytest.raises(WebhookVerificationError):
        receiver.received[-1].check(new["secret"])


def test_a_test_says_nothing_and_ends_the_waiting(office, receiver):
    made = office.add(receiver)
    numbers = office.write(2)
    receiver.reply = answer(500)
    office.serve()
    asked = office.ask("POST", "/webhooks/1/test", status=202)
    assert (asked["type"], asked["state"], asked["entry"]) == ("webhook.test", "waiting", None)
    office.serve()
    assert office.ask("GET", f"/webhooks/1/deliveries/{asked['number']}")["state"] == "dead"
    assert office.look()["failures"] == 1, "a test is no attempt"
    receiver.reply = answer(200)
    office.ask("POST", "/webhooks/1/test", status=202)
    office.serve()
    assert [each.json["type"] for each in receiver.received[2:]] == [
        "webhook.test",
        *["country.changed"] * 2,
    ]
    assert receiver.received[2].check(made["secret"])["data"] == {"webhook": 1}
    assert [each.entry for each in receiver.received[3:]] == numbers


def test_several_couriers_deliver_once_and_in_order_what_several_writers_write(office, receiver):
    office.add(receiver)
    begun = office.ask("GET", "/")["entries"]

    def write():
        client = office.client.application.test_client()
        for number in range(15):
            assert client.post(
                "/countries",
                json={"name": f"{threading.get_ident()}-{number}"},
                headers=office.headers,
            )

    writers = [threading.Thread(target=write) for _ in range(4)]
    with office.couriers(3):
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        wait_until(lambda: office.look()["behind"] == 0)
    assert receiver.list_entries() == list(range(begun + 1, begun + 61))
    assert receiver.most_together == 1


def test_a_slow_receiver_keeps_nobody_waiting(bureau, receiver):
    release = threading.Event()

    def hold(handler, message):
        release.wait(20)
        answer(200)(handler, message)

    receiver.reply = hold
    with receiving() as quick:
        bureau.add(receiver)
        bureau.add(quick)
        with bureau.couriers():
            numbers = bureau.write(3)
            bureau.wait_for(quick, 3)
            assert len(receiver.received) == 1
            assert bureau.ask("GET", "/countries/TH")["alpha2"] == "TH"
            release.set()
            bureau.wait_for(receiver, 3)
    assert quick.list_entries() == receiver.list_entries() == numbers


def replace_log(office):
    """Start the register over, empty."""
    with office.state.database.writing() as connection:
        clear_contents(connection)


def test_a_log_that_was_replaced_is_told_once_and_followed(office, receiver, clock):
    made = office.add(receiver)
    office.write(2)
    office.serve()
    receiver.received.clear()
    replace_log(office)
    (number,) = [office.ask("POST", "/groups", {"code": "NEW", "name": "New"}) and 1]
    receiver.reply = answer(500)
    office.serve()
    office.ask("POST", "/groups", {"code": "NEWER", "name": "Newer"})
    clock.move_to(office.look()["next_try"])
    receiver.reply = answer(200)
    office.serve()
    first, again, then = receiver.received
    assert (first.body, first.id) == (again.body, again.id)
    told = again.json
    assert (told["type"], told["data"]["entries"]) == ("register.replaced", number)
    assert (then.json["type"], then.entry) == ("group.created", 2)
    assert made["position"] > office.look()["position"] == 2
    assert [each["state"] for each in office.list_deliveries()[-2:]] == ["delivered"] * 2


def test_a_webhook_whose_group_is_gone_can_still_be_changed(bureau, receiver):
    bureau.ask("POST", "/groups", {"code": "BRIEF", "name": "Brief"})
    bureau.add(receiver, groups=["BRIEF"])
    bureau.ask("DELETE", "/groups/BRIEF")
    told = bureau.ask("PATCH", "/webhooks/1", {"paused": True, "kinds": ["group"]})
    assert (told["state"], told["groups"], told["kinds"]) == ("paused", ["BRIEF"], ["group"])
    bureau.ask("PATCH", "/webhooks/1", {"groups": ["BRIEF"]}, status=422)


def test_filters_changed_at_once_are_all_kept(bureau, receiver, monkeypatch):
    bureau.add(receiver)
    check = webhooks_api.check_filters

    def check_late(connection, filters, day):
        check(connection, filters, day)
        if filters.kinds:
            bureau.ask("PATCH", "/webhooks/1", {"fields": ["area"]})

    monkeypatch.setattr(webhooks_api, "check_filters", check_late)
    told = bureau.ask("PATCH", "/webhooks/1", {"kinds": ["country"]})
    assert (told["kinds"], told["fields"]) == (["country"], ["area"])


def test_a_slow_receiver_hears_out_of_turn_what_was_asked_for(bureau, receiver, monkeypatch):
    monkeypatch.setattr("terrafirma.work.webhook_sender.TURN_SECONDS", 0)
    bureau.add(receiver)
    first, second = bureau.write(2)

    def ask(handler, message):
        if message.json["data"].get("number") == first:
            bureau.ask("POST", "/webhooks/1/test", status=202)
        answer(204)(handler, message)

    receiver.reply = ask
    bureau.serve()
    assert [message.json["type"] for message in receiver.received] == [
        "country.changed",
        "webhook.test",
        "country.changed",
    ]
    assert bureau.look()["position"] == second
    assert bureau.list_deliveries(outcome="dead") == []


def test_a_backup_that_is_restored_twice_is_told_twice(office, receiver):
    office.add(receiver)
    office.write()
    for _ in range(2):
        office.serve()
        replace_log(office)
        office.serve()
        office.ask("POST", "/groups", {"code": "NEW", "name": "New"})
    told = [message for message in receiver.received if message.json["type"] == "register.replaced"]
    assert told[0].json["data"] == told[1].json["data"]
    assert told[0].id != told[1].id


def test_a_change_while_a_message_is_under_way_counts(bureau, receiver):
    with receiving() as other:
        bureau.add(receiver)
        first, second = bureau.write(2)

        def move(handler, message):
            bureau.ask("PATCH", "/webhooks/1", {"url": other.url})
            answer(200)(handler, message)

        receiver.reply = move
        bureau.serve()
        bureau.serve()
        # Whether the first arrived was not written down: it is sent again, to whom it goes now.
        assert receiver.list_entries() == [first]
        assert other.list_entries() == [first, second]


def test_a_webhook_that_is_deleted_hears_no_more(office, receiver):
    office.add(receiver)
    office.write(3)

    def delete(handler, message):
        office.ask("DELETE", "/webhooks/1")
        answer(200)(handler, message)

    receiver.reply = delete
    office.serve()
    office.serve()
    assert len(receiver.received) == 1
    for method, path in (
        ("GET", "/webhooks/1"),
        ("GET", "/webhooks/1/deliveries"),
        ("POST", "/webhooks/1/test"),
    ):
        office.ask(method, path, status=404)
    assert office.ask("GET", "/webhooks") == []
    assert office.add(receiver)["id"] == 2
    with office.state.callers.vault.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM deliveries").scalar() == 0


def test_a_courier_that_is_gone_is_replaced_after_its_lease(bureau, receiver, clock, monkeypatch):
    bureau.add(receiver)
    numbers = bureau.write(2)
    monkeypatch.setattr("terrafirma.work.webhook_sender.webhooks.release_webhook", lambda *_: None)

    def die(*_):
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr("terrafirma.work.webhook_sender.decide_outcome", die)
        with pytest.raises(MemoryError):
            bureau.courier().serve(1)
    bureau.serve()
    assert receiver.list_entries() == numbers[:1]
    clock.ahead = timedelta(seconds=61)
    bureau.serve()
    assert receiver.list_entries() == [numbers[0], *numbers]
    assert receiver.received[0].id == receiver.received[1].id


def test_a_courier_that_was_only_slow_writes_nothing_more(bureau, receiver, clock):
    bureau.add(receiver)
    numbers = bureau.write(2)
    late = bureau.courier()

    def oversleep(handler, message):
        receiver.reply = answer(200)
        clock.ahead = timedelta(seconds=61)
        bureau.serve()
        answer(200)(handler, message)

    receiver.reply = oversleep
    late.serve(1)
    assert receiver.list_entries() == [numbers[0], *numbers]
    assert [each["entry"] for each in bureau.list_deliveries()] == numbers


def test_a_receiver_that_is_not_there_is_tried_again(bureau, receiver, free_port, clock):
    bureau.ask("POST", "/webhooks", {"url": f"http://127.0.0.1:{free_port}/"})
    numbers = bureau.write(2)
    bureau.serve()
    (delivery,) = bureau.list_deliveries()
    assert (delivery["status"], delivery["state"]) == (None, "waiting")
    assert "refused" in delivery["error"]
    with receiving(free_port) as there:
        clock.move_to(bureau.look()["next_try"])
        bureau.serve()
        assert there.list_entries() == numbers


def test_deliveries_are_paged_and_told_apart(bureau, receiver):
    bureau.add(receiver)
    numbers = bureau.write(5)
    bureau.serve()
    seen, path = [], "/webhooks/1/deliveries?limit=2"
    while path:
        page = bureau.client.get(path, headers=bureau.headers)
        seen += [each["entry"] for each in page.json]
        path = page.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert seen == numbers[::-1]
    assert bureau.list_deliveries(outcome="waiting") == bureau.list_deliveries(after="0") == []
    bureau.ask("GET", "/webhooks/1/deliveries?outcome=lost", status=400)
    bureau.ask("GET", "/webhooks/1/deliveries/99", status=404)


def test_old_deliveries_are_forgotten(office, receiver, monkeypatch):
    office.add(receiver)
    office.write(3)
    office.serve()
    receiver.reply = answer(500)
    office.write()
    office.serve()
    task = type("Task", (), {"database": office.state.database})
    monkeypatch.setattr(tidying, "BATCH", 2)
    assert tidying.forget_deliveries(task, "2026-01-01") == 0
    assert tidying.forget_deliveries(task, "9999") == 3
    assert [each["state"] for each in office.list_deliveries()] == ["waiting"]
    assert office.look()["deliveries"] == 4


def test_every_change_is_audited(bureau, receiver):
    bureau.add(receiver, records=["country/TH"])
    bureau.ask("PATCH", "/webhooks/1", {"records": [], "fields": ["area"]})
    bureau.ask("PATCH", "/webhooks/1", {"fields": ["area"]})
    bureau.ask("POST", "/webhooks/1/rotate", {}, 200)
    bureau.ask("POST", "/webhooks/1/test", status=202)
    bureau.ask("POST", "/webhooks/1/replay", {"since": 0}, 202)
    bureau.ask("DELETE", "/webhooks/1")
    told = [
        each for each in bureau.ask("GET", "/audit?since=0") if each.get("about") == "webhook:1"
    ]
    events = ["created", "changed", "rotated", "tested", "replayed", "deleted"]
    assert [each["event"] for each in told] == [f"webhook-{event}" for event in events]
    assert {each["actor"] for each in told} == {"key:1"}
    for line in told:
        line["details"].pop("row_hash", None)
    assert told[0]["details"] == {
        "to": receiver.url.removesuffix("/hook"),
        "records": ["country/TH"],
    }
    assert told[1]["details"] == {"filters": {"fields": ["area"]}}


def test_there_are_only_so_many(bureau, receiver, monkeypatch):
    monkeypatch.setattr("terrafirma.register.webhooks.webhooks.MOST", 1)
    bureau.add(receiver)
    bureau.ask("POST", "/webhooks", {"url": receiver.url}, 409)


def test_a_fault_of_one_webhook_is_not_the_others(bureau, receiver, monkeypatch):
    bureau.add(receiver)
    bureau.add(receiver)
    serve = WebhookSender.serve

    def stumble(courier, id):
        if id == 1:
            raise ValueError("a fault")
        serve(courier, id)

    monkeypatch.setattr(WebhookSender, "serve", stumble)
    with bureau.couriers():
        numbers = bureau.write(2)
        bureau.wait_for(receiver, 2)
    assert receiver.list_entries() == numbers


def test_a_worker_with_another_secret_delivers_nothing(bureau, receiver, tmp_path):
    bureau.add(receiver)
    bureau.write()
    carry(Settings(data=tmp_path, secret="another" * 8), bureau.state.database, threading.Event())
    assert receiver.received == []
    assert bureau.look()["behind"] == 1


def test_a_worker_makes_no_secret_before_there_is_a_webhook(bureau, receiver, tmp_path):
    settings, stop = Settings(data=tmp_path / "elsewhere"), threading.Event()
    carrying = threading.Thread(target=carry, args=(settings, bureau.state.database, stop))
    carrying.start()
    carrying.join(0.1)
    stop.set()
    carrying.join()
    assert not settings.data.exists()


HERE = "http://127.0.0.1/"
BAD = [
    ("POST", "/webhooks", {}, "url", "required"),
    ("POST", "/webhooks", {"url": "ftp://example.org/"}, "url", "format"),
    ("POST", "/webhooks", {"url": HERE, "secret": "x"}, "secret", "unknown"),
    ("POST", "/webhooks", {"url": None}, "url", "null"),
    ("POST", "/webhooks", {"url": HERE, "kinds": ["planet"]}, "kinds.0", "choice"),
    ("POST", "/webhooks", {"url": HERE, "kinds": "country"}, "kinds", "type"),
    ("POST", "/webhooks", {"url": HERE, "records": ["country/TH", "country/ZZ"]}, "records.1", "reference"),
    ("POST", "/webhooks", {"url": HERE, "records": ["planet/TH"]}, "records.0", "reference"),
    ("POST", "/webhooks", {"url": HERE, "records": ["TH"]}, "records.0", "reference"),
    ("POST", "/webhooks", {"url": HERE, "groups": ["NONE"]}, "groups.0", "reference"),
    ("POST", "/webhooks", {"url": HERE, "fields": ["populatoin"]}, "fields.0", "choice"),
    ("POST", "/webhooks", {"url": HERE, "actions": ["create"]}, "actions.0", "choice"),
    ("POST", "/webhooks", {"url": HERE, "fields": ["area"] * 101}, "fields", "length"),
    ("POST", "/webhooks", {"url": HERE, "since": -1}, "since", "range"),
    ("POST", "/webhooks", {"url": HERE, "since": 10**9}, "since", "range"),
    ("POST", "/webhooks", {"url": HERE, "description": "a\x07b"}, "description", "characters"),
    ("POST", "/webhooks", {"url": "http://10.0.0.1/"}, "url", "invalid"),
    ("POST", "/webhooks", {"url": "http://user:pass@127.0.0.1/"}, "url", "invalid"),
    ("PATCH", "/webhooks/1", {"url": "http://10.0.0.1/"}, "url", "invalid"),
    ("PATCH", "/webhooks/1", {"paused": "yes"}, "paused", "type"),
    ("PATCH", "/webhooks/1", {"since": 1}, "since", "unknown"),
    ("PATCH", "/webhooks/1", {"kinds": ["planet"]}, "kinds.0", "choice"),
    ("POST", "/webhooks/1/replay", {}, "since", "required"),
    ("POST", "/webhooks/1/replay", {"since": 10**9}, "since", "range"),
    ("POST", "/webhooks/1/rotate", {"overlap_hours": -1}, "overlap_hours", "range"),
]  # fmt: skip


def test_bad_input_is_told_by_field_and_changes_nothing(bureau, receiver):
    bureau.add(receiver)
    before = (bureau.ask("GET", "/webhooks"), len(bureau.ask("GET", "/audit?since=0")))
    for method, path, body, field, code in BAD:
        answered = bureau.client.open(path, method=method, json=body, headers=bureau.headers)
        assert answered.status_code == 422, (body, answered.json)
        assert [(each["field"], each["code"]) for each in answered.json["details"]] == [
            (field, code)
        ], body
    for method, path in (("GET", "/webhooks/7"), ("PATCH", "/webhooks/7"), ("DELETE", "/webhooks/7"),
                         ("POST", "/webhooks/7/test"), ("POST", "/webhooks/1/deliveries/7/retry")):  # fmt: skip
        bureau.ask(method, path, {}, 404)
    assert (bureau.ask("GET", "/webhooks"), len(bureau.ask("GET", "/audit?since=0"))) == before
