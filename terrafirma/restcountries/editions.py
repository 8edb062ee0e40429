"""The register of a moment as records of every version, made once and kept until something changes."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from terrafirma.config import Settings
from terrafirma.register.keys import Moment
from terrafirma.register.kinds import COUNTRY
from terrafirma.register.languages import Locales
from terrafirma.register.records import Document
from terrafirma.register.terms import fold
from terrafirma.restcountries.blocs import GROUP, MEMBERSHIP, Bloc, list_blocs
from terrafirma.restcountries.translate import FORMER, LANGUAGES, Record, Surroundings, alpha3_of, translate
from terrafirma.restcountries.versions import Version
from terrafirma.storage.database import Connection
from terrafirma.storage.search import Search, list_found

KEPT = 4
"""Editions of a process: of today, and of a few other days that were asked for."""

ALL = 2**31 - 1


class Edition:
    """The countries of a moment, in the order they are shown, and their regional blocs by alpha-2 code."""

    def __init__(self, records: Sequence[Record], blocs: Mapping[str, Sequence[Bloc]]) -> None:
        self._records = records
        self._blocs = blocs
        self._shaped: dict[str, Sequence[Record]] = {}

    def records(self, version: Version) -> Sequence[Record]:
        """The complete records of a version."""
        if version.name not in self._shaped:
            self._shaped[version.name] = [
                version.shape(record, self._blocs.get(record["cca2"], ())) for record in self._records
            ]
        return self._shaped[version.name]


class Shelf:
    """A few editions, by what they depend on; the one that was not asked for the longest goes first."""

    def __init__(self) -> None:
        self._editions: OrderedDict[tuple[object, ...], Edition] = OrderedDict()
        self._lock = Lock()

    def find(self, key: tuple[object, ...], make: Callable[[], Edition]) -> Edition:
        """The edition of a key, made if it is not there. Two who ask at once may both make it."""
        with self._lock:
            if key in self._editions:
                self._editions.move_to_end(key)
                return self._editions[key]
        edition = make()
        with self._lock:
            self._editions[key] = edition
            while len(self._editions) > KEPT:
                self._editions.popitem(last=False)
        return edition


def make_edition(connection: Connection, moment: Moment, settings: Settings, locales: Locales) -> Edition:
    """Translate every country of a moment. Former ones are there only if their day was asked for."""
    documents = [document for document in list_documents(connection, COUNTRY.name, moment) if shown(document, moment)]
    localised = {each["id"]: each["names"] for each in list_documents(connection, COUNTRY.translations, moment)}
    around = look_around(documents, settings, locales)
    records = [translate(document, localised.get(document["id"], {}), around) for document in documents]
    records.sort(key=lambda record: fold(record["name"]["common"]))
    blocs = list_blocs(list_documents(connection, GROUP, moment), list_documents(connection, MEMBERSHIP, moment))
    return Edition(records, blocs)


def list_documents(connection: Connection, kind: str, moment: Moment) -> list[Document]:
    """Every record of a kind that exists at a moment, by id."""
    found = list_found(connection, Search(kind, moment.on, moment.as_of), ALL)
    return [each.document for each in found]


def shown(document: Document, moment: Moment) -> bool:
    """Whether the old service would have shown a country: one that is, or was on the day asked for."""
    return moment.strict or document.get("status") != FORMER


def look_around(documents: Sequence[Document], settings: Settings, locales: Locales) -> Surroundings:
    """What translations need to know of the others and of the settings."""
    codes = {each["alpha2"]: alpha3_of(each) for each in documents if "alpha2" in each and "alpha3" in each}
    chains = {code: locales.chain(locales.find(locale)) for code, locale in LANGUAGES.items()}
    return Surroundings(codes, chains, settings.restcountries_flag_png, settings.restcountries_flag_svg)
