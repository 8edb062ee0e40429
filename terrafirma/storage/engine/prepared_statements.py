"""Prepared statements: built once, compiled once per database, passed directly to the driver.

SQLAlchemy's overhead per execution costs several times a short SQLite statement. Values are text
and integers, which need no conversion; errors are translated to SQLAlchemy's.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import BindParameter, ClauseElement, ColumnElement, Dialect, bindparam
from sqlalchemy.exc import DBAPIError

from terrafirma.storage.engine.database import Connection, as_configuration_error

COPIED = 40
"""Number of rows from which PostgreSQL inserts faster with COPY."""

Row = tuple[Any, ...]
Values = Mapping[str, Any]


class Compiled(NamedTuple):
    """A statement compiled for a single database."""

    text: str
    constants: Values
    order: Sequence[str] | None
    """The names of its parameters, where they are given by place."""

    def fill(self, values: Values) -> Any:
        """Values as the driver takes them."""
        named = {**self.constants, **values}
        return named if self.order is None else [named[name] for name in self.order]

    def fill_each(self, names: Sequence[str], rows: Sequence[Row]) -> list[Any]:
        """The same for many rows with the same value names."""
        names, constants = (*names, *self.constants), tuple(self.constants.values())
        if self.order is None:
            return [dict(zip(names, (*row, *constants), strict=True)) for row in rows]
        pick = itemgetter(*(names.index(name) for name in self.order))
        return [pick((*row, *constants)) for row in rows]


class Prepared:
    """A statement whose parameters are given by name each time."""

    def __init__(self, clause: ClauseElement) -> None:
        self._clause = clause
        self._forms: dict[str, Compiled] = {}

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """Its rows."""
        rows: list[Row] = self._run(connection, values).fetchall()
        return rows

    def first(self, connection: Connection, values: Values) -> Row | None:
        """The first of its rows, if there is any."""
        row: Row | None = self._run(connection, values).fetchone()
        return row

    def run(self, connection: Connection, values: Values) -> None:
        """Execute the statement."""
        self._run(connection, values)

    def run_each(self, connection: Connection, many: Sequence[Values]) -> None:
        """Execute the statement for each of many values; do nothing for an empty list."""
        if len(many) == 1:
            self._run(connection, many[0])
        elif many:
            self._run(connection, many)

    def insert_rows(
        self, connection: Connection, names: Sequence[str], rows: Sequence[Row]
    ) -> None:
        """Insert many rows given as tuples of named values; do nothing for an empty list."""
        form = self._form(connection)
        if connection.dialect.name == "postgresql" and len(rows) >= COPIED:
            self._copy(connection, form, names, rows)
        elif rows:
            self._execute(connection, form, form.fill_each(names, rows), many=True)

    def _copy(
        self, connection: Connection, form: Compiled, names: Sequence[str], rows: Sequence[Row]
    ) -> None:
        clause: Any = self._clause
        columns, constants = (*names, *form.constants), tuple(form.constants.values())
        named = ", ".join(f'"{column}"' for column in columns)
        cursor: Any = connection.connection.cursor()
        try:
            with cursor.copy(f'COPY "{clause.table.name}" ({named}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row((*row, *constants))
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._explain(connection, form, error) from error

    def _run(self, connection: Connection, values: Values | Sequence[Values]) -> Any:
        form = self._form(connection)
        if isinstance(values, Mapping):
            return self._execute(connection, form, form.fill(values))
        return self._execute(connection, form, [form.fill(each) for each in values], many=True)

    def _form(self, connection: Connection) -> Compiled:
        dialect = connection.dialect
        form = self._forms.get(dialect.name)
        if form is None:
            form = self._forms[dialect.name] = self._compile(dialect)
        return form

    def _execute(
        self, connection: Connection, form: Compiled, filled: Any, *, many: bool = False
    ) -> Any:
        cursor = connection.connection.cursor()
        try:
            (cursor.executemany if many else cursor.execute)(form.text, filled)
        except connection.dialect.loaded_dbapi.Error as error:
            raise self._explain(connection, form, error) from error
        return cursor

    def _compile(self, dialect: Dialect) -> Compiled:
        compiled: Any = self._clause.compile(dialect=dialect)
        # Such as the path into a JSON document, which each driver takes in another form.
        processors = compiled._bind_processors
        constants = {
            name: processors[name](value) if name in processors else value
            for name, value in compiled.params.items()
            if value is not None
        }
        return Compiled(str(compiled), constants, compiled.positiontup)

    def _explain(self, connection: Connection, form: Compiled, error: Any) -> DBAPIError:
        base = connection.dialect.loaded_dbapi.Error
        told = DBAPIError.instance(form.text, None, error, base, dialect=connection.dialect)
        return as_configuration_error(told) or told


class PreparedAtOnce(Prepared):
    """A query whose rows SQLite gives as a single one, as JSON.

    Python gives up its lock for each row that it fetches, and threads that answer side by side
    then wait for each other hundreds of times a list. PostgreSQL sends all rows together anyway.
    """

    def all(self, connection: Connection, values: Values) -> list[Row]:
        """Its rows."""
        if connection.dialect.name != "sqlite":
            return super().all(connection, values)
        [(text,)] = super().all(connection, values)
        return [tuple(row) for row in orjson.loads(text)]

    def _compile(self, dialect: Dialect) -> Compiled:
        form = super()._compile(dialect)
        if dialect.name == "sqlite":
            clause: Any = self._clause
            names = ", ".join(f"c{place}" for place in range(len(clause.selected_columns)))
            gathered = f" SELECT json_group_array(json_array({names})) FROM found"  # noqa: S608
            form = form._replace(text=f"WITH found({names}) AS ({form.text}){gathered}")
        return form


def places_for(values: Sequence[Any]) -> int:
    """The places that a statement has for some values: a power of two, so that there are few statements."""
    return 1 << max(len(values) - 1, 0).bit_length()


def is_any(column: ColumnElement[Any], name: str, places: int) -> ColumnElement[bool]:
    """The condition that a column has one of the values of a name, which `fill_places` gives."""
    parameters: list[BindParameter[Any]] = [bindparam(f"{name}{place}") for place in range(places)]
    return column.in_(parameters)


def fill_places(name: str, values: Sequence[Any]) -> dict[str, Any]:
    """The parameters of `is_any`; places that are left over repeat the last value."""
    last = values[-1] if values else None
    filled = (*values, *[last] * (places_for(values) - len(values)))
    return {f"{name}{place}": value for place, value in enumerate(filled)}
