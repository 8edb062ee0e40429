"""Errors of the API, raised in any layer and answered by `http/middleware/error_handlers.py`."""

from dataclasses import dataclass

FAULTS = {
    "required": "must be given",
    "unknown": "is not a field here",
    "null": "is null; what is not known is left out",
    "type": "is another type of JSON value",
    "format": "is text of another shape, such as a code in small letters",
    "blank": "has nothing in it",
    "characters": "has control characters",
    "choice": "is not one of the values there are",
    "range": "is too small or too large",
    "length": "has too many characters or items, or too few",
    "date": "is not a date",
    "order": "ends before it begins, or begins before the one above it ends",
    "mismatch": "does not agree with the address, another field or another item",
    "taken": "belongs to another record on the same day",
    "overlap": "begins before another record of the same ends",
    "reference": "names no record, or one by something else than what names it",
    "does-not-apply": "names something that is not there, or not as expected",
    "invalid": "is against another rule; the message says which",
}
"""Fault codes of fields with their messages. Codes are stable; messages may change."""


@dataclass(frozen=True)
class Detail:
    """The fault of a field: its path (`currencies.0.code`), the message, and its code in FAULTS."""

    field: str
    message: str
    code: str = "invalid"


class ApiError(Exception):
    """A request that cannot be carried out, with a sentence its sender can act on."""

    code = "refused"

    def __init__(self, sentence: str, details: list[Detail] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details or []


class Malformed(ApiError):
    """The request cannot be read: broken JSON, an unknown query parameter."""

    code = "malformed"


class Unauthorized(ApiError):
    """Not for someone unknown: it takes a key that is valid, or a session."""

    code = "unauthorized"


class Forbidden(ApiError):
    """Understood, and not for this caller."""

    code = "forbidden"


class NotFound(ApiError):
    """No record has this id or code."""

    code = "not-found"


class Conflict(ApiError):
    """Another record holds a code or name that must be unique."""

    code = "conflict"


class DoesNotApply(ApiError):
    """A patch's operation finds something else than it expects."""

    code = "does-not-apply"


class NotAcceptable(ApiError):
    """`Accept` allows no available format."""

    code = "not-acceptable"


class PreconditionFailed(ApiError):
    """The record changed since the caller read it."""

    code = "precondition-failed"


class TooLarge(ApiError):
    """The body is over a limit."""

    code = "too-large"


class NotJSON(ApiError):
    """The body is of another media type than JSON."""

    code = "not-json"


class Invalid(ApiError):
    """Well-formed, but against the rules of a record; `details` lists every fault."""

    code = "invalid"


class KeyReused(ApiError):
    """An idempotency key came with another request before."""

    code = "key-reused"


class TooMany(ApiError):
    """Too many requests in a minute; `Retry-After` gives the seconds to the next window."""

    code = "too-many"

    def __init__(self, sentence: str, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Busy(ApiError):
    """As many of these are under way as the server takes at once; later it can be done."""

    code = "busy"


class TooSlow(ApiError):
    """The request exceeded its time limit; it was stopped and nothing changed."""

    code = "too-slow"


class ConfigurationError(ApiError):
    """The register itself cannot be used as it stands: a newer schema, a broken file, another server."""

    code = "unusable"
