"""The grammar of a table's cells, written and read here only, so that what is exported can be
imported.

The items of a list are separated by semicolons, a list inside an item by bars; a backslash stands
before a semicolon, bar or backslash of an item itself. A custom attribute is JSON or, where that is
not mistaken for JSON, plain text. An apostrophe stands before what a spreadsheet would run, also of
an item: a spreadsheet may split cells at semicolons. What is absent is empty.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from terrafirma.register.model.canonical_json import encode
from terrafirma.register.model.strict_json import DOCUMENT, Limits, Unfit, parse

ITEMS, INNER = ";", "|"
SPECIAL = re.compile(r"([;|\\])")
STARTS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
"""Characters with which a formula begins, in a character class; in East Asia also the wide ones."""
FORMULA = re.compile(rf"'*[{STARTS}\t\r\n]")
"""Text that a spreadsheet may execute, or that starts like such text after our guard."""
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
GUARDED = re.compile(rf"'('*[{STARTS}\t\r\n])")
RUN = re.compile(rf"(?![+\-][0-9.])[{STARTS}]")
"""Text that a spreadsheet may execute; numbers and codes such as +66 are safe."""
HARMLESS = re.compile(r"[+\-][0-9 ().,/+\-]*([eE][+-]?[0-9]+)?", re.ASCII)
"""A number, telephone number or dash in another's table."""
UNPRINTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
"""Characters that a spreadsheet's file cannot hold: text with one is written as JSON, which escapes them."""


class CellError(str):
    """A spreadsheet's error, such as #DIV/0!, or a formula: no value at all."""


class TextCell(str):
    """Text of a spreadsheet, which is text and nothing else, also where it looks like a number."""


class Formula(ValueError):
    """A cell that a spreadsheet would run."""


def guard(text: str) -> str:
    """Return a text with an apostrophe before what a spreadsheet would run; plain numbers stay."""
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def guard_cells(cells: Iterable[Any]) -> Iterator[Any]:
    """Yield the cells of another's table as they are, but for an apostrophe before what would be
    run."""
    for cell in cells:
        runs = isinstance(cell, str) and FORMULA.match(cell[:1]) and not HARMLESS.fullmatch(cell)
        yield f"'{cell}" if runs else cell


def unguard(text: str) -> str:
    """Return a text without that apostrophe. Raise Formula for what would be run without one."""
    if RUN.match(text):
        raise Formula
    return unguard_item(text)


def unguard_item(text: str) -> str:
    """Return an item of a list without its apostrophe."""
    return text[1:] if GUARDED.match(text) else text


def write_value(value: Any) -> str:
    """Return a value as text: text as it is, nothing for null, anything else as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return UNPRINTED.sub(lambda found: f"\\u{ord(found[0]):04x}", encode(value).decode())


def write_items(items: list[Any]) -> str:
    """Return a list as text, of which a spreadsheet would run no part."""
    text = ITEMS.join(write_item(item) for item in items)
    return text if text.startswith("'") else guard(text)


def write_item(item: Any) -> str:
    """Return an item of a list as text; its place stays empty where it has no value."""
    if isinstance(item, list):
        return INNER.join(write_item(inner) for inner in item)
    text = SPECIAL.sub(r"\\\1", write_value(item))
    return guard(text) if isinstance(item, str) else text


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
