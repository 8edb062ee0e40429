"""The countries of a moment as records of every version, cached until something changes.

An edition is made from the previous edition: a country is translated again only if its state, or
that of its names, changed. Values that depend on other countries are updated in every edition.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from terrafirma.config import Settings
from terrafirma.register.log.figures import list_completed
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import fold, sort_key
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.languages import Locales
from terrafirma.register.model.records import Document
from terrafirma.restcountries.blocs import CODES, GROUP, MEMBERSHIP, Bloc, list_blocs
from terrafirma.restcountries.stand_ins import LENT
from terrafirma.restcountries.translate import (
    FORMER,
    LANGUAGES,
    Record,
    TranslationContext,
    alpha3_of,
    list_borders,
    list_offsets,
    translate,
)
from terrafirma.restcountries.versions import ApiVersion
from terrafirma.storage.engine.database import Connection, split_batches
from terrafirma.storage.register.entries import Head, find_head, read_head
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.records import State, list_states
from terrafirma.storage.register.search import Condition, Search

KEPT = 4
"""Editions of a process: of today, and of a few other days that were asked for."""

ALL = 2**31 - 1

LASTING = (
    "alpha2", "alpha3", "status", "borders", "sovereign", "timezones", "longitude", *LENT,
)  # fmt: skip
"""The fields of a country that decide if an edition shows it, those other countries take from it, and
those that mean something else on another day."""


@dataclass(frozen=True)
class TranslatedCountry:
    """A country of an edition, and the states it was made from: if they are unchanged, so is its
    record."""

    states: Sequence[State | None]
    """Its own, and that of its names."""
    lasting: Document
    lender: Document
    """The LASTING fields of its sovereign; empty without one."""
    record: Record
    blocs: Sequence[Bloc]
    place: str
    """Its sort key."""
    shapes: dict[str, Record] = field(default_factory=dict)
    """Its records of the versions that were asked for, by their names."""

    def shape(self, version: ApiVersion) -> Record:
        """Its complete record of a version."""
        if version.name not in self.shapes:
            self.shapes[version.name] = version.shape(self.record, self.blocs)
        return self.shapes[version.name]

    def move(self, around: TranslationContext, blocs: Sequence[Bloc]) -> "TranslatedCountry":
        """The same country among other countries, on another day."""
        moved = {
            "borders": list_borders(self.lasting, around),
            "timezones": list_offsets(self.lasting, around.day),
        }
        record = self.record | moved
        if record == self.record and blocs == self.blocs:
            return self
        return replace(self, record=record, blocs=blocs, shapes={})


class Edition:
    """The countries of a moment, in the order they are shown."""

    def __init__(
        self, head: Head, countries: Mapping[int, TranslatedCountry], *, day_asked: bool = False
    ) -> None:
        self.head = head
        """Of the log that it was made from."""
        self.day_asked = day_asked
        """True if the client asked for its day."""
        self.countries = countries
        self._ordered = sorted(countries.values(), key=lambda country: country.place)
        self._shaped: dict[str, Sequence[Record]] = {}

    def records(self, version: ApiVersion) -> Sequence[Record]:
        """The complete records of a version."""
        if version.name not in self._shaped:
            self._shaped[version.name] = [country.shape(version) for country in self._ordered]
        return self._shaped[version.name]


class EditionCache:
    """A few editions by their dependencies; the least recently used is dropped first."""

    def __init__(self) -> None:
        self._editions: OrderedDict[tuple[object, ...], Edition] = OrderedDict()
        self._lock = Lock()
        self._making = Lock()

    def find(self, key: tuple[object, ...], make: Callable[[Edition | None], Edition]) -> Edition:
        """The edition of a key; if missing, made from the last edition. Concurrent requests wait
        for it."""
        if (known := self._find(key)) is not None:
            return known
        with self._making:
            if (known := self._find(key)) is not None:
                return known
            with self._lock:
                last = next(reversed(self._editions.values()), None)
            edition = make(last)
            with self._lock:
                self._editions[key] = edition
                if len(self._editions) > KEPT:
                    self._editions.popitem(last=False)
            return edition

    def _find(self, key: tuple[object, ...]) -> Edition | None:
        with self._lock:
            if key in self._editions:
                self._editions.move_to_end(key)
            return self._editions.get(key)


def make_edition(
    connection: Connection,
    moment: Moment,
    settings: Settings,
    locales: Locales,
    last: Edition | None = None,
) -> Edition:
    """Translate every country of a moment, but those that the last edition has as they are.

    Former countries are there only if their day was asked for.
    """
    head, states = read_head(connection), pair_states(connection, moment)
    if last is not None and (last.day_asked != moment.strict or moment.on < today()):
        # Figures of a past day are in other records.
        last = None
    kept = find_kept(connection, last, states)
    documents = read_documents(
        connection, COUNTRY.name, moment, [id for id in states if id not in kept]
    )
    lasting = {id: kept[id].lasting if id in kept else keep_lasting(documents[id]) for id in states}
    lasting = {id: document for id, document in lasting.items() if shown(document, moment)}
    around = make_context(lasting.values(), settings, locales, moment)
    lent = [
        id for id, country in kept.items() if country.lender != find_lender(country.lasting, around)
    ]
    documents |= read_documents(connection, COUNTRY.name, moment, lent)
    names = read_documents(connection, COUNTRY.translations, moment, list(documents))
    blocs = find_blocs(connection, moment)

    def make(id: int, beside: Sequence[Bloc]) -> TranslatedCountry:
        if id not in documents:
            return kept[id].move(around, beside)
        record = translate(documents[id], names.get(id, {}).get("names", {}), around)
        lender = find_lender(lasting[id], around)
        return TranslatedCountry(
            states[id], lasting[id], lender, record, beside, fold(record["name"]["common"])
        )

    countries = {
        id: make(id, blocs.get(each.get("alpha2", ""), ())) for id, each in lasting.items()
    }
    return Edition(head, countries, day_asked=moment.strict)


def pair_states(connection: Connection, moment: Moment) -> dict[int, tuple[State, State | None]]:
    """The states of every country at a moment, by id: its own, and that of its names."""
    own, names = (
        list_states(connection, kind, moment.on, moment.as_of)
        for kind in (COUNTRY.name, COUNTRY.translations)
    )
    return {id: (state, names.get(id)) for id, state in own.items()}


def find_kept(
    connection: Connection, last: Edition | None, states: Mapping[int, Any]
) -> dict[int, TranslatedCountry]:
    """The countries of the last edition that are unchanged; empty if the log was replaced."""
    if last is None or find_head(connection, last.head.number) != last.head:
        return {}
    return {
        id: country for id, country in last.countries.items() if states.get(id) == country.states
    }


def read_documents(
    connection: Connection, kind: str, moment: Moment, ids: Sequence[int]
) -> dict[int, Document]:
    """Those of some records of a kind that exist at a moment, by id."""
    searches = (
        Search(kind, moment.on, moment.as_of, among=(tuple(batch),)) for batch in split_batches(ids)
    )
    return {
        found.id: found.document
        for search in searches
        for found in list_completed(connection, search, ALL)
    }


def find_blocs(connection: Connection, moment: Moment) -> dict[str, list[Bloc]]:
    """The blocs of every country at a moment, by its alpha-2 code."""
    codes = tuple(map(sort_key, sorted(CODES)))
    groups, memberships = (
        list_found(
            connection,
            Search(kind, moment.on, moment.as_of, (Condition((field,), "eq", codes),)),
            ALL,
        )
        for kind, field in ((GROUP, "code"), (MEMBERSHIP, "group"))
    )
    return list_blocs((each.document for each in groups), (each.document for each in memberships))


def keep_lasting(document: Document) -> Document:
    """Return the LASTING fields of a country."""
    return {name: document[name] for name in LASTING if name in document}


def find_lender(lasting: Document, around: TranslationContext) -> Document:
    """Return the LASTING fields of a country's sovereign; empty without one."""
    return around.lenders.get(lasting.get("sovereign", ""), {})


def shown(document: Document, moment: Moment) -> bool:
    """Return True if the old service would have shown a country: current, or existing on the
    requested day."""
    return moment.strict or document.get("status") != FORMER


def make_context(
    documents: Iterable[Document], settings: Settings, locales: Locales, moment: Moment
) -> TranslationContext:
    """The context of translations: other countries and the settings."""
    lenders = {each["alpha2"]: each for each in documents if "alpha2" in each}
    codes = {code: alpha3_of(each) for code, each in lenders.items() if "alpha3" in each}
    chains = {code: locales.chain(locales.find(locale)) for code, locale in LANGUAGES.items()}
    png, svg = settings.restcountries_flag_png, settings.restcountries_flag_svg
    return TranslationContext(codes, chains, lenders, png, svg, moment.on, moment.strict)
