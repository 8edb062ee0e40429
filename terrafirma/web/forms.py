"""Forms, made from the declarations of a kind: a control per field, nested for objects and lists."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.kinds import COUNTRY, CURRENCY, KINDS, LANGUAGE, Kind
from terrafirma.register.model.records import Document, Period
from terrafirma.register.model.timelines import EXTRA_PREFIX
from terrafirma.register.model.values import DATE_PATTERN
from terrafirma.web.display import label_of
from terrafirma.web.sections import SECTIONS

Schema = dict[str, Any]

TYPES = {
    "boolean": "boolean",
    "integer": "number",
    "number": "number",
    "array": "list",
    "object": "object",
}
"""Controls by JSON type; the control of text depends on its format."""

APART = ("extra", "dated")
"""Fields without a fixed shape, which a form has below the others."""

FIRST = {"Names and codes": ("name",), "Land": ("borders", "latitude", "longitude")}
"""Fields that a country's page shows in other places than its sections, and a form in them."""

CODES = {
    "currencies.code": CURRENCY,
    "languages.code": LANGUAGE,
    "native_names.language": LANGUAGE,
    "demonyms.language": LANGUAGE,
    "borders": COUNTRY,
    "sovereign": COUNTRY,
    "predecessors": COUNTRY,
    "successors": COUNTRY,
}
"""Fields with codes that are not references: the kind whose codes are suggested."""

SHARED = frozenset(
    (
        "region",
        "subregion",
        "intermediate_region",
        "continents",
        "capitals.roles",
        "timezones",
        "type",
        "role",
        "parent",
    )
)
"""Fields with shared values: existing values are suggested."""


@dataclass(frozen=True)
class Control:
    """The control of a field."""

    name: str
    type: str
    """text, number, boolean, choice, date, list, object; `any` for a value of no declared type."""
    label: str
    help: str = ""
    unit: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    parts: tuple["Control", ...] = ()
    """The fields of an object; for a list the control of an item."""
    suggested: str = ""
    """Where the API lists values that may be meant."""
    own: bool = False
    """True for a field that the register declares; its choices have no translations."""


@dataclass(frozen=True)
class Section:
    """Controls under a heading, each with its initial value."""

    title: str
    fields: list[tuple[Control, Any]]


@cache
def list_controls(kind: Kind) -> dict[str, Control]:
    """The controls of a kind by field, without server-made fields."""
    schema = kind.model.model_json_schema()
    return {
        name: make_control(
            kind, name, schema["properties"][name], schema, name in schema["required"]
        )
        for name in kind.fields
        if name not in APART and not schema["properties"][name].get("readOnly")
    }


@cache
def list_own_controls(kind: Kind) -> dict[str, Control]:
    """The controls of the custom fields that the register declares, by their names in `extra`."""
    return {
        rule.name: Control(
            rule.name,
            type_of(rule.schema),
            label_of(rule.name),
            rule.meaning,
            rule.unit,
            rule.required,
            rule.choices,
            own=True,
        )
        for rule in kind.rules
    }


def make_control(
    kind: Kind, path: str, declared: Schema, whole: Schema, required: bool = False
) -> Control:
    """The control of the field or part at a path, from its JSON Schema."""
    schema = (
        whole["$defs"][declared["$ref"].rpartition("/")[2]] | declared
        if "$ref" in declared
        else declared
    )
    name = path.rpartition(".")[2]
    return Control(
        name,
        type_of(schema),
        label_of(name),
        schema.get("description", ""),
        schema.get("x-unit", ""),
        required,
        tuple(schema.get("enum", ())),
        list_parts(kind, path, schema, whole),
        find_suggested(kind, path),
    )


def list_parts(kind: Kind, path: str, schema: Schema, whole: Schema) -> tuple[Control, ...]:
    """The controls inside a control: of a list's item, or of an object's editable fields."""
    if "items" in schema:
        return (make_control(kind, path, schema["items"], whole),)
    return tuple(
        make_control(kind, f"{path}.{name}", part, whole, name in schema.get("required", ()))
        for name, part in schema.get("properties", {}).items()
        if not part.get("readOnly")
    )


def type_of(schema: Schema) -> str:
    """The type of the control that draws a schema."""
    if "enum" in schema:
        return "choice"
    if schema.get("pattern") == DATE_PATTERN:
        return "date"
    if schema.get("type") == "object" and "properties" not in schema:
        # Members have names of their own: they are written as JSON.
        return "any"
    return TYPES.get(schema.get("type", "any"), "text" if "type" in schema else "any")


def find_suggested(kind: Kind, path: str) -> str:
    """The source of a field's suggestions: the records it refers to, or values of other records;
    empty for none."""
    named = {
        reference.field: KINDS[reference.kind]
        for reference in kind.references
        if reference.kind != kind.name
    }
    if source := CODES.get(path) or named.get(path):
        return f"/{source.plural}?fields={source.keys[0]},name"
    return f"/{kind.plural}/facets?field={path}" if path in SHARED else ""


def list_form(kind: Kind, document: Document) -> list[Section]:
    """The sections of a form for a record; an empty document gives a form for a new record."""
    controls = {
        name: each
        for name, each in list_controls(kind).items()
        if not is_respelled(kind, name, document)
    }
    titled = (
        {title: (*FIRST.get(title, ()), *fields) for title, fields in SECTIONS.items()}
        if kind.name == COUNTRY.name
        else {}
    )
    named = {name for fields in titled.values() for name in fields}
    rest = "Other" if titled else kind.name.capitalize()
    sections = titled | {rest: tuple(name for name in controls if name not in named)}
    return [
        Section(
            title, [(controls[name], document.get(name)) for name in fields if name in controls]
        )
        for title, fields in sections.items()
    ]


def is_respelled(kind: Kind, name: str, document: Document) -> bool:
    """Return True if a field repeats an alias in the document, such as a capital that is in the
    list."""
    others = kind.spelling.fields - {name}
    return (
        name in kind.spelling.fields
        and list_controls(kind)[name].type != "list"
        and not others.isdisjoint(document)
    )


def list_timelines(kind: Kind, dated: dict[str, Sequence[Document]]) -> list[tuple[Control, Any]]:
    """The timelines of a record, each as a list of periods."""
    return [(make_timeline(kind, field), periods) for field, periods in dated.items()]


def make_timeline(kind: Kind, field: str) -> Control:
    """The control of a field's timeline: periods with values of the field's type."""
    anything = Control("value", "any", "Value")
    own = list_own_controls(kind).get(field.removeprefix(EXTRA_PREFIX), anything)
    value = own if field.startswith(EXTRA_PREFIX) else list_controls(kind)[field]
    schema = Period.model_json_schema()
    others = [
        make_control(kind, name, schema["properties"][name], schema)
        for name in ("from", "to", "source")
    ]
    labels = {"from": "From", "to": "Until"}
    parts = (
        replace(value, name="value", label="Value"),
        *(replace(each, label=labels.get(each.name, each.label), help="") for each in others),
    )
    return Control(
        field, "list", label_of(field), parts=(Control("", "object", "Period", parts=parts),)
    )


def spell(value: Any) -> str:
    """A value as its control has it in writing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else "" if value is None else encode(value).decode()


def spell_any(value: Any) -> tuple[str, str]:
    """The type of a value without a declared type, and the value as text."""
    if isinstance(value, bool):
        return spell(value), ""
    if isinstance(value, int | float):
        return "number", spell(value)
    if value is None or (isinstance(value, str) and value.isprintable()):
        return "text", spell(value)
    return "json", encode(value).decode()
