"""Figures of a past day in the records of countries, which hold those of today only."""

from collections.abc import Sequence

from terrafirma.register.log.identifiers import Moment, find_by_id
from terrafirma.register.log.provenance import SourceNote, describe_sources
from terrafirma.register.log.references import label_citation
from terrafirma.register.log.sort_keys import sort_key
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, FIGURE, MEMBER, Kind
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import (
    DATED_BY_YEAR,
    VALUES,
    add_figures,
    lacks_figures,
    name_year,
)
from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.register import records
from terrafirma.storage.register.found import FoundRow, list_found
from terrafirma.storage.register.records import Version
from terrafirma.storage.register.search import Condition, Search

MOST = 10_000
"""Records of figures that are read at once."""
INDICATORS = Condition(("indicator",), "eq", tuple(map(sort_key, DATED_BY_YEAR)))


def list_completed(connection: Connection, search: Search, limit: int) -> list[FoundRow]:
    """The records that a search finds, countries with the figures of its day."""
    rows = list_found(connection, search, limit)
    documents = complete_figures(
        connection, search.kind, [row.document for row in rows], Moment(search.on, search.as_of)
    )
    return [row._replace(document=document) for row, document in zip(rows, documents, strict=True)]


def complete_figures(
    connection: Connection, kind: str, documents: Sequence[Document], moment: Moment
) -> list[Document]:
    """Countries of a past day with their figures of that day; records of other kinds as they are."""
    if kind != COUNTRY.name or moment.on >= today() or not any(map(lacks_figures, documents)):
        return list(documents)
    codes = {
        each["id"]: name_now(connection, each, moment) for each in documents if lacks_figures(each)
    }
    figures = find_figures(connection, sorted({*codes.values()}), moment)
    return [
        add_figures(each, figures.get(codes.get(each["id"], ""), ()), moment.on)
        for each in documents
    ]


def describe_shown(
    connection: Connection, kind: Kind, version: Version, shown: Document, moment: Moment
) -> dict[str, SourceNote]:
    """The sources of a record as it is shown: of a figure of a past day, those of its figures."""
    told = describe_sources(connection, kind, version, moment.on)
    state = decode(version.document)
    added = [name for name in DATED_BY_YEAR if name in shown and name not in state]
    if not added:
        return told
    code = name_now(connection, state, moment)
    for each in find_figures(connection, [code], moment).get(code, ()):
        if (name := each["indicator"]) in added:
            source = find_by_id(connection, FIGURE, each["id"], moment)
            note = describe_sources(connection, FIGURE, source, moment.on)[VALUES]
            year = shown[name_year(name)]
            told |= dict.fromkeys((name, name_year(name)), note | {"date": str(year)})
    return told


def find_figures(
    connection: Connection, codes: Sequence[str], moment: Moment
) -> dict[str, list[Document]]:
    """Figures of countries by the codes that name them there."""
    found: dict[str, list[Document]] = {}
    for batch in split_batches(codes):
        named = Condition(("country",), "eq", tuple(map(sort_key, batch)))
        search = Search(FIGURE.name, moment.on, moment.as_of, (named, INDICATORS))
        for row in list_found(connection, search, MOST):
            found.setdefault(row.document["country"], []).append(row.document)
    return found


def name_now(connection: Connection, document: Document, moment: Moment) -> str:
    """The code by which other records refer to a country, which may have had another on that day."""
    if "alpha4" in document or "alpha2" not in document:
        last = records.find_nearest_version(
            connection, COUNTRY.name, document["id"], today(), moment.as_of
        )
        document = decode(last.document) if last else document
    return label_citation(MEMBER, document)
