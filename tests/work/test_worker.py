"""Jobs are done at least once, whatever becomes of their worker or the queue; what they write is written once."""

import threading
import time
from contextlib import closing

import pytest

from terrafirma.errors import ConfigurationError, Conflict, Invalid, NotFound
from terrafirma.register import jobs as rules
from terrafirma.register.access.roles import LOCAL
from terrafirma.register.jobs import MOST_ATTEMPTS, view
from terrafirma.register.model.clock import DAY, later, now
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.schema import read_property, write_property
from terrafirma.storage.work import jobs
from terrafirma.storage.work.jobs import CANCELLED, DONE, FAILED, QUEUED, RUNNING
from terrafirma.storage.work.queue import Queue
from terrafirma.work.cleanup import clean_up
from terrafirma.work.task import JobLost
from terrafirma.worker import Intervals, Worker
from tests.work.conftest import wait_until


def count_up(task):
    """Something that can be told whether it happened twice."""
    with task.finishing({"counted": True}) as connection:
        count = int(read_property(connection, "count") or 0)
        write_property(connection, "count", str(count + 1))


def read_count(place):
    with place.database.reading() as connection:
        return int(read_property(connection, "count") or 0)


def test_a_job_is_done_and_tells_what_came_of_it(place):
    id = place.enqueue("add", a=1, b=2)
    with place.working({"add": lambda task: {"sum": task.arguments["a"] + task.arguments["b"]}}):
        job = place.wait(id)
    assert (job.state, job.attempt, view(job).result) == (DONE, 1, {"sum": 3})
    assert job.at <= job.started_at <= job.ended_at


def test_many_jobs_are_done_once_by_several_workers(place):
    ids = [place.enqueue("count") for _ in range(40)]
    with place.working({"count": count_up}), place.working({"count": count_up}):
        assert {place.wait(id).state for id in ids} == {DONE}
    assert read_count(place) == 40


def test_what_the_queue_lost_is_found_in_the_table(place):
    id = place.enqueue("count", push=False)
    with place.working({"count": count_up}):
        assert place.wait(id).state == DONE
    assert read_count(place) == 1


def test_a_queue_that_is_down_only_costs_time(place):
    place.queue = Queue("redis://127.0.0.1:1/0")
    id = place.enqueue("count")
    with place.working({"count": count_up}):
        assert place.wait(id).state == DONE


def test_an_id_of_no_job_is_ignored(place):
    place.queue.push("nothing")
    place.queue.push("\udcff".encode(errors="replace").decode())
    id = place.enqueue("count")
    with place.working({"count": count_up}):
        assert place.wait(id).state == DONE


def test_a_fault_is_tried_again_later_and_told(place, monkeypatch):
    monkeypatch.setattr("terrafirma.worker.pause_after", lambda _: 0.01)

    def stumble(task):
        if task.job.attempt < 3:
            raise ValueError("not yet")
        return {}

    id = place.enqueue("stumble")
    with place.working({"stumble": stumble}):
        job = place.wait(id)
    assert (job.state, job.attempt) == (DONE, 3)
    assert [error.message for error in view(job).errors] == ["ValueError: not yet"] * 2


def test_a_database_that_cannot_be_used_now_is_tried_again(place, monkeypatch):
    monkeypatch.setattr("terrafirma.worker.pause_after", lambda _: 0.01)

    def stumble(task):
        if task.job.attempt < 2:
            raise ConfigurationError("Try again.")
        return {}

    id = place.enqueue("stumble")
    with place.working({"stumble": stumble}):
        assert place.wait(id).state == DONE


def test_a_job_fails_after_its_last_attempt_and_can_be_tried_again(place, monkeypatch):
    monkeypatch.setattr("terrafirma.worker.pause_after", lambda _: 0.0)
    id = place.enqueue("fail")
    with place.working({"fail": lambda _: 1 / 0}):
        job = place.wait(id)
    assert (job.state, job.attempt) == (FAILED, MOST_ATTEMPTS)
    with place.database.writing_local() as connection:
        assert rules.retry(connection, id, LOCAL).state == QUEUED
        with pytest.raises(Conflict):
            rules.retry(connection, id, LOCAL)
    with place.working({"fail": lambda _: {}}):
        assert place.wait(id).state == DONE


def test_pauses_grow_up_to_an_hour():
    assert [rules.pause_after(attempt) for attempt in (1, 2, 3, 12, 100)] == [2, 4, 8, 3600, 3600]


@pytest.mark.parametrize(("kind", "told"), [("refuse", "No."), ("strange", "does not know")])
def test_a_refusal_is_final(place, kind, told):
    def refuse(task):
        raise Invalid("No.")

    id = place.enqueue(kind)
    with place.working({"refuse": refuse}):
        job = place.wait(id)
    assert (job.state, job.attempt) == (FAILED, 1)
    assert told in view(job).errors[0].message


def go_on(task):
    """A job that only ends when it is told to."""
    for step in range(10_000):
        task.tell(step, 10_000)
        time.sleep(0.01)


