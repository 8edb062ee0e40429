"""The grammar of a table's cells, written and read here only, so that what is exported can be
imported.

The items of a list are separated by semicolons, a list inside an item by bars; a backslash stands
before a semicolon, bar or backslash of an item itself. A custom attribute is JSON or, where that is
not mistaken for JSON, plain text. An apostrophe stands before what a spreadsheet would run. What is
absent is empty.
"""

import json
import re
from typing import Any

from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.strict_json import DOCUMENT, Limits, Unfit, parse

ITEMS, INNER = ";", "|"
SPECIAL = re.compile(r"([;|\\])")
FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
"""Text that a spreadsheet may execute, or that starts like such text after our guard."""
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
GUARDED = re.compile(r"'('*[=+\-@\t\r\n])")
RUN = re.compile(r"[=@]|[+\-](?![0-9.])")
"""Text that a spreadsheet may execute; numbers and codes such as +66 are safe."""
UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
"""Characters that a spreadsheet's file cannot hold: text with one is written as JSON, which escapes them."""


class Formula(ValueError):
    """A cell that a spreadsheet would run."""


def guard(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would run; plain numbers stay."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def unguard(text: str) -> str:
    """Return a text without that apostrophe. Raise Formula for what would be run without one."""
    if GUARDED.match(text):
        return text[1:]
    if RUN.match(text):
        raise Formula
    return text


def write_value(value: Any) -> str:
    """Return a value as text: text as it is, nothing for null, anything else as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else encode(value).decode()


def write_items(items: list[Any]) -> str:
    """Return a list as text."""
    return ITEMS.join(write_item(item) for item in items)


def write_item(item: Any) -> str:
    """Return an item of a list as text; its place stays empty where it has no value."""
    if isinstance(item, list):
        return INNER.join(write_item(inner) for inner in item)
    return SPECIAL.sub(r"\\\1", write_value(item))


def split(text: str, mark: str) -> list[str]:
    """Return the items of a text, still escaped."""
    items = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == mark:
            items.append("")
        else:
            items[-1] += piece
    return items


def unescape(item: str) -> str:
    """Return an item without its backslashes."""
    return re.sub(r"\\([;|\\])", r"\1", item)


def write_own(value: Any) -> str:
    """Return a custom attribute as text, which `read_own` reads as the same value."""
    if not isinstance(value, str):
        return write_value(value)
    return value if is_plain(value) else json.dumps(value)


def is_plain(text: str) -> bool:
    """Return True if a text is read as itself."""
    if not text or UNPRINTED.search(text):
        return False
    try:
        return read_own(text) is text
    except Unfit:
        return False


def read_own(text: str, limits: Limits = DOCUMENT, *, typed: bool = False) -> Any:
    """Return a custom attribute: JSON where it is some, else the text. Raise Unfit for JSON that is
    refused.

    typed: the cell is one of a spreadsheet, which has numbers and booleans of its own; `5` in a
    text cell is text.
    """
    if typed and text[:1] not in ('"', "{", "["):
        return text
    try:
        return parse(text, limits)
    except Unfit as fault:
        if fault.code != "format":
            raise
    return text
