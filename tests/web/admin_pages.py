"""A server with a worker, for the pages where people write; and what they have in hand there."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Page
from werkzeug.serving import make_server

from terrafirma.config import Settings
from terrafirma.factory import create_app
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.work.queue import Queue
from terrafirma.work.handlers import HANDLERS
from terrafirma.work.task import Task
from terrafirma.worker import Worker
from tests.conftest import close_app
from tests.postgres_server import find_free_port
from tests.work.conftest import QUICK

STEPS = 1200


def do_slowly(task: Task) -> dict[str, Any]:
    """A job that takes long enough to be looked at."""
    for step in range(STEPS):
        task.tell(step, STEPS)
        time.sleep(0.05)
    return {"steps": STEPS}


@contextmanager
def serve_desk(folder: Path, world_file: Path, **settings: Any) -> Iterator[tuple[str, Flask]]:
    """The world on 127.0.0.1, with a worker that is quick to notice: the server's address, and its app."""
    shutil.copyfile(world_file, folder / "register.sqlite")
    url, port = f"sqlite:///{(folder / 'register.sqlite').as_posix()}", find_free_port()
    # Sessions are for the address that others know a server by.
    given = Settings(
        data=folder, database_url=url, log="none", public_url=f"http://127.0.0.1:{port}", **settings
    )
    app, database, queue = create_app(given), open_database(url), Queue(given.queue_url)
    handlers = HANDLERS | {"slow": do_slowly}
    server = make_server("127.0.0.1", port, app, threaded=True)
    worker, stop = Worker(given, database, queue, handlers, pace=QUICK), threading.Event()
    threads = [
        threading.Thread(target=server.serve_forever),
        threading.Thread(target=worker.run, args=(stop,)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield given.public_url, app
    finally:
        server.shutdown()
        stop.set()
        for thread in threads:
            thread.join()
        queue.close()
        database.close()
        close_app(app)


def give_file(page: Page, text: str | bytes, name: str = "file.csv") -> None:
    """Choose a file and try it out."""
    body = text if isinstance(text, bytes) else text.encode()
    page.locator("#file").set_input_files({"name": name, "mimeType": "text/csv", "buffer": body})
    page.get_by_role("button", name="Try it out").click()
