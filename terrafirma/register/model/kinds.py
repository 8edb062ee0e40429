"""Every kind of record, declared once: its names, its fields, its keys.

The rules in `changes.py`, the routes in `api/` and the OpenAPI description follow from these
declarations.
"""

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from terrafirma.register.model.aliases import PLAIN, Alias
from terrafirma.register.model.capitals import Capitals
from terrafirma.register.model.catalog import Catalog
from terrafirma.register.model.custom_fields import FieldRule
from terrafirma.register.model.records import (
    LASTING,
    Country,
    Currency,
    CustomField,
    Figure,
    Group,
    Language,
    Membership,
    RecordModel,
    Region,
    Subdivision,
)

INCLUDED = ("dated", "sources", "undated")
"""Members that an answer has only with `include`."""

CODE_PATTERNS = frozenset({r"^[A-Z]{3}$", r"^[a-z]{3}$", r"^[0-9]{3}$", r"^Q[1-9][0-9]*$"})
"""Patterns of codes that stand for a record of their own: of the IOC, of ISO's numbers, of Wikidata."""

NOT_DATED = frozenset({"id", "from", "to", "extra", "flag", "known_from", *INCLUDED})
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
    """The collection's name in addresses."""
    model: type[RecordModel]
    light: tuple[str, ...]
    """Fields that a list shows by default."""
    searched: tuple[str, ...]
    """Where `q` looks."""
    unique: tuple[str, ...] = ("code",)
    """Fields that must be unique on a day: a field, or several joined by a plus."""
    keys: tuple[str, ...] = ("code",)
    """The codes that an address may name a record by, beside its id; PUT makes records by the first."""
    keys_told: str = "id or code"
    """Id and keys, in words."""
    references: tuple[Reference, ...] = ()
    """Its fields that name records: they must be there, and stay there."""
    spelling: Alias = PLAIN
    outlined: bool = False
    """True if the dataset has outlines of its records, by alpha-2 code."""
    timeless: bool = False
    """True if its records define codes, so that their values hold on every day."""
    translations: str = ""
    """The kind that holds translated names; empty if it has none."""
    declares: bool = False
    """True if its records declare what others may hold: they are for admins, and hold on all days."""
    rules: tuple[FieldRule, ...] = ()
    """The custom fields that a register declares for it."""

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every field an answer can carry, as clients write it."""
        own = (name for name in self.model.model_fields if name not in RecordModel.model_fields)
        return ("id", *own, "from", "to", "extra")

    @cached_property
    def catalog(self) -> Catalog:
        """Every path into a record that a query may name."""
        return Catalog(self.model, [rule.path for rule in self.rules])

    @cached_property
    def undated(self) -> frozenset[str]:
        """Fields that cannot have a timeline: identifying fields have one value for all days."""
        if self.declares:
            return frozenset(self.fields)
        required = (name for name, field in self.model.model_fields.items() if field.is_required())
        return NOT_DATED.union(name for name in required if name != "name")

    @cached_property
    def lasting(self) -> frozenset[str]:
        """Fields that hold on every day of a record's life."""
        required = (name for name, field in self.model.model_fields.items() if field.is_required())
        return LASTING.union(
            self.fields if self.timeless else (), (name for name in required if name != "name")
        )

    @cached_property
    def handles(self) -> frozenset[str]:
        """Identifying fields: they are shown on days when other fields are unknown."""
        return frozenset({"name", *self.keys})

    @cached_property
    def patterns(self) -> dict[str, re.Pattern[str]]:
        """Patterns of the keys, ignoring case."""
        declared = self.model.model_json_schema()["properties"]
        return {
            field: re.compile(declared[field]["pattern"], re.ASCII | re.IGNORECASE)
            for field in self.keys
        }

    @cached_property
    def other_codes(self) -> tuple[str, ...]:
        """Further fields of a single code each, that addresses do not take: `numeric`."""
        paths = self.catalog.paths.values()
        return tuple(
            path.name
            for path in paths
            if path.pattern in CODE_PATTERNS
            and not path.many
            and path.name not in {*self.keys, *(each.field for each in self.references)}
        )

    def reference_of(self, field: str) -> Reference | None:
        """The record that a field names, if it names any."""
        return next((each for each in self.references if each.field == field), None)

    def keys_like(self, text: str) -> tuple[str, ...]:
        """The keys whose pattern matches a text."""
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
    searched=("code", "name", "iso_name", "local_name", "local_names.name"),
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
"""The country of a membership. A former country is referred to by its alpha-4 code, since its
alpha-2 code may have been reused."""

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

FIGURE = Kind(
    name="figure",
    plural="figures",
    model=Figure,
    light=("id", "country", "indicator", "year", "value", "unit"),
    searched=("country", "indicator"),
    unique=("country+indicator",),
    keys=(),
    keys_told="id",
    references=(MEMBER,),
    timeless=True,
)

CURRENCY = Kind(
    name="currency",
    plural="currencies",
    model=Currency,
    light=("id", "code", "numeric", "name", "symbol", "minor_units"),
    searched=("code", "name", "symbol"),
    timeless=True,
)

LANGUAGE = Kind(
    name="language",
    plural="languages",
    model=Language,
    light=("id", "code", "alpha3", "name", "native_name"),
    searched=("code", "alpha3", "name", "native_name"),
    timeless=True,
)

REGION = Kind(
    name="region",
    plural="regions",
    model=Region,
    light=("id", "code", "name", "type", "parent"),
    searched=("code", "name"),
    references=(Reference("parent", "region"),),
    timeless=True,
)

FIELD = Kind(
    name="field",
    plural="fields",
    model=CustomField,
    light=("id", "kind", "name", "type", "enum", "required", "unit", "description"),
    searched=("name", "description"),
    unique=("kind+name",),
    keys=(),
    keys_told="id",
    timeless=True,
    declares=True,
)

KINDS = {
    kind.name: kind
    for kind in (COUNTRY, SUBDIVISION, GROUP, MEMBERSHIP, FIGURE, CURRENCY, LANGUAGE, REGION)
}
"""By name, as entries give it. Names in other languages are of no kind here: they are found by their country only."""

EVERY_KIND = KINDS | {FIELD.name: FIELD}
"""The kinds above, and `field`, whose records are about the others."""

OTHER_CODES = {COUNTRY.name: {"UK": "GB", "EL": "GR"}, GROUP.name: {"EZ": "EUROZONE"}}
"""By kind, codes that no record has itself: those that ISO 3166 reserves, or the European Union uses."""

VOCABULARIES = {
    **dict.fromkeys(("borders", "sovereign", "predecessors", "successors"), ("country", "alpha2")),
    **dict.fromkeys(
        ("languages.code", "native_names.language", "demonyms.language"), ("language", "code")
    ),
    **dict.fromkeys(("region", "subregion", "intermediate_region"), ("region", "name")),
    "continents": ("region", "name"),
    "currencies.code": ("currency", "code"),
}
"""Fields of countries whose values are those of a field of another kind."""

CITED = {
    name: tuple(
        (kind, each) for kind in KINDS.values() for each in kind.references if each.kind == name
    )
    for name in EVERY_KIND
}
"""By which fields of which kinds records of a kind are named."""

OWNERS = EVERY_KIND | {kind.translations: kind for kind in KINDS.values() if kind.translations}
"""Maps an entry's kind to the kind its id belongs to. For `names` entries that is `country`."""


@lru_cache(maxsize=100)
def with_rules(kind: Kind, rules: tuple[FieldRule, ...]) -> Kind:
    """A kind with the custom fields that a register declares."""
    return replace(kind, rules=rules) if rules else kind
