"""`Idempotency-Key` on POST: done once, answered as often as asked."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from terrafirma.http.app.context import EXTENSION
from terrafirma.storage.engine.tables import idempotency
from terrafirma.storage.register.backup import reading_backup, write_backup

KEY = "Idempotency-Key"


def send(client, body, key="8e03978e-40d5-43dd-bc93-6894a57f9324", **headers):
    return client.post("/countries", json=body, headers={KEY: key, **headers})


def told(answer):
    """What an answer says, but for what is new each time."""
    headers = {
        name: value
        for name, value in answer.headers
        if name not in ("X-Request-Id", "Idempotency-Replayed")
    }
    return answer.status_code, headers, answer.data


def entries(client):
    return client.get("/").json["entries"]


def database(client):
    return client.application.extensions[EXTENSION].database


def count_kept(connection):
    return connection.scalar(select(func.count()).select_from(idempotency))


@pytest.mark.parametrize(
    "body", [{"name": "A", "area": 1.0, "extra": {"é": "ไทย"}}, [{"name": "A"}, {"name": "B"}]]
)
def test_the_same_request_gets_the_first_answer(client, body):
    first = send(client, body)
    count = entries(client)
    assert (first.status_code, "Idempotency-Replayed" in first.headers) == (201, False)
    for _ in range(2):
        again = send(client, body)
        assert told(again) == told(first)
        assert again.headers["Idempotency-Replayed"] == "true"
    assert entries(client) == count


def test_the_answer_stays_when_the_record_does_not(client):
    first = send(client, {"name": "A"})
    client.delete(first.headers["Location"])
    assert told(send(client, {"name": "A"})) == told(first)
    assert client.get(first.headers["Location"]).status_code == 404


def test_another_request_under_the_same_key_is_refused(client):
    send(client, {"name": "A", "area": 1})
    count = entries(client)
    for body in ({"name": "B"}, {"name": "A", "area": 1.0}, [{"name": "A", "area": 1}], {}):
        answer = send(client, body)
        assert answer.status_code == 422
        assert "used with another request" in answer.json["error"]
    problem = send(client, {"name": "B"}, Accept="application/problem+json")
    assert problem.json["type"].endswith(":key-reused")
    assert entries(client) == count


def test_the_same_value_in_another_spelling_is_the_same_request(client):
    first = send(client, {"name": "A", "area": 1})
    text = ' {"area" : 1,\n"name": "\\u0041"}'
    again = client.post(
        "/countries",
        data=text,
        content_type="application/json",
        headers={KEY: f'"{first.json["id"]}"'},
    )
    assert again.status_code == 409
    again = client.post(
        "/countries",
        data=text,
        content_type="application/json",
        headers={KEY: '"8e03978e-40d5-43dd-bc93-6894a57f9324"'},
    )
    assert told(again) == told(first)


def test_a_replay_does_not_mind_what_changed_since(client):
    etag = client.get("/countries").headers["ETag"]
    first = send(client, {"name": "A"}, **{"If-Match": etag})
    assert first.status_code == 201
    assert told(send(client, {"name": "A"}, **{"If-Match": etag})) == told(first)


def test_refusals_are_not_kept(client):
    assert send(client, {"name": ""}).status_code == 422
    assert send(client, {"name": "Thailand"}).status_code == 409
    assert send(client, {"name": "A"}, **{"If-Match": '"0-x"'}).status_code == 412
    assert send(client, {"name": "A"}).status_code == 201


@pytest.mark.parametrize(
    "key", ["", " ", '""', '"', "a b", "a,b", 'a"b', "a\\b", "é", "\x7f", "\t", "x" * 256]
)
def test_a_key_that_is_none_is_malformed(sqlite_client, key):
    answer = send(sqlite_client, {"name": "A"}, key)
    assert answer.status_code == 400
    assert "1 to 255 visible ASCII characters" in answer.json["error"]


def test_two_keys_are_malformed(sqlite_client):
    headers = [(KEY, "a"), (KEY, "b")]
    assert sqlite_client.post("/countries", json={"name": "A"}, headers=headers).status_code == 400


@pytest.mark.parametrize("key", ["a", "x" * 255, "!#$%&'()*+-./:;<=>?@[]^_`{|}~", "A", "0"])
def test_keys_of_every_shape(sqlite_client, key):
    assert send(sqlite_client, {"name": "A"}, key).status_code == 201
    assert send(sqlite_client, {"name": "A"}, key).status_code == 201


def test_keys_differ_by_case(client):
    assert send(client, {"name": "A"}, "key").json["id"] == 273
    assert send(client, {"name": "B"}, "KEY").json["id"] == 274


def test_answers_survive_a_restart(open_app, world_url):
    first = send(open_app(world_url).test_client(), {"name": "A"})
    again = send(open_app(world_url).test_client(), {"name": "A"})
    assert told(again) == told(first)


def test_requests_at_once_make_one_record(client):
    app, answers, start = client.application, [], threading.Barrier(8)

    def ask():
        start.wait()
        answers.append(send(app.test_client(), {"name": "A"}))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [told(answer) for answer in answers] == [told(answers[0])] * 8
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert client.get("/countries").headers["X-Total-Count"] == "251"


def test_answers_are_kept_for_their_time_and_swept(open_app, world_url):
    client = open_app(world_url, idempotency_hours=2).test_client()
    first = send(client, {"name": "A"})
    age(client, hours=1.9)
    assert told(send(client, {"name": "A"})) == told(first)
    age(client, hours=2.1)
    assert send(client, {"name": "A"}).status_code == 409
    assert send(client, {"name": "B"}, "another").status_code == 201
    with database(client).reading() as connection:
        assert count_kept(connection) == 1
    assert send(client, {"name": "C"}).json["id"] == 275


def age(client, hours):
    at = (datetime.now(UTC) - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    with database(client).writing() as connection:
        connection.execute(update(idempotency).values(at=at))


def test_a_backup_repeats_what_its_register_did(small_client, tmp_path):
    client = small_client
    send(client, {"name": "A"})
    with database(client).reading() as connection:
        write_backup(connection, tmp_path / "backup.sqlite")
    with reading_backup(tmp_path / "backup.sqlite") as connection:
        assert count_kept(connection) == 1


def test_other_methods_take_no_notice(client):
    headers = {KEY: "a"}
    for area in (1, 2):
        assert (
            client.patch("/countries/TH", json={"area": area}, headers=headers).json["area"] == area
        )


def test_a_repeated_upload_or_export_is_one_job(sqlite_client):
    client, once = sqlite_client, {"Idempotency-Key": "monday"}
    files = client.application.extensions[EXTENSION].settings.imports_path
    first = client.post("/imports", data=b"alpha2,area\nTH,1\n", headers=once)
    again = client.post("/imports", data=b"alpha2,area\nTH,1\n", headers=once)
    assert [each.status_code for each in (first, again)] == [202, 202]
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotency-Replayed"] == "true"
    for data, query in ((b"alpha2,area\nTH,2\n", ""), (b"alpha2,area\nTH,1\n", "?blanks=clear")):
        answer = client.post(f"/imports{query}", data=data, headers=once)
        assert (answer.status_code, "another request" in answer.json["error"]) == (422, True)
    assert len([*files.iterdir()]) == 1
    other = {"Idempotency-Key": "tuesday"}
    places = {
        client.post("/exports", json={"format": "csv"}, headers=other).headers["Location"]
        for _ in range(2)
    }
    assert len(places) == 1
    assert client.post("/exports", json={"format": "tsv"}, headers=other).status_code == 422
    assert len(client.get("/jobs").json) == 2
