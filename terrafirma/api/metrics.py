"""`/metrics`: Prometheus metrics of this server, its register and its jobs.

Database metrics are read at each scrape, so they cover every server and worker. Requests are
counted by the processes of this server (`http/app/request_counts.py`). To add a metric, add a
function to COUNTED, ASKED or KEPT.
"""

import os
import platform
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import accumulate, chain, groupby

from flask import Response, request
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.exposition import generate_latest as write_plain
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.openmetrics.exposition import generate_latest as write_openmetrics
from prometheus_client.registry import Collector

from terrafirma.http.app.context import AppState, reading, state
from terrafirma.http.app.formats import prefers
from terrafirma.http.app.request_counts import BOUNDS
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import vary_by
from terrafirma.register.jobs import LEASE_SECONDS
from terrafirma.register.model.clock import later, now, today
from terrafirma.storage.auth.deliveries import count_deliveries
from terrafirma.storage.engine.database import Connection, OperationalError
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.records import count_records
from terrafirma.storage.work import job_runs
from terrafirma.storage.work.job_runs import list_runs
from terrafirma.storage.work.jobs import count_jobs, list_workers, measure_queue
from terrafirma.version import VERSION

door = Door("metrics")

PLAIN, OPENMETRICS = "text/plain", "application/openmetrics-text"
BOUND_NAMES = (*map(str, BOUNDS), "+Inf")
STATM = "/proc/{}/statm"

Families = Iterator[Metric]


class Scrape(Collector):
    """Families that were gathered once."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        """The families."""
        return self._families


@door.route("GET", "/metrics", Access.WATCH, gives=((PLAIN, str), (OPENMETRICS, str)))
def metrics() -> Response:
    """Counts and measures for Prometheus: of requests, jobs, workers and records."""
    scrape = Scrape(chain(*(tell(state()) for tell in COUNTED), gather_asked()))
    if prefers(request.headers.get("Accept", ""), OPENMETRICS, PLAIN):
        text, media = write_openmetrics(scrape), CONTENT_TYPE_LATEST  # type: ignore[no-untyped-call]
    else:
        text, media = write_plain(scrape), CONTENT_TYPE_PLAIN_0_0_4
    response = Response(text, content_type=media)
    vary_by(response, "Accept")
    return response


def gather_asked() -> list[Metric]:
    """Metrics of the databases; only an unavailability metric if they are unreachable."""
    found: list[Metric] = []
    reached = True
    try:
        with reading() as connection:
            found = [family for tell in ASKED for family in tell(connection)]
        with state().callers.vault.reading() as vault:
            found += [family for tell in KEPT for family in tell(vault)]
    except OperationalError:
        reached = False
    return [
        gauge("terrafirma_database_up", "Whether the database can be reached.", reached),
        *found,
    ]


def gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    """A gauge without labels."""
    return GaugeMetricFamily(name, meaning, value)


def collect_build(here: AppState) -> Families:
    """Version and build."""
    database = "SQLite" if here.database.path else "PostgreSQL"
    told = {
        "version": VERSION,
        "python": platform.python_version(),
        "database": database,
    }
    yield InfoMetricFamily("terrafirma_build", "What this server is.", told)


def collect_requests(here: AppState) -> Families:
    """Requests by route, and how often the hot cache had the answer."""
    counted = here.requests.total()
    labels = ("route", "method")
    counts = CounterMetricFamily(
        "terrafirma_http_requests", "Requests answered.", labels=(*labels, "status")
    )
    meaning = "Time until an answer began."
    times = HistogramMetricFamily(
        "terrafirma_http_request_duration_seconds", meaning, labels=labels
    )
    for row in counted.rows:
        for status, count in row.classes.items():
            counts.add_metric((row.route, row.method, status), count)
        buckets = list(zip(BOUND_NAMES, accumulate(row.buckets), strict=True))
        times.add_metric((row.route, row.method), buckets, row.seconds)
    yield from (counts, times)
    yield CounterMetricFamily(
        "terrafirma_hot_cache_hits", "Answers that the hot cache had.", counted.hits
    )
    meaning = "Answers made that the hot cache could have had."
    yield CounterMetricFamily("terrafirma_hot_cache_misses", meaning, counted.misses)
    meaning = "Records that the state cache had."
    yield CounterMetricFamily("terrafirma_state_cache_hits", meaning, counted.states_found)
    meaning = "Records that were read or written out for an answer."
    yield CounterMetricFamily("terrafirma_state_cache_misses", meaning, counted.states_made)


def collect_memory(here: AppState) -> Families:
    """Resident memory of this server's processes, where the system reports it."""
    sizes = [
        size
        for id in here.requests.tally.list_processes()
        if (size := measure_memory(id)) is not None
    ]
    yield gauge("terrafirma_server_processes", "Server processes that answer requests.", len(sizes))
    yield gauge(
        "terrafirma_server_memory_bytes", "Resident memory of the server processes.", sum(sizes)
    )