def test_progress_is_told_and_a_job_that_is_done_can_be_stopped(place):
    id = place.enqueue("long")
    with place.working({"long": go_on}):
        seen = wait_until(lambda: (job := place.find(id)).done > 0 and job)
        assert (seen.state, seen.total) == (RUNNING, 10_000)
        assert view(seen).rate > 0
        assert view(seen).seconds_left > 0
        with place.database.writing_local() as connection:
            rules.cancel(connection, id, LOCAL)
        assert place.wait(id).state == CANCELLED


def test_a_waiting_job_is_stopped_at_once(place):
    id = place.enqueue("count")
    with place.database.writing_local() as connection:
        assert rules.cancel(connection, id, LOCAL).state == CANCELLED
        with pytest.raises(Conflict, match="ended already"):
            rules.cancel(connection, id, LOCAL)
        with pytest.raises(NotFound):
            rules.cancel(connection, "nothing", LOCAL)
    with place.working({"count": count_up}):
        other = place.enqueue("count")
        place.wait(other)
    assert read_count(place) == 1


def test_a_worker_that_ends_gives_its_job_back(place):
    id = place.enqueue("long")
    with place.working({"long": go_on}):
        place.wait(id, RUNNING)
    job = place.find(id)
    assert (job.state, job.attempt, job.worker) == (QUEUED, 0, None)
    with place.database.reading() as connection:
        assert jobs.list_workers(connection, "") == []


def test_a_job_is_taken_over_from_a_worker_that_is_gone(place):
    id = place.enqueue("count", push=False)
    with place.database.writing_local() as connection:
        assert jobs.take_job(connection, id, "gone", now(), later(0.3))
        assert jobs.take_job(connection, id, "other", now(), later(9)) is None
    with place.working({"count": count_up}):
        job = place.wait(id)
    assert (job.state, job.attempt) == (DONE, 2)
    assert view(job).errors[0].message == rules.GONE


def test_a_job_that_ends_its_workers_fails_in_the_end(place):
    id = place.enqueue("fatal", push=False)
    for _ in range(MOST_ATTEMPTS):
        with place.database.writing_local() as connection:
            assert jobs.take_job(connection, id, "gone", now(), later(-1))
            assert rules.recover(connection) == 1
    assert place.find(id).state == FAILED


def test_a_worker_that_was_only_slow_changes_nothing_more(place):
    """It wakes after its lease, when another one has done the job."""
    asleep, awake, ended = threading.Event(), threading.Event(), []

    def doze(task):
        asleep.set()
        awake.wait(20)
        try:
            count_up(task)
        except JobLost:
            ended.append("lost")
            raise

    id = place.enqueue("count")
    silent = Worker(
        place.settings, place.database, place.queue, {"count": doze}, pace=Intervals(lease=0.2)
    )
    thread = threading.Thread(target=silent.perform, args=(id,))
    thread.start()
    asleep.wait(20)
    with place.working({"count": count_up}):
        assert place.wait(id).attempt == 2
    awake.set()
    thread.join(20)
    assert (ended, read_count(place)) == (["lost"], 1)


def test_a_job_is_not_lost_by_holding_the_turn_that_its_worker_waits_for(place, monkeypatch):
    """On SQLite nobody is heard of meanwhile, but nobody can take the job either."""
    monkeypatch.setattr("terrafirma.storage.engine.database.BUSY_SECONDS", 0.1)

    def hold(task):
        with task.finishing():
            for step in range(20):
                task.tell(step)
                time.sleep(0.1)

    id = place.enqueue("hold")
    with closing(open_database(place.settings.url)) as database:
        place.database = database
        with place.working({"hold": hold}):
            job = place.wait(id)
    assert (job.state, job.attempt) == (DONE, 1)


def test_what_recurs_is_done_once_a_day(place):
    with place.database.writing_local() as connection:
        added = [
            jobs.add_job_once(connection, rules.make_job("tidy", {}, "worker", "tidy today"))
            for _ in range(3)
        ]
    assert added == [True, False, False]


def test_jobs_that_ended_long_ago_are_forgotten(place):
    old, new = place.enqueue("count"), place.enqueue("count")
    with place.working({"count": count_up, "tidy": clean_up}):
        place.wait(old)
        place.wait(new)
        with place.database.writing_local() as connection:
            long_ago = later(-31 * DAY)
            assert jobs.change_job(connection, rules.find_job(connection, old), ended_at=long_ago)
        tidied = place.wait(place.enqueue("tidy"))
    assert view(tidied).result == {"removed": 1, "deliveries": 0}
    with place.database.reading() as connection:
        assert jobs.find_job(connection, old) is None
        assert jobs.find_job(connection, new)


def test_work_does_not_announce_that_the_register_changed(place):
    """Else each heartbeat would empty the cache of answers."""
    before = place.database.revision.read()
    id = place.enqueue("long")
    with place.working({"long": go_on}):
        wait_until(lambda: place.find(id).done > 5)
    assert place.database.revision.read() == before
