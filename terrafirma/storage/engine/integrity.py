"""Check a database's own structures: that every index has every row, and that the schema is ours."""

from collections.abc import Iterator, Sequence

from sqlalchemy import MetaData, Table, inspect, text
from sqlalchemy.exc import DBAPIError

from terrafirma.storage.engine.database import Connection

MOST = 20
"""Faults that a database lists of itself."""

SQLITE_EXTRAS = """
    SELECT name FROM sqlite_schema WHERE type IN ('trigger', 'view')
    UNION ALL SELECT name FROM sqlite_temp_schema WHERE type IN ('trigger', 'view')
"""
POSTGRESQL_EXTRAS = """
    SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = ANY(CAST(:tables AS regclass[]))
    UNION ALL SELECT rulename FROM pg_rewrite WHERE ev_class = ANY(CAST(:tables AS regclass[]))
"""
BY_TABLE = ("indexscan", "indexonlyscan", "bitmapscan")
BY_INDEX = ("seqscan", "bitmapscan", "sort", "incremental_sort")
"""Ways of reading that PostgreSQL's planner is to avoid."""


def check_database(connection: Connection, metadata: MetaData) -> list[str]:
    """Every fault of the database's structures, of the tables of some metadata."""
    names = [table.name for table in metadata.tables.values()]
    faults = [*check_schema(connection, metadata)]
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars()
        faults += [f"the file is damaged: {each}" for each in found if each != "ok"]
        extras = connection.execute(text(SQLITE_EXTRAS))
    else:
        faults += check_postgresql(connection, [*metadata.tables.values()])
        extras = connection.execute(text(POSTGRESQL_EXTRAS), {"tables": names})
    return faults + [
        f"{name} is a trigger, view or rule, of which there are none" for (name,) in extras
    ]


def has_amcheck(connection: Connection) -> bool:
    """Return True if PostgreSQL has the extension that checks its indexes."""
    query = "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'"
    return bool(connection.execute(text(query)).scalar())


def check_schema(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Yield the tables and indexes that are missing or have other columns."""
    here = inspect(connection)
    for table in metadata.tables.values():
        if not here.has_table(table.name):
            yield f"the table {table.name} is missing"
            continue
        if [each["name"] for each in here.get_columns(table.name)] != table.columns.keys():
            yield f"the table {table.name} has other columns"
        found = {each["name"]: each["column_names"] for each in here.get_indexes(table.name)}
        for index in table.indexes:
            if found.get(index.name) != [column.name for column in index.columns]:
                yield f"the index {index.name} of {table.name} is missing or has other columns"


def check_postgresql(connection: Connection, tables: Sequence[Table]) -> Iterator[str]:
    """Yield the faults of PostgreSQL's indexes: by amcheck, or by reading each table along them."""
    with_amcheck = has_amcheck(connection)
    for table in tables:
        for name, columns, part in list_indexes(connection, table):
            try:
                with connection.begin_nested():
                    if with_amcheck:
                        check = text("SELECT bt_index_check(CAST(:name AS regclass), true)")
                        connection.execute(check, {"name": name})
                    elif summarise(connection, table, columns, part, BY_TABLE) != summarise(
                        connection, table, columns, part, BY_INDEX
                    ):
                        yield f"the index {name} does not have the rows of {table.name}"
            except DBAPIError as error:
                yield f"the index {name} is damaged: {error.orig}"


def list_indexes(connection: Connection, table: Table) -> Iterator[tuple[str, list[str], str]]:
    """Yield the indexes of a table: name, columns, and the condition of the rows that it has."""
    here = inspect(connection)
    key = here.get_pk_constraint(table.name)
    yield str(key["name"]), key["constrained_columns"], "true"
    for index in here.get_indexes(table.name):
        part = index.get("dialect_options", {}).get("postgresql_where") or "true"
        yield str(index["name"]), [str(column) for column in index["column_names"]], part


def summarise(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    part: str,
    avoided: Sequence[str],
) -> tuple[int, int]:
    """The number of rows and the sum of their hashes, read in the order of some columns."""
    quote = connection.dialect.identifier_preparer.quote
    listed = ", ".join(map(quote, columns))
    for way in avoided:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    rows = f"SELECT {listed} FROM {quote(table.name)} WHERE {part} ORDER BY {listed}"  # noqa: S608
    hashes = "count(*), coalesce(sum(hashtextextended(CAST(ROW(rows.*) AS text), 0)::numeric), 0)"
    found = connection.exec_driver_sql(f"SELECT {hashes} FROM ({rows}) AS rows").one()  # noqa: S608
    for way in avoided:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = on")
    return int(found[0]), int(found[1])
