"""/jobs: work in the background, told and stopped."""

from terrafirma.http.app.context import EXTENSION
from terrafirma.register import jobs as rules
from terrafirma.register.model.clock import later, now
from terrafirma.storage.work import jobs


def add_jobs(client, count):
    """Ids of new jobs, oldest first."""
    with client.application.extensions[EXTENSION].database.writing_local() as connection:
        return sorted(rules.enqueue(connection, "nothing", {}, "local").id for _ in range(count))


def test_a_waiting_job_says_when_to_ask_again(client):
    [id] = add_jobs(client, 1)
    answer = client.get(f"/jobs/{id}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (200, "1")
    assert answer.json | {"at": ""} == {
        "id": id, "kind": "nothing", "state": "queued", "at": "", "started_at": None, "ended_at": None,
        "attempt": 0, "done": 0, "total": None, "rate": None, "seconds_left": None, "errors": [], "result": None,
    }  # fmt: skip


def test_a_job_is_cancelled_once(client):
    [id] = add_jobs(client, 1)
    answer = client.delete(f"/jobs/{id}")
    assert (answer.status_code, answer.json["state"], "Retry-After" in answer.headers) == (
        202,
        "cancelled",
        False,
    )
    again = client.delete(f"/jobs/{id}")
    assert (again.status_code, again.json["error"]) == (
        409,
        "The job has ended already: it is cancelled.",
    )


def test_a_job_that_is_done_is_asked_to_stop(client):
    [id] = add_jobs(client, 1)
    with client.application.extensions[EXTENSION].database.writing_local() as connection:
        jobs.take_job(connection, id, "someone", now(), later(9))
    answer = client.delete(f"/jobs/{id}")
    assert (answer.status_code, answer.json["state"], answer.headers["Retry-After"]) == (
        202,
        "running",
        "1",
    )


def test_a_job_that_was_cancelled_is_tried_again(client):
    [id] = add_jobs(client, 1)
    assert client.post(f"/jobs/{id}/retry").status_code == 409
    client.delete(f"/jobs/{id}")
    assert "Retry-After" not in client.get("/jobs").headers
    answer = client.post(f"/jobs/{id}/retry")
    assert (answer.status_code, answer.json["state"], answer.headers["Retry-After"]) == (
        202,
        "queued",
        "1",
    )
    assert client.get("/jobs").headers["Retry-After"] == "1"


def test_jobs_are_listed_newest_first_page_by_page(client):
    ids = add_jobs(client, 5)
    client.delete(f"/jobs/{ids[0]}")
    first = client.get("/jobs?limit=3")
    assert [job["id"] for job in first.json] == ids[:1:-1]
    following = client.get(first.headers["Link"].split(">")[0].strip("<"))
    assert [job["id"] for job in following.json] == [ids[1], ids[0]]
    assert "Link" not in following.headers
    assert [job["id"] for job in client.get("/jobs?state=cancelled").json] == [ids[0]]


def test_what_is_asked_wrongly_is_told(sqlite_client):
    for path, status, told in (
        ("/jobs/none", 404, "There is no job"),
        ("/jobs?after=x", 400, "after must be a cursor"),
        ("/jobs?state=lost", 400, "state must be queued or running"),
    ):
        answer = sqlite_client.get(path)
        assert (answer.status_code, answer.json["error"].startswith(told)) == (status, True), (
            answer.json
        )


def test_jobs_are_for_those_who_write(sqlite_client):
    for method in ("GET", "DELETE"):
        assert (
            sqlite_client.open("/jobs/x", method=method, headers={"Via": "1.1 x"}).status_code
            == 401
        )


def test_ready_counts_the_workers(client):
    assert client.get("/ready").json["workers"] == 0
    presence = jobs.Heartbeat("a", "here", 1, 2, now(), now())
    with client.application.extensions[EXTENSION].database.writing_local() as connection:
        jobs.record_heartbeat(connection, presence)
        jobs.record_heartbeat(connection, presence._replace(id="b", beat_at=later(-99)))
    assert client.get("/ready").json["workers"] == 1
