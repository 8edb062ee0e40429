"""The rules of custom fields: the members of `extra` that a register declares at `/fields`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from rapidfuzz.distance import OSA

from terrafirma.errors import Detail
from terrafirma.register.model.catalog import Path, Type
from terrafirma.register.model.records import Document
from terrafirma.register.model.strict_json import LARGEST
from terrafirma.register.model.timelines import EXTRA_PREFIX
from terrafirma.register.model.values import Day, Measured, Text, make_whole

Explain = Callable[[ValidationError, str], list[Detail]]
"""Explains the faults of a value at a path."""

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "text": TypeAdapter(Text),
    "integer": TypeAdapter(
        Annotated[int, Field(ge=-LARGEST, le=LARGEST), BeforeValidator(make_whole)]
    ),
    "number": TypeAdapter(Measured),
    "boolean": TypeAdapter(bool),
    "date": TypeAdapter(Day),
}
"""Validators by type: those of the fields that the register comes with."""

COMPARED: dict[str, Type] = {"integer": "number", "number": "number", "boolean": "boolean"}
"""How values are compared, if not as text."""

REQUIRED = "Every record that has not ended has it."


@dataclass(frozen=True)
class FieldRule:
    """The type of a custom field, and the values it may hold."""

    name: str
    type: str
    choices: tuple[str, ...] = ()
    """The only texts there are; empty: any."""
    required: bool = False
    unit: str = ""
    meaning: str = ""

    @property
    def path(self) -> Path:
        """The field as queries name it."""
        return Path(EXTRA_PREFIX + self.name, COMPARED.get(self.type, "text"), False, self.choices)

    @property
    def schema(self) -> dict[str, Any]:
        """JSON Schema of its values."""
        schema = ADAPTERS[self.type].json_schema()
        schema = {"type": "string", "enum": list(self.choices)} if self.choices else schema
        needed = REQUIRED if self.required else ""
        told = {"description": f"{self.meaning} {needed}".strip(), "x-unit": self.unit}
        return schema | {name: text for name, text in told.items() if text}


def read_rule(document: Document) -> FieldRule:
    """The rule that a record of `/fields` declares."""
    return FieldRule(
        document["name"],
        document["type"],
        tuple(document.get("enum", ())),
        document.get("required", False),
        document.get("unit", ""),
        document.get("description", ""),
    )


def check_rule(document: Document) -> list[Detail]:
    """Faults between the members of a record of `/fields`."""
    faults, type, choices = [], document["type"], document.get("enum", [])
    if choices and type != "text":
        faults.append(Detail("enum", f"is for text; the type is {type}", "mismatch"))
    if len(set(choices)) < len(choices):
        faults.append(Detail("enum", "must not name a value twice", "mismatch"))
    if "unit" in document and type not in ("integer", "number"):
        faults.append(Detail("unit", f"is for numbers; the type is {type}", "mismatch"))
    return faults


def check_values(
    rules: tuple[FieldRule, ...], document: Document, explain: Explain
) -> list[Detail]:
    """The faults of a document's own fields: values, missing ones, and names that are nearly declared."""
    if not rules:
        return []
    extra, dated = document.get("extra", {}), document.get("dated", {})
    names = [
        *extra,
        *(name.removeprefix(EXTRA_PREFIX) for name in dated if name.startswith(EXTRA_PREFIX)),
    ]
    known = {rule.name for rule in rules}
    faults = [
        Detail(
            EXTRA_PREFIX + name,
            f'is not declared; did you mean "{near}"? POST /fields declares it',
            "unknown",
        )
        for name in names
        if name not in known and (near := find_misspelt(name, rules))
    ]
    for rule in rules:
        path = EXTRA_PREFIX + rule.name
        if rule.name in extra:
            faults += check_one(rule, extra[rule.name], path, explain)
        periods = dated.get(path, [])
        for position, period in enumerate(periods):
            faults += check_one(rule, period["value"], f"dated.{path}.{position}.value", explain)
        lasts = rule.name in extra or (periods and "to" not in periods[-1])
        if rule.required and not lasts and "to" not in document:
            faults.append(Detail(path, "is required", "required"))
    return faults


def check_one(rule: FieldRule, value: Any, path: str, explain: Explain) -> list[Detail]:
    """The faults of a value."""
    try:
        ADAPTERS[rule.type].validate_python(value, strict=True)
    except ValidationError as error:
        return explain(error, path)
    if rule.choices and value not in rule.choices:
        words = [f'"{each}"' for each in rule.choices]
        told = " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
        return [Detail(path, f"must be {told}", "choice")]
    return []


def find_misspelt(name: str, rules: tuple[FieldRule, ...]) -> str:
    """The declared name that a name misses by a letter; empty without any.

    Names that differ in a digit are a series, such as line1 and line2.
    """
    for rule in rules:
        digits = [letter for letter in name if letter.isdigit()]
        near = OSA.distance(name.lower(), rule.name.lower(), score_cutoff=1) <= 1
        if near and len(rule.name) > 3 and digits == [each for each in rule.name if each.isdigit()]:
            return rule.name
    return ""
