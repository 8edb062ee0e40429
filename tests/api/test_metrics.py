"""`/metrics`: what is counted, where it is kept, and who may read it."""

import re
import threading

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_plain

from terrafirma.http.app.context import EXTENSION
from terrafirma.http.app.request_counts import ROUTE, ROWS
from terrafirma.register import jobs as rules
from terrafirma.register.model.clock import later, now
from terrafirma.storage.auth.deliveries import Delivery, add_delivery
from terrafirma.storage.engine.database import OperationalError
from terrafirma.storage.engine.shared_counters import SharedCounters, begin_counters
from terrafirma.storage.work import jobs
from terrafirma.worker import Worker
from tests.conftest import make_key
from tests.work.conftest import Place

ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
OPENMETRICS = {"Accept": "application/openmetrics-text; version=1.0.0,text/plain;q=0.5"}


def scrape(client, **given):
    """Every sample by its name and labels."""
    answer = client.get("/metrics", **given)
    assert answer.status_code == 200, answer.json
    parse = parse_openmetrics if "openmetrics" in answer.content_type else parse_plain
    families = list(parse(answer.get_data(as_text=True)))
    samples = [sample for family in families for sample in family.samples]
    found = {(sample.name, *sorted(sample.labels.values())): sample.value for sample in samples}
    assert len(found) == len(samples)
    return found


def test_requests_are_counted_by_route_method_and_status(client):
    etag = client.get("/countries/TH").headers["ETag"]
    client.get("/countries/TH", headers={"If-None-Match": etag})
    for path in ("/countries/TH", "/countries/Nowhere", "/v3.1/all?fields=name", "/no/such/place"):
        client.get(path)
    client.head("/countries/TH")
    client.patch("/countries/TH", json={"area": "x"})
    found = scrape(client)
    counted = {
        key[1:]: value for key, value in found.items() if key[0] == "terrafirma_http_requests_total"
    }
    assert counted == {
        ("/countries/{key}", "2xx", "GET"): 2,
        ("/countries/{key}", "3xx", "GET"): 1,
        ("/countries/{key}", "4xx", "GET"): 1,
        ("/countries/{key}", "2xx", "HEAD"): 1,
        ("/countries/{key}", "4xx", "PATCH"): 1,
        ("/{name}/all", "2xx", "GET"): 1,
        ("4xx", "other", "other"): 1,
    }
    taken = "terrafirma_http_request_duration_seconds"
    assert found[taken + "_count", "/countries/{key}", "GET"] == 4
    assert found[taken + "_bucket", "+Inf", "/countries/{key}", "GET"] == 4
    assert 0 < found[taken + "_sum", "/countries/{key}", "GET"] < 10
    assert (
        found["terrafirma_hot_cache_hits_total",],
        found["terrafirma_hot_cache_misses_total",],
    ) == (2, 2)


def test_what_a_gate_refuses_is_counted_too(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, hosts="countries.example.org").test_client()
    assert client.get("/countries/TH", headers={"Host": "other.example.org"}).status_code == 400
    assert scrape(client)["terrafirma_http_requests_total", "4xx", "other", "other"] == 1


def test_the_register_is_measured_as_it_is(client):
    before = scrape(client)
    about = client.get("/").json
    assert before["terrafirma_entries",] == about["entries"]
    assert before["terrafirma_records", "country"] == 250
    assert before["terrafirma_database_up",] == 1
    kind = "SQLite" if client.application.extensions[EXTENSION].database.path else "PostgreSQL"
    [build] = [key for key in before if key[0] == "terrafirma_build_info"]
    assert {about["version"], kind} <= set(build)
    client.post("/countries", json={"name": "Sealand"})
    after = scrape(client, headers=OPENMETRICS)
    assert after["terrafirma_records", "country"] == 251
    assert after["terrafirma_entries",] == about["entries"] + 1
    assert (
        after["terrafirma_last_entry_timestamp_seconds",]
        >= before["terrafirma_last_entry_timestamp_seconds",]
    )
    assert after["terrafirma_server_processes",] == 1
    assert after["terrafirma_server_memory_bytes",] > 10_000_000


def test_names_follow_the_conventions(sqlite_client):
    families = list(
        parse_openmetrics(sqlite_client.get("/metrics", headers=OPENMETRICS).get_data(as_text=True))
    )
    assert len(families) > 15
    for family in families:
        assert re.fullmatch("terrafirma_[a-z_]+", family.name)
        assert family.documentation
        assert family.type in ("gauge", "counter", "histogram", "info")
        assert not family.name.endswith("_total")
    assert (
        sqlite_client.get("/metrics")
        .headers["Content-Type"]
        .startswith("text/plain; version=0.0.4")
    )


