"""Once a day: jobs that ended long ago are forgotten, and their files with them."""

import shutil
from typing import Any

from terrafirma.register.instants import DAY, later
from terrafirma.storage.jobs import list_ended, remove_jobs
from terrafirma.work.task import Task

BATCH = 500


def tidy(task: Task) -> dict[str, Any]:
    """Forget the jobs that ended before as many days as the settings keep them."""
    before, removed = later(-task.settings.job_days * DAY), 0
    while True:
        with task.database.noting() as connection:
            ids = list_ended(connection, before, BATCH)
            remove_jobs(connection, ids)
        for id in ids:
            for folder in (task.settings.imports_path, task.settings.exports_path):
                shutil.rmtree(folder / id, ignore_errors=True)
        removed += len(ids)
        task.tell(removed)
        if len(ids) < BATCH:
            return {"removed": removed}
