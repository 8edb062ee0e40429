"""`/jobs` and `/jobs/{id}`: work in the background, how far it is, and a way to stop it."""

from dataclasses import asdict

from flask import Response, request

from terrafirma.errors import Malformed
from terrafirma.http.app.context import principal, reading_local, state, writing_local
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_choice, read_limit
from terrafirma.http.response.responses import link_next, reply_json
from terrafirma.register import jobs as rules
from terrafirma.register.jobs import ID, JobView, view
from terrafirma.storage.work import jobs
from terrafirma.storage.work.jobs import ENDED, Job

door = Door("jobs")

SOON = "1"
"""Seconds after which it is worth asking again."""


@door.route("GET", "/jobs", Access.WRITE, ("state", "limit", "after"), gives=list[JobView])
def list_jobs() -> Response:
    """Jobs, newest first. While a job has not ended, `Retry-After` gives the polling interval."""
    limit = read_limit()
    with reading_local() as connection:
        rows = jobs.list_jobs(connection, limit + 1, read_choice("state"), read_place())
    response = reply_json([asdict(view(job)) for job in rows[:limit]])
    if any(job.state not in ENDED for job in rows[:limit]):
        response.headers["Retry-After"] = SOON
    if len(rows) > limit:
        link_next(response, after=rows[limit - 1].id)
    return response


def read_place() -> str | None:
    """The id of the last known job. Raise Malformed if invalid."""
    text = request.args.get("after")
    if text is not None and not ID.fullmatch(text):
        raise Malformed("after must be a cursor from a Link header: the id of a job.")
    return text


@door.route("GET", "/jobs/<id>", Access.WRITE, gives=JobView)
def get_job(id: str) -> Response:
    """A job: its state, progress and result. Until it ends, `Retry-After` gives the polling
    interval."""
    with reading_local() as connection:
        return reply_job(rules.find_job(connection, id))


@door.route("DELETE", "/jobs/<id>", Access.WRITE, gives=JobView, statuses=(202,))
def cancel_job(id: str) -> Response:
    """Stop a job: at once if it waits, soon if it is being done. 409 if it has ended."""
    with writing_local() as connection:
        return reply_job(rules.cancel(connection, id, principal()), 202)


@door.route("POST", "/jobs/<id>/retry", Access.WRITE, gives=JobView, statuses=(202,))
def retry_job(id: str) -> Response:
    """Do a job again that failed or was cancelled, with your own rights and in your name. 409 for any other."""
    with writing_local() as connection:
        response = reply_job(rules.retry(connection, id, principal()), 202)
    state().queue.push(id)
    return response


def reply_job(job: Job, status: int = 200) -> Response:
    """A job as an answer."""
    response = reply_json(asdict(view(job)), status)
    if job.state not in ENDED:
        response.headers["Retry-After"] = SOON
    return response
