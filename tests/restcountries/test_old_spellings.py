"""Old spellings find their countries again, and none of them is taken from the old service's data."""

from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from terrafirma.http.app.context import EXTENSION, AppState
from terrafirma.register.log.identifiers import Moment
from terrafirma.restcountries.editions import make_edition
from terrafirma.restcountries.old_spellings import read_groups
from terrafirma.restcountries.v31 import V31
from tests.restcountries.comparison import DAY
from tests.restcountries.recordings import Record, read_records

PERMISSIVE = (
    "GeoNames (CC-BY-4.0)", "CIA World Factbook (public domain)", "Unicode CLDR", "ISO ",
    "United Kingdom government", "Presidential decree", "Currency Interchangeability Agreement",
    "Multilateral Monetary Agreement",
)  # fmt: skip
"""Sources that may be passed on, and public acts."""

LOST = {
    "name": 0, "full name": 0, "official name": 1, "other spelling": 34, "capital": 0,
    "demonym": 10, "language code": 6, "language": 10, "currency code": 8, "currency": 8,
    "translation": 94,
}  # fmt: skip
"""How many recorded texts find nothing: no source that may be passed on has them, or they were faults."""


def list_texts(record: Record) -> Iterator[tuple[str, str, str]]:
    """Yield what texts of a recorded country are, the word of their address, and the text."""
    name, demonyms = record["name"], record["demonyms"]["eng"].values()
    yield "name", "name", name["common"]
    yield "full name", "name", name["common"]
    yield "official name", "name", name["official"]
    yield from (("other spelling", "name", text) for text in record["altSpellings"])
    yield from (("capital", "capital", text) for text in record.get("capital", []))
    yield from (("demonym", "demonym", text) for text in set(demonyms) if text)
    for code, text in record.get("languages", {}).items():
        yield from (("language code", "lang", code), ("language", "lang", text))
    for code, currency in record.get("currencies", {}).items():
        yield "currency code", "currency", code
        yield "currency", "currency", currency["name"].lower()
    for abroad in record["translations"].values():
        yield "translation", "translation", abroad["common"]


def finds(client, record: Record, kind: str, word: str, text: str) -> bool:
    """Return True if an address finds a country: by the search itself, else as the server answers it."""
    whole = kind == "full name"
    search = V31.find_full_name if whole else V31.searches[word]
    if search([record], text):
        return True
    path = f"/v3.1/{word}/{quote(text, safe='')}?fields=cca3{'&fullText=true' if whole else ''}"
    found = client.get(path)
    return found.status_code == 200 and record["cca3"] in [each["cca3"] for each in found.json]


def test_what_was_recorded_finds_its_country_again(sqlite_client):
    """Old names, spellings, demonyms, languages and currencies: programs have them in their code."""
    known: AppState = sqlite_client.application.extensions[EXTENSION]
    with known.database.reading() as connection:
        edition = make_edition(connection, Moment(DAY), known.settings, known.locales)
    ours, lost = {each["cca3"]: each for each in edition.records(V31)}, defaultdict(list)
    for code, record in read_records().items():
        for kind, word, text in list_texts(record):
            if not finds(sqlite_client, ours[code], kind, word, text):
                lost[kind].append(f"{code}: {text}")
    assert {kind: texts for kind, texts in lost.items() if len(texts) > LOST[kind]} == {}


def test_every_spelling_has_a_source_that_may_be_passed_on():
    for group in read_groups():
        assert group["source"].startswith(PERMISSIVE)
        assert group["values"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/name/turkey?fullText=true", "TR"),
        ("/name/ivory%20coast?fullText=true", "CI"),
        ("/name/cape%20verde?fullText=true", "CV"),
        ("/name/macau?fullText=true", "MO"),
        ("/name/french%20southern%20and%20antarctic%20lands?fullText=true", "TF"),
        ("/name/united%20states%20virgin%20islands?fullText=true", "VI"),
        ("/name/cote%20d'ivoire", "CI"),
        ("/name/korea,%20republic%20of", "KR"),
        ("/name/hayastan", "AM"),
        ("/capital/ulan%20bator", "MN"),
        ("/capital/nur-sultan", "KZ"),
        ("/capital/sana'a", "YE"),
        ("/capital/saint%20john's", "AG"),
        ("/demonym/nepalese", "NP"),
        ("/demonym/laotian", "LA"),
        ("/demonym/anguillian", "AI"),
        ("/demonym/kittitian%20or%20nevisian", "KN"),
        ("/demonym/saint%20barth%C3%A9lemy%20islander", "BL"),
        ("/demonym/heard%20and%20mcdonald%20islander", "HM"),
        ("/demonym/guinea-bissauan", "GW"),
        ("/demonym/%C3%A5landish", "AX"),
        ("/demonym/cape%20verdian", "CV"),
        ("/demonym/kirghiz", "KG"),
        ("/demonym/tadzhik", "TJ"),
        ("/demonym/guianan", "GF"),
        ("/demonym/st.%20maartener", "SX"),
        ("/demonym/saint-pierrais%2C%20miquelonnais", "PM"),
        ("/demonym/south%20georgian%20south%20sandwich%20islander", "GS"),
        ("/lang/zimbabwean%20sign%20language", "ZW"),
        ("/currency/cook%20islands%20dollar", "CK"),
        ("/lang/sorani", "IQ"),
        ("/lang/dari", "AF"),
        ("/lang/greenlandic", "GL"),
        ("/currency/united%20states%20dollar", "US"),
        ("/currency/pound%20sterling", "GB"),
        ("/currency/z%C5%82oty", "PL"),
        ("/currency/eastern%20caribbean%20dollar", "DM"),
        ("/currency/hrk", "HR"),
    ],
)
def test_spellings_in_wide_use_find(shared_client, path, code):
    found = shared_client.get(f"/v3.1{path}")
    assert code in [each["cca2"] for each in found.json]


@pytest.mark.parametrize("text", ["german or polish", "zzzzzz", ", or", "a, b", "hindu"])
def test_no_people_is_guessed(shared_client, text):
    assert shared_client.get(f"/v3.1/demonym/{quote(text)}").status_code == 404


@pytest.mark.parametrize("text", ["deutschland", "alemania", "germani"])
def test_a_full_name_is_neither_abroad_nor_misspelt(shared_client, text):
    assert shared_client.get(f"/v3.1/name/{text}?fullText=true").status_code == 404
