"""Errors of the API, raised in any layer and answered by `http/middleware/error_handlers.py`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

FAULTS = {
    "required": "must be given",
    "unknown": "is not a field here",
    "null": "is null; leave unknown values out",
    "type": "has the wrong JSON type",
    "format": "does not match the pattern, such as a code in lower case",
    "blank": "is empty",
    "characters": "has control, invisible or direction-turning characters",
    "choice": "is not an allowed value",
    "range": "is too small or too large",
    "length": "has too many characters or items, or too few",
    "date": "is not a date",
    "order": "ends before it begins, or overlaps the previous period",
    "mismatch": "does not agree with the address, another field or another item",
    "taken": "belongs to another record on the same day",
    "overlap": "overlaps another record of the same pair",
    "reference": "refers to a record that does not exist, or by a code that is not its current one",
    "does-not-apply": "refers to a value that is missing or not as expected",
    "invalid": "breaks another rule, given in the message",
}
"""Fault codes of fields with their messages. Codes are stable; messages may change."""


@dataclass(frozen=True)
class Hint:
    """A way out of a fault: a value for a parameter or, without one, for the key in the address."""

    parameter: str = ""
    value: str = ""
    effect: str = ""
    """The effect of the parameter with this value, as a verb: "reads a decimal comma"."""


def spell_hint(hint: Hint) -> str:
    """A hint in words, as requests send it: `decimal=, reads a decimal comma`."""
    return f"{hint.parameter}={hint.value} {hint.effect}"


def advise(rule: str, hints: Iterable[Hint]) -> str:
    """A rule, and the ways out behind it."""
    return "; ".join([rule, *map(spell_hint, hints)])


@dataclass(frozen=True)
class Detail:
    """The fault of a field: its path (`currencies.0.code`), the message, and its code in FAULTS."""

    field: str
    message: str
    code: str = "invalid"
    hints: tuple[Hint, ...] = ()
    rule: str = ""
    """The message without its hints, if it has some."""

    @classmethod
    def advised(cls, field: str, rule: str, code: str, *hints: Hint) -> "Detail":
        """A fault whose message ends with the ways out."""
        return cls(field, advise(rule, hints), code, hints, rule if hints else "")


def write_hint(hint: Hint) -> dict[str, str]:
    """A hint as a JSON object, without what is empty."""
    return {name: value for name, value in vars(hint).items() if value}


def write_detail(detail: Detail) -> dict[str, Any]:
    """A fault as a JSON object."""
    written: dict[str, Any] = vars(detail) | {}
    del written["hints"], written["rule"]
    if detail.hints:
        written |= {"rule": detail.rule, "hints": [write_hint(hint) for hint in detail.hints]}
    return written


def restore_detail(written: Mapping[str, Any]) -> Detail:
    """The fault of a JSON object."""
    hints = tuple(Hint(**hint) for hint in written.get("hints", ()))
    return Detail(**{**written, "hints": hints})


class ApiError(Exception):
    """An error with a message that its sender can act on."""

    code = "refused"

    def __init__(
        self, sentence: str, details: list[Detail] | None = None, hints: Sequence[Hint] = ()
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details or []
        self.hints = tuple(hints)
        self.rule = sentence
        """The sentence, or the part of it before its hints, without a full stop."""

    @classmethod
    def advised(cls, rule: str, hints: Sequence[Hint], details: list[Detail] | None = None) -> Self:
        """An error whose sentence ends with the ways out."""
        refusal = cls(f"{advise(rule, hints)}.", details, hints)
        refusal.rule = rule
        return refusal


class Malformed(ApiError):
    """The request cannot be read: broken JSON, an unknown query parameter."""

    code = "malformed"


class Unauthorized(ApiError):
    """Authentication is required: a valid API key or a session."""

    code = "unauthorized"


class Forbidden(ApiError):
    """The caller has no right to do this."""

    code = "forbidden"


class NotFound(ApiError):
    """No record has this id or code."""

    code = "not-found"


class Conflict(ApiError):
    """Another record holds a code or name that must be unique."""

    code = "conflict"


class DoesNotApply(ApiError):
    """An operation of a patch does not match the document."""

    code = "does-not-apply"


class NotAcceptable(ApiError):
    """`Accept` allows no available format."""

    code = "not-acceptable"


class PreconditionFailed(ApiError):
    """The record has changed since the caller read it."""

    code = "precondition-failed"


class TooLarge(ApiError):
    """The body exceeds a limit."""

    code = "too-large"


class NotJSON(ApiError):
    """The body's media type is not JSON."""

    code = "not-json"


class Invalid(ApiError):
    """The body is well-formed but breaks rules; `details` lists every fault."""

    code = "invalid"


class KeyReused(ApiError):
    """The idempotency key belongs to another request."""

    code = "key-reused"


class TooMany(ApiError):
    """Too many requests in a minute; `Retry-After` gives the seconds to the next window."""

    code = "too-many"

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Busy(ApiError):
    """Too many requests of this type are running; try again later."""

    code = "busy"


class TooSlow(ApiError):
    """The request exceeded its time limit; it was stopped and nothing changed."""

    code = "too-slow"


class ConfigurationError(ApiError):
    """The register cannot be used: a newer schema, a broken file, another server, a wrong setting."""

    code = "unusable"
