"""Texts of any length are found whole, and every kind of apostrophe as one."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

LONGEST = 500
APOSTROPHES = "\u2019\u2018\u201b\u02bb\u02bc\u02be\u02bf\u2032\u00b4`"
LETTERS = str.maketrans(
    dict.fromkeys(APOSTROPHES, "'")
    | {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)
STATE = ("kind", "id", "entry_from", "valid_from")

TERMS = sa.table("terms", *map(sa.column, (*STATE, "field", "position", "text", "key", "whole")))
VERSIONS = sa.table("versions", *map(sa.column, (*STATE, "document")))
KEYS = sa.table("keys", *map(sa.column, ("field", "key")))


def upgrade() -> None:
    """Add the texts that keys have only the beginning of, and write the keys concerned anew."""
    op.add_column("terms", sa.Column("whole", sa.Text))
    present = sa.text("whole IS NOT NULL")
    op.create_index(
        "terms_long", "terms", ["kind", "field"], sqlite_where=present, postgresql_where=present
    )
    correct_terms(op.get_bind())
    correct_names(op.get_bind())


def correct_terms(connection: sa.Connection) -> None:
    """Write the keys of long texts, and of texts with an apostrophe, as this version makes them."""
    odd = [TERMS.c.text.contains(apostrophe) for apostrophe in APOSTROPHES]
    long = (sa.func.length(each) >= LONGEST for each in (TERMS.c.key, TERMS.c.text))
    states = sa.select(*(TERMS.c[name] for name in STATE)).distinct()
    states = states.where(TERMS.c.key.startswith("s"), sa.or_(*long, *odd))
    for row in connection.execute(states).all():
        state = dict(zip(STATE, row, strict=True))
        where = (VERSIONS.c[name] == value for name, value in state.items())
        document = connection.execute(sa.select(VERSIONS.c.document).where(*where)).scalar_one()
        for field, position, text in list_texts(json.loads(document)):
            correct_term(connection, state | {"field": field, "position": position}, fold(text))


def correct_term(connection: sa.Connection, place: dict[str, Any], folded: str) -> None:
    """Write the key of a text, and all of it where its key has only the beginning."""
    whole = folded if len(folded) > LONGEST else None
    key = "s" + (folded[:LONGEST] + mark(folded) if whole else folded)
    where = (TERMS.c[name] == value for name, value in place.items())
    connection.execute(sa.update(TERMS).where(*where).values(key=key, whole=whole))


def correct_names(connection: sa.Connection) -> None:
    """Write the names that identify records with one kind of apostrophe."""
    plain: sa.ColumnElement[str] = KEYS.c.key
    # NFKC has already made something else of an acute accent.
    for apostrophe in APOSTROPHES.replace("\u00b4", ""):
        plain = sa.func.replace(plain, apostrophe, "'")
    changed = sa.update(KEYS).where(KEYS.c.field == "name", KEYS.c.key != plain)
    connection.execute(changed.values(key=plain))


def fold(text: str) -> str:
    """Text without case and accents, as of this version."""
    if text.isascii():
        return " ".join(text.lower().translate(LETTERS).split())
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.translate(LETTERS).split())


def mark(folded: str) -> str:
    """A digest of a long text, in private characters."""
    found = hashlib.blake2b(folded.encode(), digest_size=16).digest()
    return "".join(chr(0xE000 + byte) for byte in found)


def list_texts(document: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """The texts of a state, each with its path and its place among the values of that path."""
    seen: dict[str, int] = {}
    for path, value in leaves(document, ""):
        position = seen.get(path, 0)
        seen[path] = position + 1
        if isinstance(value, str):
            yield path, position, value


def leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every plain value in an object or list with its path."""
    if isinstance(value, dict):
        members = [(f"{path}.{name}" if path else name, member) for name, member in value.items()]
    else:
        members = [(path, item) for item in value]
    for inner, member in members:
        if isinstance(member, dict | list):
            yield from leaves(member, inner)
        elif member is not None and len(inner.encode()) <= LONGEST:
            yield inner, member