def test_jobs_are_counted_with_what_became_of_them(client):
    state = client.application.extensions[EXTENSION]
    place = Place(state.settings, state.database, state.queue)

    def fail(_task):
        raise RuntimeError("no")

    worker = Worker(
        state.settings, state.database, state.queue, {"good": lambda _task: None, "bad": fail}
    )
    for kind in ("good", "good", "bad", "unknown"):
        worker.perform(place.enqueue(kind, push=False))
    place.enqueue("good", push=False)
    found = scrape(client)
    counted = {
        key[1:]: value for key, value in found.items() if key[0] == "terrafirma_job_runs_total"
    }
    assert counted == {("done", "good"): 2, ("bad", "retried"): 1, ("failed", "unknown"): 1}
    assert found["terrafirma_jobs", "good", "queued"] == 1
    assert found["terrafirma_jobs", "done", "good"] == 2
    assert found["terrafirma_job_run_duration_seconds_count", "good"] == 2
    # The one that waits to be tried again is not due.
    assert found["terrafirma_queue_depth",] == 1
    assert 0 <= found["terrafirma_queue_oldest_age_seconds",] < 10


def test_counts_of_runs_outlast_the_jobs(client):
    state = client.application.extensions[EXTENSION]
    place = Place(state.settings, state.database, state.queue)
    id = place.enqueue("good", push=False)
    Worker(state.settings, state.database, state.queue, {"good": lambda _task: None}).perform(id)
    with state.database.writing_quietly() as connection:
        jobs.remove_jobs(connection, [id])
    found = scrape(client)
    assert ("terrafirma_jobs", "done", "good") not in found
    assert found["terrafirma_job_runs_total", "done", "good"] == 1


def test_deliveries_are_counted_by_state(client):
    vault = client.application.extensions[EXTENSION].callers.vault
    with vault.writing() as connection:
        for number, become in enumerate(("waiting", "dead", "dead"), 1):
            sent = Delivery(
                1, number, f"msg-{number}", "country.changed", 1, None, 0, become, now()
            )
            add_delivery(connection, sent)
    found = scrape(client)
    assert found["terrafirma_webhook_deliveries", "waiting"] == 1
    assert found["terrafirma_webhook_deliveries", "dead"] == 2


def test_a_run_lost_with_its_worker_is_counted(client):
    state = client.application.extensions[EXTENSION]
    id = Place(state.settings, state.database, state.queue).enqueue("good", push=False)
    with state.database.writing_quietly() as connection:
        jobs.take_job(connection, id, "gone", now(), later(-1))
        assert rules.recover(connection) == 1
        assert rules.recover(connection) == 0
    assert scrape(client)["terrafirma_job_runs_total", "good", "lost"] == 1


def test_without_a_database_the_rest_is_told(sqlite_client, monkeypatch):
    state = sqlite_client.application.extensions[EXTENSION]

    def refuse():
        raise OperationalError("gone", None, Exception())

    monkeypatch.setattr(state.database, "reading", refuse)
    found = scrape(sqlite_client)
    assert found["terrafirma_database_up",] == 0
    assert ("terrafirma_entries",) not in found
    assert ("terrafirma_hot_cache_hits_total",) in found


@pytest.mark.parametrize(
    ("setting", "here", "elsewhere"), [("local", 200, 401), ("open", 200, 200), ("key", 401, 401)]
)
@pytest.mark.parametrize("reads", ["open", "key"])
def test_who_may_read_it(open_app, sqlite_world_url, setting, here, elsewhere, reads):
    client = open_app(sqlite_world_url, metrics=setting, reads=reads).test_client()
    key = make_key(client.application, "reader")
    for headers in ({}, {"Accept": "*/*"}):
        assert client.get("/metrics", headers=headers).status_code == here
        assert client.get("/metrics", headers=headers, **ELSEWHERE).status_code == elsewhere
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == elsewhere
    foreign = client.get("/metrics", headers={"Sec-Fetch-Site": "cross-site"}).status_code
    assert foreign == (200 if setting == "open" else 403)
    answer = client.get("/metrics", headers=key, **ELSEWHERE)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")


def test_processes_count_together_until_a_server_begins_anew(tmp_path):
    begin_counters(tmp_path / "tallies")
    one, other = SharedCounters(3), SharedCounters(3)
    for place, tally in enumerate((one, other)):
        tally.share(tmp_path / "tallies")
        tally.numbers[place] += 2
        tally.numbers[2] += 0.5
    (tmp_path / "tallies" / "1-beginning").write_bytes(b"\0" * 7)
    assert one.total() == other.total() == [2, 2, 1]
    begin_counters(tmp_path / "tallies")
    assert list((tmp_path / "tallies").iterdir()) == []


def test_threads_that_count_at_once_lose_nothing(sqlite_client):
    tally = sqlite_client.application.extensions[EXTENSION].requests

    def count():
        for _ in range(20_000):
            tally.note({ROUTE: ROWS}, "200 OK", 0.5)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [row] = [row for row in tally.total().rows if row.route == "other"]
    assert (row.classes, row.seconds, sum(row.buckets)) == ({"2xx": 80_000}, 40_000, 80_000)
