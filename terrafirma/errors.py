"""One vocabulary of refusals, raised anywhere below the doors and told by `http/problems.py`."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Detail:
    """What is wrong with one field: its path (`currencies.0.code`) and the rule it broke."""

    field: str
    message: str


class Refusal(Exception):
    """A request that cannot be carried out, with a sentence its sender can act on."""

    code = "refused"

    def __init__(self, sentence: str, details: list[Detail] | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details or []


class Malformed(Refusal):
    """The request cannot be read: broken JSON, an unknown query parameter."""

    code = "malformed"


class Forbidden(Refusal):
    """Understood, and not for this caller."""

    code = "forbidden"


class NotFound(Refusal):
    """Nothing in the register answers to that key."""

    code = "not-found"


class Conflict(Refusal):
    """Another record holds what this one asks for."""

    code = "conflict"


class DoesNotApply(Refusal):
    """A patch's operation finds something else than it expects."""

    code = "does-not-apply"


class PreconditionFailed(Refusal):
    """The record changed since the caller read it."""

    code = "precondition-failed"


class TooLarge(Refusal):
    """The body is over a limit."""

    code = "too-large"


class NotJSON(Refusal):
    """The body is of another media type than JSON."""

    code = "not-json"


class Invalid(Refusal):
    """Well-formed, but against the rules of a record; `details` lists every fault."""

    code = "invalid"


class KeyReused(Refusal):
    """An idempotency key came with another request before."""

    code = "key-reused"


class Unusable(Refusal):
    """The register itself cannot be used as it stands: a newer schema, a broken file, another server."""

    code = "unusable"
