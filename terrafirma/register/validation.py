"""From what was sent to a document that may be stored, or every fault of it at once."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from terrafirma.errors import FAULTS, Detail, Invalid
from terrafirma.register.canonical import encode
from terrafirma.register.records import FIELDS, UNDATED, Country, Document
from terrafirma.register.timelines import EXTRA_PREFIX, Fields, Timeline, covers, ends, faults_of, flatten, starts
from terrafirma.register.values import RULES

TYPES = {
    "string_type": "must be a string",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "missing": "is required",
    "string_too_short": "must not be empty",
}
"""Pydantic's name for a fault, in the words of JSON."""

CODES = {
    "missing": "required",
    "extra_forbidden": "unknown",
    "string_pattern_mismatch": "format",
    "string_too_short": "blank",
    "literal_error": "choice",
    "greater_than_equal": "range",
    "less_than_equal": "range",
    "string_too_long": "length",
    "too_long": "length",
    "too_short": "length",
}
"""Pydantic's name for a fault, as one of FAULTS; those of our own are named so already, and the rest are types."""

MOST_FAULTS = 100
"""Faults of one body that are told."""

MOST_PERIODS = 1000
"""Periods of one document: each may become a state, and each state is looked up among all of them."""

MOST_RENDERED = 20_000_000
"""Bytes of all states of one document: each is kept whole."""


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint at the known name closest to a mistyped one, or nothing."""
    return suggest(closest(name, known))


def closest(name: str, known: Sequence[str]) -> str:
    """The known name closest to a mistyped one; empty if none is close."""
    return next(iter(get_close_matches(name, known, n=1)), "")


def suggest(name: str) -> str:
    """A hint at a name, nothing if it is empty."""
    return f'; did you mean "{name}"?' if name else ""


def explain(error: ErrorDetails) -> str:
    """A pydantic error as a rule a person can follow."""
    kind, context = error["type"], error.get("ctx", {})
    if error.get("input", ...) is None and kind not in ("missing", "extra_forbidden"):
        return "must not be null; leave the field out where nothing is known"
    if kind == "extra_forbidden":
        return explain_unknown(error["loc"])
    if kind == "string_pattern_mismatch":
        return RULES[context["pattern"]]
    return TYPES.get(kind) or explain_bound(kind, context) or error["msg"]


def code_of(error: ErrorDetails) -> str:
    """Which of FAULTS a pydantic error is."""
    kind = error["type"]
    if error.get("input", ...) is None and kind not in ("missing", "extra_forbidden"):
        return "null"
    return CODES.get(kind) or (kind if kind in FAULTS else "type")


def explain_unknown(path: tuple[int | str, ...]) -> str:
    """An unknown field, with the one that was probably meant."""
    if len(path) > 1:
        return "is not a field here"
    hint = nearest(str(path[0]), FIELDS) or "; attributes of your own go under extra"
    return f"is not a field{hint}"


def explain_bound(kind: str, context: dict[str, Any]) -> str | None:
    """A choice, a range or a length, if that is what was broken."""
    if kind == "literal_error":
        return f"must be one of {context['expected']}".replace("'", '"')
    if kind in ("greater_than_equal", "less_than_equal"):
        word, bound = ("least", context["ge"]) if "ge" in context else ("most", context["le"])
        return f"must be at {word} {bound}"
    if kind in ("string_too_long", "too_long", "too_short"):
        word, bound = ("least", context["min_length"]) if kind == "too_short" else ("most", context["max_length"])
        return f"must have at {word} {bound} {'characters' if kind == 'string_too_long' else 'items'}"
    return None


def details_of(error: ValidationError, prefix: tuple[str | int, ...] = ()) -> list[Detail]:
    """The faults pydantic found, each with its path in the body."""
    found = error.errors(include_url=False)[:MOST_FAULTS]
    return [
        Detail(".".join(str(part) for part in (*prefix, *each["loc"])), explain(each), code_of(each)) for each in found
    ]


@cache
def adapter_of(field: str) -> TypeAdapter[Any]:
    """The validator of one field's value, for the values of a timeline."""
    declared = Country.model_fields[field]
    annotation: Any = Annotated[(declared.annotation, Field(), *declared.metadata)]
    return TypeAdapter(annotation)


