"""Validate a body into a storable document, or report all its faults."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from terrafirma.errors import FAULTS, Detail, Invalid
from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.custom_fields import check_rule, check_values
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.known import is_field
from terrafirma.register.model.records import Document
from terrafirma.register.model.strict_json import Unfit, check
from terrafirma.register.model.timelines import (
    APART,
    EXTRA_PREFIX,
    KNOWN_FROM,
    Fields,
    Timeline,
    covers,
    ends,
    faults_of,
    flatten,
    starts,
)
from terrafirma.register.model.values import RULES

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
"""Fault codes by pydantic's error type; custom errors already use fault codes, the rest are type
errors."""

MOST_FAULTS = 100
"""Reported faults per body."""

MOST_PERIODS = 1000
"""Periods per document: each may become a state, and each state is looked up among all of them."""

MOST_EXTRA = 5000
"""Values of custom attributes per document: each is a term to filter by."""

MOST_RENDERED = 20_000_000
"""Bytes of all states of a document: each is stored in full."""


def nearest(name: str, known: Sequence[str]) -> str:
    """A hint at the closest known name for a mistyped name, or an empty text."""
    return suggest(closest(name, known))


def closest(name: str, known: Sequence[str]) -> str:
    """The closest known name for a mistyped name; empty if none is close."""
    return next(iter(get_close_matches(name, known, n=1)), "")


def suggest(name: str) -> str:
    """A hint at a name; empty for an empty name."""
    return f'; did you mean "{name}"?' if name else ""


def explain(error: ErrorDetails, fields: tuple[str, ...] = ()) -> str:
    """A pydantic error as a rule a person can follow."""
    type, context = error["type"], error.get("ctx", {})
    if error.get("input", ...) is None and type not in ("missing", "extra_forbidden"):
        return "must not be null; leave the field out where nothing is known"
    if type == "extra_forbidden":
        return explain_unknown(error["loc"], fields)
    if type == "string_pattern_mismatch":
        return RULES[context["pattern"]]
    return TYPES.get(type) or explain_bound(type, context) or error["msg"]


def fault_code_of(error: ErrorDetails) -> str:
    """The fault code of a pydantic error."""
    type = error["type"]
    if error.get("input", ...) is None and type not in ("missing", "extra_forbidden"):
        return "null"
    return CODES.get(type) or (type if type in FAULTS else "type")


def explain_unknown(path: tuple[int | str, ...], fields: tuple[str, ...]) -> str:
    """The message for an unknown field, with the closest known field."""
    if len(path) > 1:
        return "is not a field here"
    hint = nearest(str(path[0]), fields) or "; attributes of your own go under extra"
    return f"is not a field{hint}"


def explain_bound(type: str, context: dict[str, Any]) -> str | None:
    """The message for a violated choice, range or length; None for other errors."""
    if type == "literal_error":
        return f"must be one of {context['expected']}".replace("'", '"')
    if type in ("greater_than_equal", "less_than_equal"):
        word, bound = ("least", context["ge"]) if "ge" in context else ("most", context["le"])
        return f"must be at {word} {bound}"
    if type in ("string_too_long", "too_long", "too_short"):
        word, bound = (
            ("least", context["min_length"])
            if type == "too_short"
            else ("most", context["max_length"])
        )
        return (
            f"must have at {word} {bound} {'characters' if type == 'string_too_long' else 'items'}"
        )
    return None


def details_of(
    error: ValidationError, fields: tuple[str, ...], prefix: tuple[str | int, ...] = ()
) -> list[Detail]:
    """The faults pydantic found, each with its path in the body; `fields` are those it may have been meant to name."""
    found = error.errors(include_url=False)[:MOST_FAULTS]
    return [
        Detail(
            # Pydantic marks the name of a member so.
            ".".join(str(part) for part in (*prefix, *each["loc"]) if part != "[key]"),
            explain(each, fields),
            fault_code_of(each),
        )
        for each in found
    ]


@cache
def adapter_of(kind: Kind, field: str) -> TypeAdapter[Any]:
    """The validator of a single field's value, for the values of a timeline."""
    declared = kind.model.model_fields[field]
    annotation: Any = Annotated[(declared.annotation, Field(), *declared.metadata)]
    return TypeAdapter(annotation)


def check_value(kind: Kind, field: str, value: Any, path: str) -> tuple[Any, list[Detail]]:
    """A timeline's value, checked as the field itself would be."""
    if field.startswith(EXTRA_PREFIX):
        return value, []
    adapter = adapter_of(kind, field)
    try:
        return adapter.dump_python(
            adapter.validate_python(value, strict=True), exclude_unset=True
        ), []
    except ValidationError as error:
        return value, details_of(error, kind.fields, (path,))


def check_extra(document: Document) -> list[Detail]:
    """The faults of custom attributes, whose values may be any JSON that other programs can hold."""
    extra = document.get("extra", {})
    # Each is a term to filter by, which takes time in which others cannot write.
    if count_values(extra) > MOST_EXTRA:
        return [Detail("extra", f"must have at most {MOST_EXTRA:,} values in all", "length")]
    own = [(f"extra.{name}", {name: value}) for name, value in extra.items()]
    own += [
        (f"dated.{field}", {field: [period.get("value") for period in timeline]})
        for field, timeline in document.get("dated", {}).items()
        if field.startswith(EXTRA_PREFIX)
    ]
    return [fault for path, value in own if (fault := find_unfit(path, value))]


