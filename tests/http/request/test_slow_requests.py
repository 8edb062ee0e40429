"""Requests that take too long are stopped with an answer, and leave nothing behind."""

import json

from terrafirma.http.app.context import EXTENSION

SLOW = "/countries?q=" + "+".join("aeioulnrst" * 5)
"""Fifty searches through all text there is."""

HURRY = 0.005


def test_a_slow_query_is_stopped_and_says_so(open_app, world_url):
    patient, hurried = (
        open_app(world_url, max_seconds=600).test_client(),
        open_app(world_url, max_seconds=HURRY).test_client(),
    )
    assert patient.get(SLOW).status_code == 200
    answer = hurried.get(SLOW)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json["error"].startswith("This takes longer than the 0.005 seconds")
    problem = hurried.get(SLOW, headers={"Accept": "application/problem+json"})
    assert problem.json["type"].endswith(":too-slow")
    assert patient.patch("/countries/TH", json={"area": 1}).status_code == 200


def test_a_write_that_gets_no_turn_is_refused_and_changes_nothing(open_app, world_url):
    app, hurried = open_app(world_url), open_app(world_url, max_seconds=HURRY).test_client()
    client = app.test_client()
    entries = client.get("/").json["entries"]
    with app.extensions[EXTENSION].database.writing():
        answer = hurried.post("/countries", json={"name": "Erewhon"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "nothing was changed" in answer.json["error"]
    assert client.get("/").json["entries"] == entries
    assert client.post("/countries", json={"name": "Erewhon"}).status_code == 201


def test_each_page_of_a_stream_has_its_own_time(open_app, sqlite_world_url, monkeypatch):
    """Its reader may take longer than a request may."""
    clock = [0.0]
    monkeypatch.setattr("terrafirma.storage.engine.timeouts.monotonic", lambda: clock[0])
    client = open_app(sqlite_world_url, max_seconds=1, max_page=10).test_client()
    path = SLOW.replace("?", "?format=ndjson&")
    expected = len(client.get(path + "&limit=10").data.splitlines())
    answer, rows = client.get(path, buffered=False), 0
    for piece in answer.response:
        rows += len([json.loads(line) for line in piece.splitlines()])
        clock[0] += 0.7
    assert rows > expected == 10
