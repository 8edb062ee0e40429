"""The register from Python, without a server.

    >>> import terrafirma
    >>> world = terrafirma.open()
    >>> world["TH"].capital
    'Bangkok'

Reads by the same register code as the API: the same days, keys, filters and orders. Read-only.
"""

import atexit
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from terrafirma.config import WORLD
from terrafirma.dataset.load import open_resolver, prepare
from terrafirma.dataset.prepared import prepared_file
from terrafirma.deferred import Deferred
from terrafirma.errors import ConfigurationError, NotFound
from terrafirma.register.log.figures import complete_figures, list_completed
from terrafirma.register.log.history import stored_document
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.memberships import ChoosePart, ListPart, choose_members, choose_naming
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, GROUP, KINDS, Kind
from terrafirma.register.model.validation import nearest
from terrafirma.register.model.values import check_date, first_day
from terrafirma.register.resolve.answers import Match
from terrafirma.register.resolve.resolver import Resolver
from terrafirma.storage.engine.database import (
    Database,
    has_file,
    open_database,
    open_snapshot,
)
from terrafirma.storage.register.search import Condition, Order, Search

pandas = Deferred("pandas")
pyarrow = Deferred("pyarrow")

FILTER = re.compile(r"([^\[\]]+)(?:\[(\w+)\])?")
OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "contains", "startswith"})
MOST = 2**31
"""Rows of a list: all of them."""

COLLECTIONS = {kind.plural: kind for kind in KINDS.values()}

Filters = Mapping[str, Any]


def open(source: str | Path | None = None) -> "Register":
    """Open the shipped world, or the register in a data directory, a file or at a database URL.

    The shipped world is read where it was installed. Raises ConfigurationError if there is no register.
    """
    if source is None:
        return Register(open_world())
    text = str(source)
    file = Path(text) if Path(text).is_file() else Path(text) / "register.sqlite"
    url = text if "://" in text else f"sqlite:///{file.as_posix()}"
    if not has_file(url):
        raise ConfigurationError(f"There is no register at {text}.")
    return Register(open_database(url))


