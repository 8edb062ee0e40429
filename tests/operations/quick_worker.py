"""`terrafirma worker`, but quick to notice what others left: `python -m tests.operations.quick_worker`.

Its leases are of two seconds, not thirty, so that a test sees them end.
"""

import os
import signal
import threading
from contextlib import closing

from terrafirma.config import read_settings
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.work.queue import Queue
from terrafirma.telemetry import configure_logs
from terrafirma.work.handlers import HANDLERS
from terrafirma.worker import Intervals, Worker, stop_with

QUICK = Intervals(sweep=0.2, beat=0.4, lease=2.0)


def main() -> None:
    """Work until SIGTERM or until nobody waits for it."""
    settings, stop = read_settings(), threading.Event()
    configure_logs()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=stop_with, args=(os.getppid(), stop), daemon=True).start()
    with (
        closing(open_database(settings.url)) as database,
        closing(Queue(settings.queue_url)) as queue,
    ):
        Worker(settings, database, queue, HANDLERS, pace=QUICK).run(stop)


if __name__ == "__main__":
    main()
