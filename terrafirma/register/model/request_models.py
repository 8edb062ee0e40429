"""Request bodies that are not records, validated by models; all faults are reported together."""

from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from terrafirma.errors import Detail, Invalid
from terrafirma.register.model.validation import details_of

Read = TypeVar("Read", bound=BaseModel)


def read_part(model: type[Read], body: Any, what: str) -> Read:
    """A body as its model; raise Invalid otherwise, with `what` as the expected thing."""
    if not isinstance(body, dict):
        raise Invalid(f"The {what} must be a JSON object.")
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise Invalid(
            f"The {what} is not valid.", list_faults(error, tuple(model.model_fields))
        ) from None


def list_faults(error: ValidationError, known: tuple[str, ...]) -> list[Detail]:
    """The faults that pydantic found; unknown fields are listed with the known ones."""
    hint = f"is not a field; known are {', '.join(known)}"
    found = details_of(error, known)
    return [
        replace(each, message=hint) if each.message.endswith("under extra") else each
        for each in found
    ]
