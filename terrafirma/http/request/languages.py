"""The language an answer's names are in: `lang`, or else Accept-Language."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import request

from terrafirma.errors import Malformed
from terrafirma.http.app.accept import read_preferences, split_header
from terrafirma.http.app.context import state
from terrafirma.register.log import translations
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.kinds import Kind
from terrafirma.register.model.languages import OWN, Locales, canonical
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.found import FoundRow, FoundState
from terrafirma.storage.register.search import Search

LANGUAGE = "lang"


def read_language() -> str | None:
    """The locale requested for names; None without a request."""
    locales, text = state().locales, request.args.get(LANGUAGE)
    if text is None:
        header = request.headers.get("Accept-Language")
        return negotiate_language(locales, header) if header else None
    tag = canonical(text)
    if tag is None:
        raise Malformed(
            f'lang must be a language tag (BCP 47) such as de, pt-BR or zh-Hant, not "{text[:80]}".'
        )
    return locales.find(tag) or OWN


def negotiate_language(locales: Locales, header: str) -> str:
    """The supported locale that an Accept-Language header prefers; OWN if none matches."""
    return _negotiate_language(locales, split_header(header))


# Remembered, since it is asked before the hot cache is.
@lru_cache(maxsize=1000)
def _negotiate_language(locales: Locales, header: str) -> str:
    liked = [(quality, tag) for tag, quality in read_preferences(header).items() if quality > 0]
    return locales.choose(tag for _, tag in sorted(liked, key=lambda each: -each[0]))


def localise(
    connection: Connection,
    kind: Kind,
    documents: list[Document],
    language: str | None,
    moment: Moment,
) -> str | None:
    """Put the names of records into a language, in place; the language they are in, None if none was asked for.

    A register without names in other languages, such as the starter, answers as if none was asked for.
    """
    if language is None or not translations.is_localised(connection, kind, moment):
        return None
    ids, chain = [document["id"] for document in documents], state().locales.chain(language)
    rename_all(documents, translations.list_translated(connection, kind, ids, chain, moment))
    return language


def list_localised(
    connection: Connection,
    kind: Kind,
    states: Sequence[FoundState | FoundRow],
    language: str | None,
    search: Search,
    locales: Locales,
) -> tuple[str | None, dict[int, str]]:
    """The language of a list's names, and those that differ from the records' own, by id.

    A record that does not hold any more had another name then, and keeps its English one.
    """
    moment = Moment(search.on, search.as_of)
    if language is None or not translations.is_localised(connection, kind, moment):
        return None, {}
    present = [state.id for state in states if state.valid_to > search.on]
    chain = locales.chain(language)
    return language, translations.list_translated(connection, kind, present, chain, moment)


def localise_found(
    connection: Connection,
    kind: Kind,
    rows: Sequence[FoundRow],
    language: str | None,
    search: Search,
    locales: Locales,
) -> str | None:
    """Put the names of found records into a language, in place; the language they are in."""
    spoken, names = list_localised(connection, kind, rows, language, search, locales)
    rename_all([row.document for row in rows], names)
    return spoken


def rename_all(documents: Iterable[Document], names: Mapping[int, str]) -> None:
    """Give records other names by their ids, in place."""
    for document in documents:
        if document["id"] in names and "name" in document:
            document["name"] = names[document["id"]]


def prefer_own_names(
    connection: Connection,
    kind: Kind,
    bodies: list[Any],
    shown: list[Document | None],
    moment: Moment,
) -> list[Any]:
    """Replace names in bodies that repeat the translated name a client was shown by the record's
    own name.

    Each body comes with the record it replaces, or None.
    """
    told = [dict(document) if document else {"id": 0} for document in shown]
    localise(connection, kind, told, read_language(), moment)
    return [
        body | {"name": document["name"]}
        if document
        and isinstance(body, dict)
        and "name" in body
        and body["name"] == seen.get("name")
        else body
        for body, document, seen in zip(bodies, shown, told, strict=True)
    ]
