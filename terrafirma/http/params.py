"""Query parameters: each parsed once, unknown ones refused with the nearest that is known."""

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask, request

from terrafirma.errors import Malformed, TooLarge
from terrafirma.http.context import state, today
from terrafirma.register.canonical import decode, encode
from terrafirma.register.keys import Moment
from terrafirma.register.records import FIELDS
from terrafirma.register.validation import nearest
from terrafirma.register.values import check_date, first_day
from terrafirma.storage.database import Connection
from terrafirma.storage.entries import number_at, read_entry

PAGE = 1000
"""Rows of a page where no limit is asked for, and the most one may ask for."""

MOMENT = ("on", "as_of")
PAGING = ("limit", "after")


@dataclass(frozen=True)
class Page:
    """A part of a list: at most `limit` rows after the row that `after` names."""

    limit: int
    after: int


def check_parameters(app: Flask) -> None:
    """Refuse parameters that a route does not declare, and repeated ones, before its view runs."""

    @app.before_request
    def check() -> None:
        contract = state().contracts.get(request.endpoint or "")
        if contract is None or request.method == "OPTIONS":
            return
        if len(request.query_string) > state().settings.max_query:
            raise TooLarge(f"The query is over {state().settings.max_query:,} characters.")
        for name, values in request.args.lists():
            if name not in contract.query:
                known = f"; this address knows {', '.join(contract.query)}" if contract.query else ""
                hint = nearest(name, contract.query) or known
                raise Malformed(f'"{name}" is not a parameter here{hint}.')
            if len(values) > 1:
                raise Malformed(f'"{name}" is given {len(values)} times; once is enough.')


def read_page() -> Page:
    """`limit` and `after`."""
    limit, after = request.args.get("limit", str(PAGE)), request.args.get("after")
    if not re.fullmatch("[1-9][0-9]{0,3}", limit, re.ASCII) or int(limit) > PAGE:
        raise Malformed(f'limit must be a whole number from 1 to {PAGE}, not "{limit[:80]}".')
    return Page(int(limit), read_cursor(after) if after is not None else 0)


def write_cursor(id: int) -> str:
    """An opaque name for a place in a list."""
    return base64.urlsafe_b64encode(encode([id])).decode().rstrip("=")


def read_cursor(text: str) -> int:
    """The place a cursor of ours names."""
    try:
        value = decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        (id,) = value
    except (binascii.Error, ValueError, TypeError):
        id = None
    if type(id) is not int or not 0 <= id < 2**63:
        raise Malformed("after must be a cursor from a Link header of this server.")
    return id


def read_since() -> int:
    """`since`: the number of the last entry already known."""
    return read_number("since", request.args.get("since", "0"))


def read_number(name: str, text: str) -> int:
    """A whole number from 0 that a database can hold."""
    if not re.fullmatch("[0-9]{1,18}", text, re.ASCII):
        raise Malformed(f'{name} must be a whole number from 0, not "{text[:80]}".')
    return int(text)


def read_day(name: str) -> str | None:
    """A date parameter, as its first day."""
    text = request.args.get(name)
    if text is None:
        return None
    try:
        return first_day(check_date(text))
    except ValueError as error:
        raise Malformed(f'{name} must be a date such as 2025-12-31, not "{text[:80]}".') from error


def read_moment(connection: Connection) -> Moment:
    """`on` and `as_of`. A register asked as of then answers for the day it was then."""
    on, text = read_day("on"), request.args.get("as_of")
    if text is None:
        return Moment(on or today(), strict=on is not None)
    if text.isdecimal():
        number = read_number("as_of", text)
        day = read_entry(connection, number).at[:10] if on is None and number else today()
        return Moment(on or day, number, on is not None)
    instant = read_instant(text)
    return Moment(on or instant[:10], number_at(connection, instant), on is not None)


def read_instant(text: str) -> str:
    """An RFC 3339 instant in UTC, as entries carry theirs; a bare date is its first moment."""
    try:
        # An unescaped + of an offset arrives as a space.
        parsed = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if parsed.tzinfo is None and "T" in text:
            raise ValueError
        moment = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Malformed(
            f'as_of must be an entry\'s number or an instant such as 2026-11-22T10:00:00Z, not "{text[:80]}".'
        ) from None
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def read_fields(default: tuple[str, ...] | None) -> dict[str, Any] | None:
    """`fields` as a tree of names (`currencies.code` under `currencies`); None for all of them."""
    text = request.args.get("fields")
    if text is None:
        return {name: {} for name in default} if default else None
    tree: dict[str, Any] = {}
    for path in text.split(","):
        if path == "*":
            return None
        first, *rest = path.split(".")
        if first not in FIELDS:
            raise Malformed(f'"{first[:80]}" is not a field{nearest(first, FIELDS)}.')
        branch = tree.setdefault(first, {})
        for name in rest:
            branch = branch.setdefault(name, {})
    return tree
