"""`terrafirma jobs`: list, cancel and retry background jobs."""

import sys
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from terrafirma.commands.terminal import (
    COUNT,
    CommandGroup,
    choose,
    found,
    print_status,
    with_register,
)
from terrafirma.register import jobs as rules
from terrafirma.register.access.roles import Principal, Role
from terrafirma.register.jobs import JobView, view
from terrafirma.storage.engine.database import Database
from terrafirma.storage.work.jobs import ENDED, FAILED, STATES, Job, list_jobs
from terrafirma.storage.work.queue import Queue

OWNER = Principal("cli", Role.ADMIN)
LOOK_SECONDS = 0.5
"""Between two looks at a job that is followed."""


@click.group(cls=CommandGroup)
def jobs() -> None:
    """Jobs: work in the background."""


@jobs.command("list")
@click.option(
    "--state", type=click.Choice(STATES), show_default="all", help="Only those of a state."
)
@click.option("--limit", type=COUNT, default=20, help="How many, the newest first.")
@with_register
def list_all(state: str | None, limit: int, **given: Any) -> None:
    """The newest jobs, a line each."""
    with found(choose(**given)) as database, database.reading() as connection:
        for job in list_jobs(connection, limit, state):
            click.echo(describe(view(job)))


@jobs.command()
@click.argument("id")
@with_register
def retry(id: str, **given: Any) -> None:
    """Do a job again that failed or was cancelled."""
    settings = choose(**given)
    with found(settings) as database, closing(Queue(settings.queue_url)) as queue:
        with database.writing_local() as connection:
            job = rules.retry(connection, id, OWNER)
        queue.push(job.id)
    print_status(describe(view(job)))


@jobs.command()
@click.argument("id")
@with_register
def cancel(id: str, **given: Any) -> None:
    """Stop a job: at once if it waits, soon if it is being done."""
    with found(choose(**given)) as database, database.writing_local() as connection:
        print_status(describe(view(rules.cancel(connection, id, OWNER))))


@jobs.command()
@click.argument("id")
@with_register
def follow(id: str, **given: Any) -> None:
    """Watch a job to its end: a bar on a terminal, lines in a pipe."""
    with found(choose(**given)) as database:
        job = watch(database, id)
    print_status(describe(view(job)))
    if job.state == FAILED:
        raise click.ClickException(view(job).errors[-1].message)


def watch(database: Database, id: str) -> Job:
    """Wait for a job to end and return it, showing its progress."""
    states = look(database, id)
    if not sys.stderr.isatty():
        said = ""
        for job in states:
            if (line := describe(view(job))) != said and job.state not in ENDED:
                said = line
                print_status(line)
        return job
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(next(states).kind, total=None)
        for job in states:
            progress.update(
                bar, completed=job.done, total=job.total, description=f"{job.kind} {job.state}"
            )
    return job


def look(database: Database, id: str) -> Iterator[Job]:
    """A job as it is, again and again until it has ended."""
    while True:
        with database.reading() as connection:
            job = rules.find_job(connection, id)
        yield job
        if job.state in ENDED:
            return
        time.sleep(LOOK_SECONDS)


def describe(job: JobView) -> str:
    """A job as a line."""
    total = f" of {job.total:,}" if job.total is not None else ""
    parts = [job.id, job.kind, job.state, f"{job.done:,}{total}" if job.done or total else ""]
    parts += [f"{job.seconds_left} s left" if job.seconds_left is not None else ""]
    parts += [job.errors[-1].message if job.errors else ""]
    return "  ".join(part for part in parts if part)