def measure_memory(process: int) -> int | None:
    """The resident memory of a local process; None if it is gone or unknown."""
    with suppress(OSError), open(STATM.format(process), encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None


def collect_register(connection: Connection) -> Families:
    """The size of the register and its last change."""
    head = read_head(connection)
    yield gauge(
        "terrafirma_entries", "Entries of the log: the number of the last one.", head.number
    )
    if head.at:
        instant = datetime.fromisoformat(head.at).timestamp()
        yield gauge(
            "terrafirma_last_entry_timestamp_seconds", "When the register changed last.", instant
        )
    records = GaugeMetricFamily(
        "terrafirma_records", "Records that there are today.", labels=("kind",)
    )
    for kind, count in count_records(connection, today()):
        records.add_metric((kind,), count)
    yield records


def collect_jobs(connection: Connection) -> Families:
    """Jobs that are remembered, those that wait, and how those that were begun came out."""
    known = GaugeMetricFamily(
        "terrafirma_jobs", "Jobs that are remembered.", labels=("kind", "state")
    )
    for kind, job_state, count in count_jobs(connection):
        known.add_metric((kind, job_state), count)
    yield known
    instant = now()
    waiting, since = measure_queue(connection, instant)
    age = (
        (datetime.fromisoformat(instant) - datetime.fromisoformat(since)).total_seconds()
        if since
        else 0
    )
    yield gauge("terrafirma_queue_depth", "Jobs that are due and not begun.", waiting)
    yield gauge(
        "terrafirma_queue_oldest_age_seconds", "How long the oldest of them has been due.", age
    )
    yield from collect_runs(connection)


def collect_runs(connection: Connection) -> Families:
    """Runs of jobs by outcome, and how long they took."""
    counts = CounterMetricFamily(
        "terrafirma_job_runs", "Runs of jobs that ended.", labels=("kind", "outcome")
    )
    times = HistogramMetricFamily(
        "terrafirma_job_run_duration_seconds", "How long they took.", labels=("kind",)
    )
    for kind, ended in groupby(list_runs(connection), key=lambda each: each.kind):
        of_kind = list(ended)
        for outcome, group in groupby(of_kind, key=lambda each: each.outcome):
            counts.add_metric((kind, outcome), sum(each.ended for each in group))
        buckets = [
            sum(each.ended for each in of_kind if each.bound == bound)
            for bound in job_runs.BOUND_NAMES
        ]
        seconds = sum(each.seconds for each in of_kind)
        times.add_metric(
            (kind,), list(zip(job_runs.BOUND_NAMES, accumulate(buckets), strict=True)), seconds
        )
    yield from (counts, times)


def collect_workers(connection: Connection) -> Families:
    """The workers that were heard of lately."""
    there = list_workers(connection, later(-LEASE_SECONDS))
    yield gauge("terrafirma_workers", "Workers heard of lately.", len(there))
    yield gauge(
        "terrafirma_worker_threads",
        "Jobs that they can do at once.",
        sum(each.threads for each in there),
    )
    sizes = [measure_memory(each.pid) or 0 for each in there if each.host == socket.gethostname()]
    yield gauge(
        "terrafirma_worker_memory_bytes",
        "Resident memory of the workers on this machine.",
        sum(sizes),
    )


def collect_webhooks(vault: Connection) -> Families:
    """Deliveries of webhooks by state."""
    known = GaugeMetricFamily(
        "terrafirma_webhook_deliveries", "Deliveries that are remembered.", labels=("state",)
    )
    for delivery_state, count in count_deliveries(vault):
        known.add_metric((delivery_state,), count)
    yield known


COUNTED = (collect_build, collect_requests, collect_memory)
"""Metrics of this server's processes."""
ASKED = (collect_register, collect_jobs, collect_workers)
"""Metrics of the register's database."""
KEPT = (collect_webhooks,)
"""Metrics of the auth database."""
