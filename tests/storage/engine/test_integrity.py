"""The structures of both databases are checked: indexes, schema, triggers."""

import pytest
import sqlalchemy as sa

from terrafirma.dataset.load import prepare
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.integrity import check_database, list_indexes
from terrafirma.storage.engine.tables import metadata, terms, versions


@pytest.fixture
def starter(database_url):
    database = open_database(database_url)
    prepare(database, "starter")
    yield database
    database.close()


def check(database):
    with database.reading() as connection:
        return check_database(connection, metadata)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (None, []),
        ("DROP INDEX terms_by_key", ["the index terms_by_key of terms is missing or has other columns"]),
        ("ALTER TABLE terms RENAME COLUMN text TO words", ["the table terms has other columns"]),
    ],
)  # fmt: skip
def test_a_schema_that_is_ours_has_no_fault(starter, change, named):
    if change:
        with starter.writing() as connection:
            connection.execute(sa.text(change))
    assert check(starter) == named


def test_a_rule_of_postgresql_is_found(postgresql_url):
    database = open_database(postgresql_url)
    prepare(database, "starter")
    with database.writing() as connection:
        connection.execute(sa.text("CREATE RULE quiet AS ON DELETE TO entries DO INSTEAD NOTHING"))
    assert check(database) == ["quiet is a trigger, view or rule, of which there are none"]
    with database.reading() as connection:
        assert {name for name, *_ in list_indexes(connection, terms)} == {
            "terms_pkey",
            "terms_by_key",
            "terms_long",
        }
        assert "versions_current" in {name for name, *_ in list_indexes(connection, versions)}
    database.close()


def test_amcheck_is_used_where_it_is(postgresql_url):
    database = open_database(postgresql_url)
    prepare(database, "starter")
    try:
        with database.writing() as connection:
            connection.execute(sa.text("CREATE EXTENSION amcheck"))
    except sa.exc.DBAPIError as error:
        database.close()
        pytest.skip(f"this PostgreSQL has no amcheck: {error.orig}")
    assert check(database) == []
    database.close()