def check_own(kind: Kind, document: Document) -> list[Detail]:
    """The faults of custom fields, by what the register declares of them."""
    return check_values(
        kind.rules, document, lambda error, path: details_of(error, kind.fields, (path,))
    )


def count_values(value: Any) -> int:
    """Return the number of plain values in JSON."""
    if isinstance(value, dict):
        return sum(map(count_values, value.values()))
    return sum(map(count_values, value)) if isinstance(value, list) else 1


def find_unfit(path: str, value: Any) -> Detail | None:
    """Return the fault of a value that is refused as JSON; None for any other."""
    try:
        check(value)
    except Unfit as fault:
        return Detail(path, fault.rule, fault.code)
    return None


def check_timelines(kind: Kind, document: Document) -> list[Detail]:
    """Faults of `dated`: unknown fields, wrong values, periods out of order, a nameless day."""
    details: list[Detail] = []
    if sum(map(len, document.get("dated", {}).values())) > MOST_PERIODS:
        return [Detail("dated", f"must have at most {MOST_PERIODS} periods in all", "length")]
    for field, timeline in document.get("dated", {}).items():
        if not field.startswith(EXTRA_PREFIX) and (
            field not in kind.fields or field in kind.undated
        ):
            rule = f"is not a field that can be dated{nearest(field, kind.fields)}"
            details.append(Detail(f"dated.{field}", rule, "unknown"))
            continue
        for position, period in enumerate(timeline):
            path = f"dated.{field}.{position}.value"
            period["value"], wrong = check_value(kind, field, period["value"], path)
            details += wrong
        details += [Detail(path, rule, "order") for path, rule in faults_of(field, timeline)]
    return details


def check_known(kind: Kind, document: Document) -> list[Detail]:
    """Faults of `known_from`: names that are no fields."""
    return [
        Detail(f"{KNOWN_FROM}.{name}", f"is not a field{nearest(name, kind.fields)}", "unknown")
        for name in document.get(KNOWN_FROM, {})
        if not is_field(kind, name)
    ]


def check_whole(kind: Kind, document: Document) -> list[Detail]:
    """Faults between the fields of a document."""
    plain, dated = flatten(document), document.get("dated", {})
    details = [
        Detail(f"dated.{field}", "must not be both plain and dated", "mismatch")
        for field in dated
        if field in plain
    ]
    if len(spelled := sorted(kind.spelling.fields & (document.keys() | dated.keys()))) > 1:
        rule = f"must not stand beside {spelled[1]}; one of the two is stored"
        details.append(Detail(spelled[0], rule, "mismatch"))
    details += check_size(plain, dated)
    if starts(document) >= ends(document):
        details.append(Detail("to", "must be after from", "order"))
    if (
        "name" in kind.fields
        and "name" not in document
        and not covers(dated.get("name", []), document)
    ):
        details.append(Detail("name", "is required on every day the record exists", "required"))
    return details


def check_size(plain: Fields, dated: dict[str, Timeline]) -> list[Detail]:
    """A fault where the states of a document may be too large in all."""
    periods = sum(map(len, dated.values()))
    if not periods:
        return []
    largest = [
        max((len(encode(period["value"])) for period in timeline), default=0)
        for timeline in dated.values()
    ]
    if periods * (len(encode(plain)) + sum(largest)) <= MOST_RENDERED:
        return []
    rule = (
        f"has {periods:,} periods, too many for a record of this size: each keeps the whole of it"
    )
    return [Detail("dated", rule, "length")]


def validate(kind: Kind, body: Any) -> Document:
    """The document in a body, its server-made fields dropped; Invalid with every fault otherwise."""
    if not isinstance(body, dict):
        raise Invalid(f"A {kind.name} must be a JSON object.")
    dated = body.get("dated")
    dates_name = "name" in kind.fields and isinstance(dated, dict) and "name" in dated
    named = "name" in body or not dates_name
    try:
        model = kind.model.model_validate(body if named else {"name": "dated"} | body)
    except ValidationError as error:
        raise Invalid(f"The {kind.name} is not valid.", details_of(error, kind.fields)) from None
    document: Document = model.model_dump(exclude_unset=True, by_alias=True)
    if not named:
        del document["name"]
    faults = [*check_extra(document), *check_timelines(kind, document), *check_own(kind, document)]
    faults += check_rule(document) if kind.declares else []
    if details := faults + check_known(kind, document):
        raise Invalid(f"The {kind.name} is not valid.", details)
    return drop_empty(document)


def drop_empty(document: Document) -> Document:
    """A document without empty timelines, `extra`, `dated` and `known_from`."""
    dated = {field: timeline for field, timeline in document.get("dated", {}).items() if timeline}
    document = document | ({"dated": dated} if "dated" in document else {})
    return {name: value for name, value in document.items() if value != {} or name not in APART}
