"""Query arguments, parsed by the declarations of `parameters.py`; unknown ones are refused."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

from flask import request

from terrafirma.errors import Malformed, TooLarge
from terrafirma.http.app.context import state
from terrafirma.http.app.parameters import OPERATORS, PARAMETERS, WHOLE
from terrafirma.http.app.routes import Route
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import LONGEST
from terrafirma.register.model.catalog import Catalog, Path
from terrafirma.register.model.clock import now, today, write_instant
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.series import VALUES, YEAR
from terrafirma.register.model.validation import closest, nearest, suggest
from terrafirma.register.model.values import ENDLESS, check_date, first_day
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import find_head, number_at, read_head

MOMENT = ("on", "as_of")
PAGING = ("limit", "after")

GROUPS = ("group", "groups", "membership", "memberships")
"""Likely mistakes for `member_of`."""

SYNONYMS = {
    "sort": ("order", "order_by", "orderby", "sort_by", "sortby", "ordering", "sorting"),
    "after": ("page", "offset", "cursor", "skip", "start", "page_token"),
    "limit": ("per_page", "page_size", "pagesize", "size", "top", "max", "rows", "take"),
    "q": ("search", "query", "text", "keyword", "term", "find"),
    "fields": ("select", "columns", "attributes", "only", "properties"),
    "on": ("date", "day", "when", "valid_on"),
    "as_of": ("asof", "version", "revision"),
    "lang": ("language", "locale", "hl"),
    "include": ("expand", "embed", "with"),
    "format": ("output", "type"),
}
"""Names that other services have for parameters."""
MEANT = {name: ours for ours, names in SYNONYMS.items() for name in names}

TRACKING = re.compile(
    "utm_[a-z_]+|fbclid|[a-z]{0,3}clk?id|[gw]braid|mc_[ce]id|igshid|_gl|_ga|_hs(enc|mi)"
)
"""Parameters that other sites add to the addresses of pages."""

INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}.*)?")
PLACE = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}", re.ASCII)


def check_parameters(contract: Route) -> None:
    """Refuse undeclared and wrongly repeated parameters before a view runs."""
    most, kind = state().settings.max_query, contract.kind if contract.filtered else None
    if len(request.query_string) > most:
        raise TooLarge(f"The query is over {most:,} characters.")
    for name, values in request.args.lists():
        if any("\0" in text for text in (name, *values)):
            raise Malformed("The query has a NUL character (%00).")
        unchecked = contract.foreign and contract.own is None
        if unchecked or name in (contract.own or ()):
            continue
        if kind and split_filter(kind.catalog, name):
            continue
        parameter = contract.parameters.get(name)
        if parameter is None:
            raise Malformed(f'"{name[:80]}" is not a parameter here{hint_at(name, contract)}')
        several = parameter.repeated or parameter.schema.get("type") == "array"
        if len(values) > 1 and not several:
            raise Malformed(f'"{name}" is given {len(values)} times; once is enough.')
        # Also where this answer needs none, such as the shape of one without shapes.
        if "enum" in parameter.schema:
            read_choice(parameter.key)


@lru_cache(maxsize=500)
def split_filter(catalog: Catalog, name: str) -> tuple[Path, str] | None:
    """The path and operator of a filter, `area[gte]`; None if it names no field. Raise Malformed
    for an unknown operator."""
    field, bracket, operator = name.partition("[")
    path = catalog.find(field)
    if path is None:
        return None
    if len(field.encode()) > LONGEST:
        raise Malformed(
            f'"{name[:80]}…" is too long; fields of up to {LONGEST} bytes are compared.'
        )
    if bracket and (operator[-1:] != "]" or operator[:-1] not in OPERATORS):
        hint = nearest(operator[:-1], OPERATORS) or f"; known are {', '.join(OPERATORS)}."
        raise Malformed(f'"{name[:80]}" has an unknown operator{hint}')
    return path, operator[:-1] or "eq"


def hint_at(name: str, contract: Route) -> str:
    """A hint at the parameter that an unknown name may mean."""
    field, kind = name.partition("[")[0], contract.kind if contract.filtered else None
    if field in GROUPS and "member_of" in contract.parameters:
        return "; the members of a group are found by its code: member_of=EU."
    if field == "include" and kind:
        return f"; only lists and records take it, as at /{kind.plural}/1?include=sources."
    if (meant := MEANT.get(field)) in contract.parameters:
        return suggest(meant)
    paths, parts = (tuple(kind.catalog.paths), kind.catalog.parts) if kind else ((), ())
    close = closest(field, (*contract.parameters, *paths, *parts))
    if close in parts:
        part = next(path for path in paths if path.startswith(f"{close}."))
        return f"; compare a part of {close}, such as {part}."
    if close:
        return suggest(close)
    filters = (
        f", and the fields of a {kind.name}, such as {kind.keys[0]}" if kind and kind.keys else ""
    )
    known = ", ".join(contract.parameters)
    return f"; this address knows {known}{filters}." if known else "."


def drop_tracking(query: bytes) -> bytes:
    """The query of a page, from which parameters that count visits and mean nothing here are removed."""
    parts = query.split(b"&")
    kept = [
        part for part in parts if not TRACKING.fullmatch(part.partition(b"=")[0].decode("latin-1"))
    ]
    if len(kept) < len(parts):
        request.query_string = b"&".join(kept)
    return request.query_string


def is_place(text: str) -> bool:
    """Return True if a text is a local address such as /me."""
    return PLACE.fullmatch(text) is not None


def read_limit() -> int:
    """`limit`: rows of a page; as many as a page may have, without it."""
    most = state().settings.max_page
    return read_whole("limit", most, most)


def read_since() -> int:
    """`since`: the number of the last entry already known."""
    return read_whole("since", WHOLE, 0)


def read_whole(key: str, most: int, default: int) -> int:
    """A whole number from the least that the parameter of a key declares."""
    name, least = PARAMETERS[key].name, PARAMETERS[key].schema["minimum"]
    text = request.args.get(name, str(default))
    if not re.fullmatch("0|[1-9][0-9]{0,17}", text, re.ASCII) or not least <= int(text) <= most:
        bounds = f"from {least} to {most}" if most < WHOLE else f"from {least}"
        raise Malformed(f'{name} must be a whole number {bounds}, not "{text[:80]}".')
    return int(text)


def read_choice(key: str) -> str | None:
    """A word declared for the parameter of this key, or None."""
    parameter = PARAMETERS[key]
    text, known = request.args.get(parameter.name), parameter.schema["enum"]
    if text is not None and text not in known:
        raise refuse_choice(parameter.name, known, text)
    return text


def read_choices(key: str) -> list[str]:
    """Those of the words declared for the parameter of a key that it names, with commas."""
    name, known = PARAMETERS[key].name, PARAMETERS[key].schema["items"]["enum"]
    given = read_list(name) or []
    for text in given:
        if text not in known:
            raise refuse_choice(name, known, text)
    if len(set(given)) < len(given):
        raise Malformed(f"{name} names a word twice.")
    return given


def read_list(name: str) -> list[str] | None:
    """Return the values of a parameter, separated by commas or repeated; None where it is absent."""
    given = request.args.getlist(name)
    return [value for text in given for value in text.split(",")] if given else None


def refuse_choice(name: str, known: Iterable[str], text: str) -> Malformed:
    """The error for a text that is not among the known words."""
    return Malformed(f'{name} must be {" or ".join(known)}, not "{text[:80]}".')


def read_number(name: str, text: str) -> int:
    """A whole number from 0 that a database can hold."""
    if not re.fullmatch("[0-9]{1,18}", text, re.ASCII):
        raise Malformed(f'{name} must be a whole number from 0, not "{text[:80]}".')
    return int(text)


def read_year(kind: Kind) -> str:
    """`year` of lists of figures, in four digits; empty without it, and in lists of other kinds."""
    values = request.args.getlist(YEAR) if VALUES in kind.catalog.open else []
    if len(values) > 1:
        raise Malformed(f'"{YEAR}" is given {len(values)} times; once is enough.')
    if values and not re.fullmatch("[0-9]{4}", values[0], re.ASCII):
        raise Malformed(f'{YEAR} must be four digits, such as 2020, not "{values[0][:80]}".')
    return values[0] if values else ""


def read_day(name: str) -> str | None:
    """A date parameter, as its first day."""
    text = request.args.get(name)
    return None if text is None else parse_day(name, text)


def parse_day(name: str, text: str) -> str:
    """Return the first day of a date. Malformed, with the name of what gave it, if it is none."""
    try:
        return first_day(check_date(text))
    except ValueError as error:
        bounds = f" before {ENDLESS}" if text == ENDLESS else ""
        raise Malformed(
            f'{name} must be a date{bounds} such as 2025-12-31, not "{text[:80]}".'
        ) from error


def read_moment(connection: Connection) -> Moment:
    """`on` and `as_of`. A register asked as of then answers for the day it was then."""
    on, then = read_day("on"), read_state(connection, "as_of")
    number, day = then or (None, today())
    return Moment(on or day, number, on is not None)


def read_state(connection: Connection, name: str) -> tuple[int, str] | None:
    """The entry that a parameter refers to by number or instant, and its day; None without the
    parameter."""
    text = request.args.get(name)
    if text is None:
        return None
    head = read_head(connection)
    if text.isdecimal():
        number = read_number(name, text)
        if number > head.number:
            raise Malformed(f"{name} names entry {number}, but the newest is {head.number}.")
        then = find_head(connection, number)
        return number, then.at[:10] if then else today()
    instant = read_instant(name, text)
    if instant > max(now(), head.at):
        raise Malformed(
            f"{name} names {text[:80]}, which is still to come; the register has no state of it yet."
        )
    return number_at(connection, instant), instant[:10]


def read_instant(name: str, text: str) -> str:
    """An RFC 3339 instant in UTC, as entries carry theirs; a bare date is its first moment."""
    try:
        # An unescaped + of an offset arrives as a space. RFC 3339 allows small letters.
        plain = text.upper().replace(" ", "+")
        if not INSTANT.fullmatch(plain):
            raise ValueError
        parsed = datetime.fromisoformat(plain)
        if parsed.tzinfo is None and len(plain) > len("2026-11-22"):
            raise ValueError
        moment = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Malformed(
            f'{name} must be an entry\'s number or an instant such as 2026-11-22T10:00:00Z, not "{text[:80]}".'
        ) from None
    return write_instant(moment)
