"""For schemathesis, a check: what is valid by the schema is refused only for what no schema can tell.

It narrows `positive_data_acceptance`, which schemathesis.toml lets pass 400, 412 and 422.
"""

import re
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, HookContext, Response

SENTENCES = {
    400: (
        "after must be a cursor",
        "(as_of|from|to) names",
        "member_of: No group has",
        "record needs a kind",
        "sort: .* is named twice",
        r"[a-z.]+(\[[a-z]+\])? takes one value",
        r"[a-z0-9_.]+(\[[a-z]+\])?: no \w+ has .*; use ",
        r"[a-z0-9_.]+(\[[a-z]+\])? must be ",
        "The query has [0-9]+ conditions",
        "The (body|query) has a NUL character",
        "The body has a number beyond",
        "The form must have one file",
        "The file is empty",
        "create=[a-z]+ and mode=[a-z-]+ do not agree",
    ),
    412: (
        "The (record|list) (has changed since it was read|exists already)",
        "If-Match has no ETag of this server",
    ),
    422: (
        "This Idempotency-Key was used with another request",
        "effective cannot stand beside dated",
        "effective is not a day of this record",
        r"A new \w+ has no earlier period",
        "The body must name an entry of this record",
        "capital and capitals do not agree",
    ),
}
"""Reasons that lie in the register, in another request or between fields, by how their sentence begins."""

CODES = {"order", "mismatch", "overlap", "reference"}
"""Faults between fields, and between records."""

NAMELESS = "is required on every day the record exists"
"""A record whose name has periods, with a gap."""


@schemathesis.check
def refusals_have_a_reason(_context: CheckContext, response: Response, case: Case) -> None:
    """Fail for a refusal of a valid request that its schema could have told."""
    valid = case.meta is not None and case.meta.generation.mode.is_positive
    if not valid or response.status_code not in SENTENCES:
        return
    told = response.json()
    # An export's query is a list's, which is only text to its own description.
    if case.path == "/exports" and response.status_code == 400:
        return
    if any(re.match(start, told["error"]) for start in SENTENCES[response.status_code]):
        return
    # The result of a patch depends on the record.
    faults = (
        []
        if case.method == "PATCH"
        else told.get("details", [{"code": "none", "message": told["error"]}])
    )
    wrong = [
        fault for fault in faults if fault["code"] not in CODES and fault["message"] != NAMELESS
    ]
    assert not wrong, f"{response.status_code}: {told['error']} {wrong}"


@schemathesis.hook
def before_load_schema(_context: HookContext, raw_schema: dict[str, Any]) -> None:
    """Put every media type to the test, not only those that generators of clients read."""
    waiting: list[Any] = [raw_schema]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            each.get("content", {}).update(each.pop("x-content", {}))
        waiting += (
            each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        )


@schemathesis.hook
def filter_query(_context: HookContext, query: dict[str, Any] | None) -> bool:
    """Leave out objects: in an address they are parameters of their own, maybe valid."""
    return not any(isinstance(value, dict) for value in (query or {}).values())
