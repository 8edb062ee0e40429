"""A new register is filled once, however many processes open it at the same instant."""

import sqlite3
import subprocess
import sys
import threading
import time

import sqlalchemy as sa

from terrafirma.register.log.verification import verify
from terrafirma.storage.engine.database import open_database

OPEN = """
import sys, time
from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
time.sleep(max(0.0, float(sys.argv[2]) - time.time()))
database = open_database(sys.argv[1])
prepare(database, "starter")
database.close()
"""


ENTRIES = 4
"""Those of a starter register: three countries, and the dataset that they came from."""


def test_four_processes_open_one_fresh_register(database_url):
    start = str(time.time() + 2)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN, database_url, start], stderr=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    told = [process.communicate(timeout=250)[1] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, told
    database = open_database(database_url)
    with database.reading() as connection:
        head, faults = verify(connection)
        origins = connection.scalar(sa.text("SELECT count(*) FROM origins"))
    database.close()
    assert (head.number, faults) == (ENTRIES, [])
    assert origins > 0


def test_a_new_file_another_process_is_preparing_is_waited_for(tmp_path):
    path = tmp_path / "register.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE something (value)")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.5, other.execute, ["COMMIT"])
    done.start()
    database = open_database(f"sqlite:///{path}")
    with database.reading() as connection:
        assert connection.scalar(sa.text("PRAGMA journal_mode")) == "wal"
    done.join()
    database.close()
    other.close()


def test_a_new_file_is_for_nobody_elses_eyes(tmp_path):
    database = open_database(f"sqlite:///{tmp_path / 'register.sqlite'}")
    with database.reading() as connection:
        connection.execute(sa.text("PRAGMA user_version = 1"))
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("*.sqlite*")} == {0}
    database.close()
