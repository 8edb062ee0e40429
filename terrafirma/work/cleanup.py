"""Daily cleanup: delete old ended jobs with their files, and old deliveries."""

import shutil
from typing import Any

from terrafirma.register.model.clock import DAY, later
from terrafirma.storage.auth.auth_database import opened_auth_database
from terrafirma.storage.auth.deliveries import remove_old
from terrafirma.storage.work.jobs import list_ended, remove_jobs
from terrafirma.work.task import Task

BATCH = 500


def clean_up(task: Task) -> dict[str, Any]:
    """Forget the jobs that ended before as many days as the settings keep them, and deliveries as old."""
    before, removed = later(-task.settings.job_days * DAY), 0
    while True:
        with task.database.writing_quietly() as connection:
            ids = list_ended(connection, before, BATCH)
            remove_jobs(connection, ids)
        for id in ids:
            for folder in (task.settings.imports_path, task.settings.exports_path):
                shutil.rmtree(folder / id, ignore_errors=True)
        removed += len(ids)
        task.tell(removed)
        if len(ids) < BATCH:
            return {"removed": removed, "deliveries": forget_deliveries(task, before)}


def forget_deliveries(task: Task, before: str) -> int:
    """Forget deliveries that ended and were made before an instant; how many."""
    forgotten, last = 0, BATCH
    with opened_auth_database(task.database) as vault:
        while last == BATCH:
            with vault.writing_quietly() as connection:
                last = remove_old(connection, before, BATCH)
            forgotten += last
    return forgotten
