"""Transactions: durable and announced on leaving, undone on an exception, one writer at a time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
import sqlalchemy as sa

from terrafirma.errors import ConfigurationError, TooSlow
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.schema import read_property, write_property
from terrafirma.storage.engine.timeouts import is_overdue, restart


@pytest.fixture
def database(database_url):
    """An empty register on each kind of database."""
    database = open_database(database_url)
    schema.upgrade(database)
    yield database
    database.close()


def count_up(database, times):
    for _ in range(times):
        with database.writing() as connection:
            number = int(read_property(connection, "count") or 0)
            write_property(connection, "count", str(number + 1))


def test_no_update_is_lost(database):
    threads = [threading.Thread(target=count_up, args=(database, 20)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as connection:
        assert read_property(connection, "count") == "80"


def test_writers_on_postgresql_see_what_was_committed_whatever_the_server_prefers(postgresql_url):
    database = open_database(postgresql_url)
    schema.upgrade(database)
    with database.setting_up() as connection:
        name = connection.scalar(sa.text("SELECT current_database()"))
        connection.execute(
            sa.text(f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'")
        )
    database.engine.dispose()
    test_no_update_is_lost(database)
    database.close()


def test_an_exception_undoes_everything(database):
    token = database.revision.read()

    def fail():
        with database.writing() as connection:
            write_property(connection, "a", "b")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    with database.reading() as connection:
        assert read_property(connection, "a") is None
    if database.path:
        assert database.revision.read() == token


def test_a_reader_sees_one_state_throughout(database):
    count_up(database, 1)
    with database.reading() as connection:
        first = read_property(connection, "count")
        count_up(database, 1)
        assert read_property(connection, "count") == first
    with database.reading() as connection:
        assert read_property(connection, "count") == "2"


def test_sqlite_is_set_up_for_keeping_what_was_acknowledged(sqlite_url):
    database = open_database(sqlite_url)
    with database.reading() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous")
        }
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() >= 1000
    database.close()
    assert asked == {"journal_mode": "wal", "synchronous": 2}


@pytest.mark.parametrize(
    "url",
    [
        "junk",
        "",
        "://",
        "mysql://localhost/x",
        "postgres://localhost/x",
        "postgresql://localhost:port/x",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite:////dev/null/register.sqlite",
    ],
)
def test_an_address_of_no_register_is_refused_in_a_sentence(url):
    with pytest.raises(ConfigurationError) as refusal:
        open_database(url)
    assert "DATABASE_URL" in refusal.value.sentence or "/dev/null" in refusal.value.sentence


def test_a_file_that_is_no_database_is_an_operational_error(sqlite_url, tmp_path):
    (tmp_path / "register.sqlite").write_bytes(
        b"not a database, but long enough to be looked at" * 100
    )
    database = open_database(sqlite_url)
    with pytest.raises(sa.exc.OperationalError), database.reading() as connection:
        connection.execute(sa.text("SELECT 1"))
    database.close()


def test_as_many_may_read_at_once_as_there_are_threads(sqlite_url):
    database = open_database(sqlite_url)
    with ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(database.reading())
    database.close()


ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
SECONDS = 0.2


@pytest.fixture
def hurried(database, database_url):
    """The same register, where no transaction may take long."""
    hurried = open_database(database_url, SECONDS)
    yield hurried
    hurried.close()


def test_a_query_without_end_is_stopped(hurried):
    for _ in range(2):
        with pytest.raises(sa.exc.OperationalError) as stopped, hurried.reading() as connection:
            connection.exec_driver_sql(ENDLESS)
        assert is_overdue(stopped.value)
        with hurried.reading() as connection:
            assert read_property(connection, "count") is None


def test_a_write_that_is_stopped_leaves_nothing_and_gives_its_turn_back(hurried):
    def write():
        with hurried.writing() as connection:
            write_property(connection, "count", "7")
            connection.exec_driver_sql(ENDLESS)

    with pytest.raises(sa.exc.OperationalError) as stopped:
        write()
    assert is_overdue(stopped.value)
    count_up(hurried, 1)
    with hurried.reading() as connection:
        assert read_property(connection, "count") == "1"


def test_a_write_waits_for_its_turn_only_so_long(hurried, database):
    with hurried.writing(), ThreadPoolExecutor() as others, pytest.raises(TooSlow):
        others.submit(count_up, hurried, 1).result()
    with database.writing(), pytest.raises(sa.exc.OperationalError) as waited:
        count_up(hurried, 1)
    assert is_overdue(waited.value)
    count_up(hurried, 1)


def test_what_goes_on_with_a_transaction_may_give_it_time_again(hurried):
    with hurried.reading() as connection:
        begun = time.monotonic()
        while time.monotonic() < begun + 2 * SECONDS:
            restart(connection)
            connection.exec_driver_sql(ENDLESS.replace("FROM n)", "FROM n WHERE x < 10000)"))
