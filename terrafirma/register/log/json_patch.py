"""JSON Patch (RFC 6902): apply all operations or none.

`jsonpatch` applies them; this module checks them first and reports which operation failed.
"""

from typing import Annotated, Any, Literal, NamedTuple

from jsonpatch import (
    JsonPatch,
    JsonPatchException,
    JsonPatchTestFailed,
    JsonPointer,
    JsonPointerException,
)
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from terrafirma.errors import Detail, DoesNotApply, Invalid, TooLarge
from terrafirma.register.model.canonical_json import decode, encode
from terrafirma.register.model.strict_json import Limits, Unfit, check, too_deep
from terrafirma.register.model.validation import explain, fault_code_of

Pointer = Annotated[
    str,
    Field(pattern=r"^(/([^~/]|~[01])*)*$", max_length=2000, description="JSON Pointer, RFC 6901."),
]

Members = dict[str, Any]
"""A single checked operation as JSON."""


class PatchOperation(BaseModel):
    """Members that every operation has. Unknown members are ignored, as RFC 6902 requires."""

    model_config = ConfigDict(strict=True, extra="ignore")

    path: Pointer


class PutOperation(PatchOperation):
    """Adds, replaces or tests for a value."""

    op: Literal["add", "replace", "test"]
    value: Any


class RemoveOperation(PatchOperation):
    """Removes an existing value."""

    op: Literal["remove"]


class CopyOperation(PatchOperation):
    """Moves or copies a value."""

    op: Literal["move", "copy"]
    from_: Pointer = Field(alias="from")


Patch = list[Annotated[PutOperation | RemoveOperation | CopyOperation, Field(discriminator="op")]]
OPERATIONS: TypeAdapter[list[PutOperation | RemoveOperation | CopyOperation]] = TypeAdapter(Patch)
KINDS = "must be one of add, remove, replace, move, copy or test"


class PatchLimits(NamedTuple):
    """Limits on the growth of a document."""

    values: Limits
    """Those of a body, so that the result can be sent as one."""
    size: int
    """Bytes that all copies together may add: each copy can double the document."""


def check_operations(patch: Any) -> list[Members]:
    """Check the operations of a patch; raise Invalid with every fault."""
    if not isinstance(patch, list):
        raise Invalid("A JSON Patch must be an array of operations.")
    try:
        operations = OPERATIONS.validate_python(patch)
    except ValidationError as error:
        raise Invalid(
            "The patch is not valid.", [fault_of(each) for each in error.errors()]
        ) from None
    return [operation.model_dump(by_alias=True) for operation in operations]


def fault_of(error: ErrorDetails) -> Detail:
    """The fault of an operation, with its index and member."""
    index, *path = error["loc"]
    if error["type"].startswith("union_tag"):
        if error["type"] == "union_tag_invalid":
            return Detail(f"{index}.op", KINDS, "choice")
        return Detail(f"{index}.op", f"is required and {KINDS}", "required")
    # Pydantic puts the operation's name before the member's.
    place = ".".join(str(part) for part in (index, *path[1:]))
    if error["type"] == "string_pattern_mismatch":
        return Detail(place, "must be a JSON Pointer, such as /currencies/0/code", "format")
    return Detail(place, explain(error), fault_code_of(error))


def mentions(operations: list[Members], field: str) -> bool:
    """Return True if an operation touches a field of the document or a value inside it."""
    paths = [
        operation[name]
        for operation in operations
        for name in ("path", "from")
        if name in operation
    ]
    return any(f"{path}/".startswith(f"/{field}/") for path in paths)


def operate(document: Any, operations: list[Members], limits: PatchLimits) -> Any:
    """The document after every operation, itself untouched. DoesNotApply names the first that fails."""
    result, copied = decode(encode(document)), 0
    try:
        for index, operation in enumerate(operations):
            if operation["op"] == "copy":
                copied += size_of(result, operation["from"])
                if copied > limits.size:
                    raise TooLarge(
                        f"Copying up to operation {index} makes more than {limits.size:,} bytes."
                    )
            result = step(result, index, operation)
        check(result, limits.values)
    except RecursionError:
        raise refuse_result(too_deep(limits.values)) from None
    except Unfit as fault:
        raise refuse_result(fault) from None
    return result


def step(document: Any, index: int, operation: Members) -> Any:
    """Apply one operation and return the new document."""
    try:
        return JsonPatch([operation]).apply(document, in_place=True)
    except (JsonPatchException, JsonPointerException) as error:
        reason = reason_of(document, operation, error)
        about = f"{operation['op']} {operation['path'][:80]}".rstrip()
        sentence = f"Operation {index} ({about}) does not apply: {reason}."
        raise DoesNotApply(sentence, [Detail(str(index), reason, "does-not-apply")]) from None


def reason_of(document: Any, operation: Members, error: Exception) -> str:
    """Why an operation failed, in words."""
    path, source = operation["path"], operation.get("from")
    if source is not None and not exists(document, source):
        return f"there is nothing at {source[:80]}"
    if source is not None and f"{path}/".startswith(f"{source}/"):
        return "a value cannot move into itself"
    if operation["op"] in ("add", "move", "copy"):
        return f"there is no place for a value at {path[:80]}"
    if isinstance(error, JsonPatchTestFailed) and exists(document, path):
        return f"the value at {path[:80] or 'the root'} is another"
    return (
        f"there is nothing at {path[:80]}"
        if path
        else "the whole record cannot be removed; DELETE does that"
    )


def exists(document: Any, path: str) -> bool:
    """Return True if a pointer refers to an existing value."""
    try:
        JsonPointer(path).resolve(document)
        holder, last = JsonPointer(path).to_last(document)
    except JsonPointerException:
        return False
    # In an array, - is the place after the last item.
    return not (isinstance(holder, list) and last == "-")


def size_of(document: Any, path: str) -> int:
    """Bytes of the value at a pointer as JSON; 0 if it does not exist."""
    if not exists(document, path):
        return 0
    try:
        return len(encode(JsonPointer(path).resolve(document)))
    except TypeError:
        # The encoder's own limit of nesting.
        raise RecursionError from None


def refuse_result(fault: Unfit) -> TooLarge:
    """Return the refusal of a result that no body could have had: each operation was checked alone."""
    return TooLarge(f"The patched record {fault.rule}.")
