"""The calls of the package pycountry over the shipped world: `from terrafirma.compat import pycountry`.

A way to move: programs run unchanged, then take one call after another to `terrafirma.open()`. Names are those of this
register, which are the common ones; there are no scripts and no translations.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from terrafirma.library import Collection, Record, Register
from terrafirma.library import open as open_register

Fields = dict[str, str]

COUNTRY_FIELDS = {
    "alpha_2": "alpha2",
    "alpha_3": "alpha3",
    "alpha_4": "alpha4",
    "flag": "flag",
    "name": "name",
    "numeric": "numeric",
    "official_name": "official_name",
    "withdrawal_date": "withdrawn",
}
SUBDIVISION_FIELDS = {
    "code": "code",
    "country_code": "country",
    "name": "iso_name",
    "parent_code": "parent",
    "type": "type",
}
CURRENCY_FIELDS = {"alpha_3": "code", "name": "name", "numeric": "numeric"}
LANGUAGE_FIELDS = {"alpha_2": "code", "alpha_3": "alpha3", "name": "name"}


@cache
def world() -> Register:
    """The shipped world."""
    return open_register()


class CodeRecord(Mapping[str, Any]):
    """A record with the fields that pycountry has, as attributes and as members."""

    def __init__(self, kind: str, record: Record, fields: Fields) -> None:
        self._kind = kind
        self._fields = {name: record[ours] for name, ours in fields.items() if ours in record}

    def __getattr__(self, name: str) -> Any:
        if name in self._fields:
            return self._fields[name]
        raise AttributeError(f"a {self._kind} has no {name!r}")

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __hash__(self) -> int:
        return hash((self._kind, *self._fields.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CodeRecord) and self._fields == other._fields

    def __repr__(self) -> str:
        return f"{self._kind}({', '.join(f'{name}={value!r}' for name, value in self.items())})"


class CodeList:
    """The records of a kind."""

    def __init__(self, kind: str, plural: str, fields: Fields, *, former: bool = False) -> None:
        self._kind, self._plural, self._fields, self._former = kind, plural, fields, former

    @property
    def _records(self) -> Collection:
        found: Collection = getattr(world(), self._plural)
        return found

    def _wrap(self, record: Record) -> CodeRecord:
        return CodeRecord(self._kind, record, self._fields)

    def __iter__(self) -> Iterator[CodeRecord]:
        return map(self._wrap, self._records())

    def __len__(self) -> int:
        return len(self._records())

    def get(self, *, default: Any = None, **field: str) -> Any:
        """The record whose only named field has a value, or the default.

        Subdivisions by `country_code` or `parent_code` are a list.
        """
        if len(field) != 1:
            raise TypeError("get() takes one field")
        [(name, value)] = field.items()
        if name not in self._fields:
            return default
        if name in ("country_code", "parent_code"):
            return [self._wrap(each) for each in self._records({self._fields[name]: value.upper()})]
        return next(map(self._wrap, self._find(name, value)), default)

    def _find(self, name: str, value: str) -> Iterator[Record]:
        """The records with a value; codes lead to former records too, of the list of former ones only."""
        ours = self._fields[name]
        found = self._records.get(value)
        if found is not None and str(found.get(ours, "")).casefold() == value.casefold():
            if (found.get("status") == "former") == self._former:
                yield found
        elif not self._former:
            yield from self._records({ours: value})

    def lookup(self, value: str) -> CodeRecord:
        """The record that has a code or a name; raise LookupError without one."""
        for name in self._fields:
            if found := self.get(**{name: value}):
                return found if isinstance(found, CodeRecord) else found[0]
        if named := world().resolve(value, self._records.kind.name):
            return self._wrap(named)
        raise LookupError(f"there is no {self._kind} {value!r}")

    def search_fuzzy(self, query: str) -> list[CodeRecord]:
        """The records that a text may mean, the likeliest first; raise LookupError without one."""
        kind = self._records.kind.name
        match = world().match(query, kind)
        named = [match.record] if match.record else [each.record for each in match.candidates]
        if not named and kind == "country" and (part := world().resolve(query, "subdivision")):
            named = [dict(world()[part["country"]])]
        named = named or [dict(each) for each in self._records({"name[contains]": query})]
        if not named:
            raise LookupError(f"there is no {self._kind} like {query!r}")
        return [self._wrap(self._records[each["id"]]) for each in named]


countries = CodeList("Country", "countries", COUNTRY_FIELDS)
historic_countries = CodeList("Country", "countries", COUNTRY_FIELDS, former=True)
subdivisions = CodeList("Subdivision", "subdivisions", SUBDIVISION_FIELDS)
currencies = CodeList("Currency", "currencies", CURRENCY_FIELDS)
languages = CodeList("Language", "languages", LANGUAGE_FIELDS)