def open_world() -> Database:
    """Open the shipped world: the prepared file, or a temporary one where it is not of this version."""
    file = prepared_file()
    if not file.exists():
        folder = tempfile.mkdtemp(prefix="terrafirma-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        file = Path(folder) / "register.sqlite"
        with closing(open_database(f"sqlite:///{file.as_posix()}")) as database:
            prepare(database, WORLD)
    return open_snapshot(file)


class OpenRegister(NamedTuple):
    """An open register: its database, its resolver, and the moment that reads are about."""

    database: Database
    resolver: Resolver
    on: str | None = None
    as_of: int | None = None

    def moment(self) -> Moment:
        """The moment of a read: today unless a day was given."""
        return Moment(self.on or today(), self.as_of, strict=self.on is not None)


class Record(Mapping[str, Any]):
    """A record on a day. Fields are members and attributes; an absent fact is None as an attribute."""

    def __init__(self, session: OpenRegister, kind: Kind, document: dict[str, Any]) -> None:
        self._session = session
        self._kind = kind
        self._document = document

    def __getitem__(self, field: str) -> Any:
        return self._document[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self._document)

    def __len__(self) -> int:
        return len(self._document)

    def __getattr__(self, field: str) -> Any:
        if field in self._document:
            return self._document[field]
        if field in self._kind.fields:
            return None
        raise AttributeError(f"a {self._kind.name} has no field {field!r}")

    def __repr__(self) -> str:
        code = next((self._document[key] for key in self._kind.keys if key in self._document), "")
        return (
            f"<{self._kind.name} {code or self._document['id']}: {self._document.get('name', '')}>"
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Record) and self._document == other._document

    def __hash__(self) -> int:
        return hash((self._kind.name, self._document["id"]))

    def members(self, on: str | None = None) -> "Records":
        """The member countries of a group on a day."""
        if self._kind is not GROUP:
            raise AttributeError(f"a {self._kind.name} has no members")
        session = self._session._replace(on=on) if on else self._session
        return Collection(session, COUNTRY).choose(choose_members(str(self._document["id"])))

    def related(self, plural: str, **filters: Any) -> "Records":
        """Records that refer to this record: `subdivisions` of a country, `memberships` of a group."""
        kind = find_collection(plural)
        reference = next(each for each in kind.references if each.kind == self._kind.name)
        choose = choose_naming(reference, str(self._document["id"]))
        return Collection(self._session, kind).choose(choose, **filters)


class Records(list[Record]):
    """A list of records that can become a table."""

    def to_pandas(self) -> Any:
        """A pandas DataFrame with nullable types; the code NA is text, not a missing value."""
        return pandas.DataFrame([dict(record) for record in self]).convert_dtypes()

    def to_arrow(self) -> Any:
        """A pyarrow Table, which polars and DuckDB read without copying."""
        return pyarrow.Table.from_pylist([dict(record) for record in self])


@dataclass(frozen=True)
class Collection:
    """The records of a kind, by key or as a filtered list."""

    session: OpenRegister
    kind: Kind

    def __getitem__(self, key: str | int) -> Record:
        """The record with an id or code; raise KeyError if it is missing."""
        with self.session.database.reading() as connection:
            try:
                moment = self.session.moment()
                version = find(connection, self.kind, str(key), moment)
            except NotFound as error:
                raise KeyError(error.sentence) from None
            found = [decode(version.document)]
            [document] = complete_figures(connection, self.kind.name, found, moment)
        return Record(self.session, self.kind, document)

    def get(self, key: str | int) -> Record | None:
        """The record with an id or code, or None."""
        try:
            return self[key]
        except KeyError:
            return None

    def __iter__(self) -> Iterator[Record]:
        return iter(self())

    def __len__(self) -> int:
        return len(self())

    def __call__(self, where: Filters | None = None, *, sort: str = "", **filters: Any) -> Records:
        """The records that match, sorted as `sort` asks: `-population,name`.

        Filters are fields with a value or a list of values; `where` takes dotted fields and operators:
        `{"currencies.code": "EUR", "area[gte]": 500_000}`. Raises ValueError for an unknown field.
        """
        return self.choose(None, where, sort=sort, **filters)

    def choose(
        self,
        choose: ChoosePart | None,
        where: Filters | None = None,
        *,
        sort: str = "",
        **filters: Any,
    ) -> Records:
        """The records of a part of the list, such as a group's members, that match."""
        conditions = tuple(
            read_condition(self.kind, name, value)
            for name, value in {**(where or {}), **filters}.items()
        )
        orders, moment = read_orders(self.kind, sort), self.session.moment()
        with self.session.database.reading() as connection:
            part = choose(connection, moment) if choose else ListPart(moment.on)
            search = Search(
                self.kind.name,
                part.on,
                moment.as_of,
                part.conditions + conditions,
                orders,
                (None,) * len(orders),
                among=part.among,
            )
            rows = list_completed(connection, search, MOST)
        return Records(Record(self.session, self.kind, row.document) for row in rows)


class Register:
    """An open register. Countries by key: `world["TH"]`; other kinds as attributes: `world.groups["EU"]`."""

    countries: Collection
    subdivisions: Collection
    groups: Collection
    memberships: Collection
    figures: Collection
    currencies: Collection
    languages: Collection
    regions: Collection

    def __init__(self, database: Database, session: OpenRegister | None = None) -> None:
        self._session = session or OpenRegister(database, open_resolver())

    def on(self, day: str) -> "Register":
        """The same register for the facts of a day; raise ValueError for what is no date."""
        try:
            return self._replace(on=first_day(check_date(day)))
        except ValueError:
            raise ValueError(f"on must be a date such as 1990-01-01, not {day!r}") from None

    def as_of(self, entry: int) -> "Register":
        """The same register as it was after an entry."""
        return self._replace(as_of=entry)

    def _replace(self, **changes: Any) -> "Register":
        return Register(self._session.database, self._session._replace(**changes))

    def __getattr__(self, plural: str) -> Collection:
        if plural not in COLLECTIONS:
            raise AttributeError(
                f"a register has no {plural!r}{nearest(plural, tuple(COLLECTIONS))}"
            )
        return Collection(self._session, COLLECTIONS[plural])

    def __getitem__(self, key: str | int) -> Record:
        """The country with an id or code; raise KeyError if it is missing."""
        return self.countries[key]

    def get(self, key: str | int) -> Record | None:
        """The country with an id or code, or None."""
        return self.countries.get(key)

    def match(self, text: str, kind: str = COUNTRY.name, **question: Any) -> Match:
        """The meaning of a text: the outcome, the record and other candidates.

        `question` takes `within` (a country's alpha-2 code), `languages` and `limit`.
        """
        question.setdefault("on", self._session.on)
        with self._session.database.reading() as connection:
            return self._session.resolver.match(connection, text, kind, **question)

    def resolve(self, text: str, kind: str = COUNTRY.name, **question: Any) -> Record | None:
        """The record that a text names beyond doubt, or None."""
        found = self.match(text, kind, **question)
        if found.record is None:
            return None
        return Collection(self._session, KINDS[kind])[found.record["id"]]

    def history(self, key: str | int) -> dict[str, list[dict[str, Any]]]:
        """The timelines of a country: `{field: [{value, from?, to?, source?}]}`."""
        with self._session.database.reading() as connection:
            version = find(connection, COUNTRY, str(key), self._session.moment())
            dated: dict[str, list[dict[str, Any]]] = stored_document(connection, version.entry).get(
                "dated", {}
            )
        return dated

    def close(self) -> None:
        """Close the connections."""
        self._session.database.close()

    def __enter__(self) -> "Register":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def find_collection(plural: str) -> Kind:
    """The kind of a collection; raise ValueError if it is missing."""
    if plural not in COLLECTIONS:
        raise ValueError(f"there are no {plural!r}{nearest(plural, tuple(COLLECTIONS))}")
    return COLLECTIONS[plural]


def read_condition(kind: Kind, name: str, value: Any) -> Condition:
    """A filter as a condition; raise ValueError for an unknown field or operator."""
    parts = FILTER.fullmatch(name)
    field, operator = parts.groups() if parts else (name, None)
    check_field(kind, field)
    operator = operator or "eq"
    if operator not in OPERATORS:
        raise ValueError(
            f"{name}: {operator!r} is no operator{nearest(operator, tuple(OPERATORS))}"
        )
    values = value if isinstance(value, list | tuple | set | frozenset) else (value,)
    keys = tuple(sort_key(each) for each in values)
    return Condition((field,), "eq" if operator == "ne" else operator, keys, operator == "ne")


def read_orders(kind: Kind, sort: str) -> tuple[Order, ...]:
    """The orders that a text names, separated by commas; a minus sorts descending."""
    names = [name for name in sort.split(",") if name]
    for name in names:
        check_field(kind, name.removeprefix("-"))
    return tuple(Order(name.removeprefix("-"), name.startswith("-")) for name in names)


def check_field(kind: Kind, name: str) -> None:
    """Raise ValueError unless a kind has a field."""
    if kind.catalog.find(name) is None:
        raise ValueError(
            f"a {kind.name} has no field {name!r}{nearest(name, tuple(kind.catalog.paths))}"
        )
