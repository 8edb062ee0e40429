"""Every kind of records, declared once: what it is called, what it holds, what names one of it.

The rules in `changes.py`, the addresses in `api/` and the description follow from these declarations.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from terrafirma.register.model.aliases import PLAIN, Alias
from terrafirma.register.model.capitals import Capitals
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.records import (
    Country,
    Currency,
    Group,
    Language,
    Membership,
    Record,
    Region,
    Subdivision,
)

INCLUDED = ("dated", "sources")
"""What an answer carries only if it is asked to `include` it."""

NOT_DATED = frozenset({"id", "from", "to", "extra", "flag", *INCLUDED})
"""Fields that cannot have a timeline in any kind."""


@dataclass(frozen=True)
class Reference:
    """A field that names a record of a kind, by the first of these codes that its last state has, or by its id."""

    field: str
    kind: str
    by: tuple[str, ...] = ("code",)


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of records."""

    name: str
    plural: str
    """What addresses call its collection."""
    model: type[Record]
    light: tuple[str, ...]
    """The fields a list shows when it is not told which."""
    searched: tuple[str, ...]
    """Where `q` looks."""
    unique: tuple[str, ...] = ("code",)
    """What no two records may hold on the same day: a field or, with a plus between, several together."""
    keys: tuple[str, ...] = ("code",)
    """The codes that an address may name a record by, beside its id; PUT makes records by the first."""
    keys_told: str = "id or code"
    """Id and keys, in words."""
    references: tuple[Reference, ...] = ()
    """Its fields that name records: they must be there, and stay there."""
    spelling: Alias = PLAIN
    outlined: bool = False
    """Whether the dataset draws its records' outlines, by alpha-2 code."""
    translations: str = ""
    """The kind of the records that hold its names in other languages; empty where there are none."""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field an answer can carry, as clients write it."""
        own = (name for name in self.model.model_fields if name not in Record.model_fields)
        return ("id", *own, "from", "to", "extra")

    @cached_property
    def catalog(self) -> Catalog:
        """Every path into a record that a query may name."""
        return Catalog(self.model)

    @cached_property
    def undated(self) -> frozenset[str]:
        """Fields that cannot have a timeline of their own: what a record is known by stays."""
        required = (name for name, field in self.model.model_fields.items() if field.is_required())
        return NOT_DATED.union(name for name in required if name != "name")

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """What each of the keys looks like, in any case."""
        declared = self.model.model_json_schema()["properties"]
        return {
            field: re.compile(declared[field]["pattern"], re.ASCII | re.IGNORECASE)
            for field in self.keys
        }

    def keys_like(self, text: str) -> tuple[str, ...]:
        """Which of the keys a text may be one of."""
        return tuple(field for field, pattern in self.patterns.items() if pattern.fullmatch(text))

    def say(self, text: str) -> str:
        """A text about records, about this kind of them."""
        return re.sub(
            "records?", lambda word: self.plural if word[0] == "records" else self.name, text
        )


COUNTRY = Kind(
    name="country",
    plural="countries",
    model=Country,
    light=(
        "id",
        "name",
        "alpha2",
        "alpha3",
        "capital",
        "region",
        "area",
        "population",
        "currencies",
        "flag",
    ),
    searched=(
        "name",
        "iso_name",
        "official_name",
        "other_names",
        "native_names.name",
        "native_names.official_name",
        "capital",
        "capitals.name",
        "alpha2",
        "alpha3",
        "alpha4",
        "demonyms.noun",
    ),
    unique=("alpha2", "alpha3", "alpha4", "numeric", "name"),
    keys=("alpha2", "alpha3", "alpha4"),
    keys_told="id, alpha-2, alpha-3 or alpha-4 code",
    spelling=Capitals(),
    translations="names",
    outlined=True,
)

SUBDIVISION = Kind(
    name="subdivision",
    plural="subdivisions",
    model=Subdivision,
    light=("id", "code", "country", "name", "local_name", "type", "parent"),
    searched=("code", "name", "local_name"),
    references=(
        Reference("country", "country", by=("alpha2",)),
        Reference("parent", "subdivision"),
    ),
)

GROUP = Kind(
    name="group",
    plural="groups",
    model=Group,
    light=("id", "code", "name", "type", "from", "to"),
    searched=("code", "name"),
)

MEMBER = Reference("country", "country", by=("alpha4", "alpha2"))
"""Who a membership is of. A former country is named by its alpha-4 code: others have its alpha-2 code since."""

MEMBERSHIP = Kind(
    name="membership",
    plural="memberships",
    model=Membership,
    light=("id", "group", "country", "role", "from", "to"),
    searched=("group", "country", "role"),
    unique=("group+country",),
    keys=(),
    keys_told="id",
    references=(Reference("group", "group"), MEMBER),
)

CURRENCY = Kind(
    name="currency",
    plural="currencies",
    model=Currency,
    light=("id", "code", "numeric", "name", "symbol", "minor_units"),
    searched=("code", "name", "symbol"),
)

LANGUAGE = Kind(
    name="language",
    plural="languages",
    model=Language,
    light=("id", "code", "alpha3", "name", "native_name"),
    searched=("code", "alpha3", "name", "native_name"),
)

REGION = Kind(
    name="region",
    plural="regions",
    model=Region,
    light=("id", "code", "name", "type", "parent"),
    searched=("code", "name"),
    references=(Reference("parent", "region"),),
)

KINDS = {
    kind.name: kind
    for kind in (COUNTRY, SUBDIVISION, GROUP, MEMBERSHIP, CURRENCY, LANGUAGE, REGION)
}
"""By name, as entries give it. Names in other languages are of no kind here: they are found by their country only."""

CITED = {
    name: tuple(
        (kind, each) for kind in KINDS.values() for each in kind.references if each.kind == name
    )
    for name in KINDS
}
"""By which fields of which kinds records of a kind are named."""

OWNERS = KINDS | {kind.translations: kind for kind in KINDS.values() if kind.translations}
"""By the kind of an entry: the kind whose ids and keys name its record, the record itself or the one it is names of."""