def check_value(field: str, value: Any, path: str) -> tuple[Any, list[Detail]]:
    """A timeline's value, checked as the field itself would be."""
    if field.startswith(EXTRA_PREFIX):
        return value, []
    adapter = adapter_of(field)
    try:
        return adapter.dump_python(adapter.validate_python(value, strict=True), exclude_unset=True), []
    except ValidationError as error:
        return value, details_of(error, (path,))


def check_timelines(document: Document) -> list[Detail]:
    """Faults of `dated`: unknown fields, wrong values, periods out of order, a nameless day."""
    details: list[Detail] = []
    if sum(map(len, document.get("dated", {}).values())) > MOST_PERIODS:
        return [Detail("dated", f"must have at most {MOST_PERIODS} periods in all", "length")]
    for field, timeline in document.get("dated", {}).items():
        if not field.startswith(EXTRA_PREFIX) and (field not in FIELDS or field in UNDATED):
            rule = f"is not a field that can be dated{nearest(field, FIELDS)}"
            details.append(Detail(f"dated.{field}", rule, "unknown"))
            continue
        for position, period in enumerate(timeline):
            path = f"dated.{field}.{position}.value"
            period["value"], wrong = check_value(field, period["value"], path)
            details += wrong
        details += [Detail(path, rule, "order") for path, rule in faults_of(field, timeline)]
    return details


def check_whole(document: Document) -> list[Detail]:
    """Faults between the fields of a document."""
    plain, dated = flatten(document), document.get("dated", {})
    details = [
        Detail(f"dated.{field}", "must not be both plain and dated", "mismatch") for field in dated if field in plain
    ]
    if len({"capital", "capitals"} & (document.keys() | dated.keys())) > 1:
        details.append(Detail("capital", "must not stand beside capitals; one of the two is stored", "mismatch"))
    details += check_size(plain, dated)
    if starts(document) >= ends(document):
        details.append(Detail("to", "must be after from", "order"))
    if "name" not in document and not covers(dated.get("name", []), document):
        details.append(Detail("name", "is required on every day the record exists", "required"))
    return details


def check_size(plain: Fields, dated: dict[str, Timeline]) -> list[Detail]:
    """A fault where the states of a document may be too large in all."""
    periods = sum(map(len, dated.values()))
    if not periods:
        return []
    largest = [max((len(encode(period["value"])) for period in timeline), default=0) for timeline in dated.values()]
    if periods * (len(encode(plain)) + sum(largest)) <= MOST_RENDERED:
        return []
    rule = f"has {periods:,} periods, too many for a record of this size: each keeps the whole of it"
    return [Detail("dated", rule, "length")]


def validate(body: Any) -> Document:
    """The document in a body, its server-made fields dropped; Invalid with every fault otherwise."""
    if not isinstance(body, dict):
        raise Invalid("A country must be a JSON object.")
    dated = body.get("dated")
    named = "name" in body or not (isinstance(dated, dict) and "name" in dated)
    try:
        model = Country.model_validate(body if named else {"name": "dated"} | body)
    except ValidationError as error:
        raise Invalid("The country is not valid.", details_of(error)) from None
    document: Document = model.model_dump(exclude_unset=True, by_alias=True)
    if not named:
        del document["name"]
    if details := check_timelines(document):
        raise Invalid("The country is not valid.", details)
    return drop_empty(document)


def drop_empty(document: Document) -> Document:
    """A document less the timelines, `extra` and `dated` that hold nothing."""
    dated = {field: timeline for field, timeline in document.get("dated", {}).items() if timeline}
    document = document | ({"dated": dated} if "dated" in document else {})
    return {name: value for name, value in document.items() if value != {} or name not in ("extra", "dated")}
