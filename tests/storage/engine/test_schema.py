"""Migrations: they leave what `tables.py` declares, upgrade what is older and refuse what is newer."""

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from terrafirma.errors import ConfigurationError
from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.tables import metadata

REVISIONS = [
    script.revision for script in ScriptDirectory.from_config(schema.migrations()).walk_revisions()
][::-1]


@pytest.fixture
def database(database_url):
    """An empty register on each kind of database."""
    database = open_database(database_url)
    yield database
    database.close()


def migrate(database, revision):
    """Bring a database to a certain schema."""
    with (
        database.engine.execution_options(writing=True).connect() as connection,
        connection.begin(),
    ):
        schema.migrations().attributes["connection"] = connection
        command.upgrade(schema.migrations(), revision)


def differences(database):
    """What the database has otherwise than `tables.py`."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        return compare_metadata(context, metadata)


def collations(database):
    """The collation of every text column of a PostgreSQL database."""
    query = """SELECT table_name, column_name, collation_name FROM information_schema.columns
               WHERE table_schema = 'public' AND data_type IN ('character varying', 'text')"""
    with database.engine.connect() as connection:
        return {
            (table, column): collation
            for table, column, collation in connection.execute(sa.text(query))
        }


def declared_collations():
    columns = [column for table in metadata.tables.values() for column in table.columns]
    dialect = sa.dialects.postgresql.dialect()
    return {
        (column.table.name, column.name): column.type.dialect_impl(dialect).collation
        for column in columns
        if isinstance(column.type, sa.String)
    }


def test_a_fresh_schema_is_the_declared_one(database):
    schema.upgrade(database)
    assert differences(database) == []
    with database.reading() as connection:
        assert schema.current(connection) == schema.newest() == REVISIONS[-1]
        assert schema.check(connection)
    if database.path is None:
        there = collations(database)
        assert {place: there[place] for place in declared_collations()} == declared_collations()


def test_indexes_are_the_declared_ones(database):
    schema.upgrade(database)
    inspector = sa.inspect(database.engine)
    for table in metadata.tables.values():
        there = {
            index["name"]: [*index["column_names"]] for index in inspector.get_indexes(table.name)
        }
        assert there.keys() == {index.name for index in table.indexes}
        for index in table.indexes:
            plain = [part.name for part in index.expressions if isinstance(part, sa.Column)]
            assert [name for name in there[index.name] if name] == plain
        assert inspector.get_pk_constraint(table.name)["constrained_columns"] == [
            column.name for column in table.primary_key.columns
        ]


@pytest.mark.parametrize("revision", [None, *REVISIONS])
def test_an_older_schema_is_upgraded(database, revision):
    if revision:
        migrate(database, revision)
    schema.upgrade(database)
    schema.upgrade(database)
    assert differences(database) == []
    with database.reading() as connection:
        assert schema.check(connection)


def test_an_upgrade_that_is_tried_leaves_everything_as_it_was(database):
    migrate(database, REVISIONS[0])
    with schema.trying_upgrade(database) as connection:
        assert schema.current(connection) == schema.newest()
        assert schema.list_missing(connection) == []
    with database.reading() as connection:
        assert schema.current(connection) == REVISIONS[0]
        assert len(schema.list_missing(connection)) == len(REVISIONS) - 1
    assert differences(database)


def test_a_newer_schema_is_refused_and_left_alone(database):
    schema.upgrade(database)
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError) as refusal:
        schema.upgrade(database)
    assert refusal.value.sentence == (
        f"This register was written by a newer Terrafirma (schema 9999; this one knows {schema.newest()}). "
        "Upgrade Terrafirma, or restore a backup made with this version."
    )
    with database.reading() as connection:
        assert schema.current(connection) == "9999"


@pytest.mark.parametrize("chain", [schema.REGISTER, schema.VAULT])
def test_files_of_migrations_are_named_by_their_versions(chain):
    scripts = ScriptDirectory.from_config(schema.migrations(chain))
    assert set(schema.list_known(chain)) == {script.revision for script in scripts.walk_revisions()}
    assert schema.newest(chain) == scripts.get_current_head()


def test_an_upgrade_that_fails_leaves_nothing_behind(database):
    with (
        database.engine.execution_options(writing=True).connect() as connection,
        connection.begin(),
    ):
        connection.execute(sa.text("CREATE TABLE properties (name text)"))
    with pytest.raises(sa.exc.DBAPIError):
        schema.upgrade(database)
    assert set(sa.inspect(database.engine).get_table_names()) == {"properties"}


def test_properties_are_kept_and_replaced(database):
    schema.upgrade(database)
    for value in ("one", "two"):
        with database.writing() as connection:
            schema.write_property(connection, "dataset", value)
    with database.reading() as connection:
        assert schema.read_property(connection, "dataset") == "two"
        assert schema.read_property(connection, "nothing") is None
