"""Statements given to the driver as they are: the same rows and the same errors as through SQLAlchemy."""

import pytest
import sqlalchemy as sa

from terrafirma.storage.engine import schema
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.engine.prepared_statements import COPIED, Prepared, PreparedAtOnce
from terrafirma.storage.engine.tables import properties

NAME = properties.c.name
ADD = Prepared(sa.insert(properties))
FIND = Prepared(
    sa.select(NAME, properties.c.value)
    .where(sa.bindparam("from") <= NAME, NAME != "b")
    .order_by(NAME)
)


@pytest.fixture
def connection(database_url):
    """A write to an empty register on each kind of database."""
    database = open_database(database_url)
    schema.upgrade(database)
    with database.writing() as connection:
        yield connection
    database.close()


def test_values_go_in_by_name_and_come_back_as_they_are(connection):
    ADD.run_each(connection, [{"value": f"{name} é 'x' %s ?", "name": name} for name in "abc"])
    ADD.run(connection, {"name": "d", "value": ""})
    ADD.run_each(connection, [])
    rows = FIND.all(connection, {"from": "a"})
    assert rows == [("a", "a é 'x' %s ?"), ("c", "c é 'x' %s ?"), ("d", "")]
    assert rows == [
        tuple(row)
        for row in connection.execute(sa.select(properties).where(NAME != "b").order_by(NAME))
    ]
    assert FIND.first(connection, {"from": "c"}) == rows[1]
    assert FIND.first(connection, {"from": "e"}) is None


@pytest.mark.parametrize("count", [1, 3, COPIED, 300])
def test_rows_go_in_by_place_however_many_there_are(connection, count):
    rows = [(f"a\tb\\N {number:03}\n", f"{number:03} é") for number in range(count)]
    ADD.insert_rows(connection, ("value", "name"), rows)
    ADD.insert_rows(connection, ("value", "name"), [])
    assert FIND.all(connection, {"from": "0"}) == [(name, value) for value, name in rows]
    with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
        ADD.insert_rows(connection, ("value", "name"), rows)


def test_errors_are_those_of_sqlalchemy(connection):
    ADD.run(connection, {"name": "a", "value": "1"})
    with pytest.raises(sa.exc.IntegrityError) as refused, connection.begin_nested():
        ADD.run(connection, {"name": "a", "value": "2"})
    assert "INSERT" in str(refused.value)
    assert isinstance(refused.value.orig, connection.dialect.loaded_dbapi.IntegrityError)


def test_rows_that_come_at_once_are_the_same_in_the_same_order(connection):
    texts = ["é 'x' \"y\" %s ?", "", "\\u0041", "\x01\n🌍", "9007199254740993", "null"]
    ADD.run_each(
        connection, [{"name": f"n{place}", "value": text} for place, text in enumerate(texts)]
    )
    columns = NAME, properties.c.value, sa.func.length(NAME), sa.null()
    query = sa.select(*columns).where(sa.bindparam("from") <= NAME)
    for order in (properties.c.value, properties.c.value.desc(), NAME.desc()):
        for limit in (0, 3, 100):
            shaped = query.order_by(order).limit(sa.bindparam("limit"))
            values = {"from": "n0", "limit": limit}
            rows = PreparedAtOnce(shaped).all(connection, values)
            assert rows == Prepared(shaped).all(connection, values)
