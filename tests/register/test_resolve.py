"""The rule by which a text names a country, on the names of the world and on written cases by class."""

import random
import tomllib
from pathlib import Path

import pytest

from terrafirma.dataset.load import load_cities, read_aliases, read_dataset, read_lookalikes
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.resolve.answers import Others, Question
from terrafirma.register.resolve.index import build_index
from terrafirma.register.resolve.matching import Finder
from terrafirma.register.resolve.names import know
from terrafirma.register.resolve.normalise import clean, key_of
from terrafirma.register.resolve.resolver import list_cities, list_places

CASES = tomllib.loads(Path(__file__).with_name("resolve_cases.toml").read_text(encoding="utf-8"))
TODAY = "2026-11-28"


@pytest.fixture(scope="module")
def world():
    return read_dataset("world").records


@pytest.fixture(scope="module")
def index(world):
    aliases, names = (
        read_aliases(),
        {each["id"]: each["names"] for each in world[COUNTRY.translations].values()},
    )
    records = [
        know(COUNTRY.name, document, names.get(document["id"], {}), aliases)
        for document in world[COUNTRY.name].values()
    ]
    places = list_cities(read_lookalikes()) | list_places(records, aliases)
    return build_index(COUNTRY.name, records, places)


@pytest.fixture(scope="module")
def find(index, world):
    elsewhere = {key_of(each["name"]): "" for kind in ("subdivision", "language", "currency", "group")
                 for each in world[kind].values()}  # fmt: skip
    finder = Finder(
        index,
        Question(TODAY),
        Others(lambda key: f"{key} is another kind." if key in elsewhere else None),
    )
    return finder.match


def code_of(match):
    record = match.record or {}
    return record.get("alpha4") or record.get("alpha2") or match.outcome


def id_of(match):
    return (match.record or {}).get("id")


@pytest.mark.parametrize("group", CASES)
def test_texts_mean_what_they_are_written_to_mean(find, group):
    found = {text: code_of(find(text)) for text in CASES[group]}
    assert found == CASES[group]


def test_a_record_is_found_by_its_own_name_and_codes(index, find):
    for known in index.records.values():
        for name in known.names.values():
            if name.field == "name" and known.end > TODAY and name.end > TODAY:
                assert name.text == "Congo" or id_of(find(name.text)) == known.id, name
        for code in known.codes:
            if (
                code.field in ("alpha2", "alpha3", "numeric")
                and code.end > TODAY
                and known.end > TODAY
            ):
                assert id_of(find(code.text)) == known.id, code


def test_translations_find_their_country(index, find):
    """Names of CLDR in all locales; those of a country that another shares count as misses."""
    names = [
        name
        for known in index.records.values()
        for name in known.names.values()
        if name.field == "names"
    ]
    wrong = [name for name in names if find(name.text).outcome == "matched"
             and find(name.text).record["id"] != name.record]  # fmt: skip
    assert len(wrong) <= len(names) * 0.005, wrong[:20]


def misspell(text, chance):
    """A text with a letter left out, doubled, replaced or transposed."""
    place = chance.choice([place for place, each in enumerate(text) if each.isalpha()])
    start, letter, rest = text[:place], text[place], text[place + 1 :]
    other = chance.choice("abcdefghijklmnopqrstuvwxyz")
    errors = (rest, letter + letter + rest, other + rest, other + letter + rest,
              rest[:1] + letter + rest[1:])  # fmt: skip
    return start + chance.choice(errors)


@pytest.mark.parametrize(("shortest", "errors", "mark"), [(5, 1, 0.92), (8, 2, 0.92)])
def test_typing_errors_find_their_country_and_hardly_another(find, world, shortest, errors, mark):
    chance = random.Random(20261129)
    found = []
    for document in world[COUNTRY.name].values():
        text = document.get("name", "")
        if len(key_of(text)) >= shortest and "to" not in document:
            for _ in range(errors):
                text = misspell(text, chance)
            found.append((text, document["id"], id_of(find(text))))
    wrong = [each for each in found if each[2] not in (None, each[1])]
    missed = [each for each in found if each[2] is None]
    assert len(wrong) <= len(found) * 0.005, wrong
    assert len(missed) <= len(found) * (1 - mark), missed


def test_no_city_is_a_misspelt_country(find):
    """Of every tenth city, since a text takes a third of a millisecond."""
    wrong = [
        city.name
        for city in load_cities().all[::10]
        if (match := find(city.name)).outcome == "matched"
        and match.matched.how == "fuzzy"
        and match.record.get("alpha2") != city.country
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("\u200fمصر\u200e", "مصر"), ("\x00Chad", "Chad"), ("“Oman”", "Oman"), ("a\tb\nc", "a b c"),
        ("Peru †", "Peru"), ("Mali (2)", "Mali"), ("e\u0301", "é"), (" _ ", ""),
        ("C&ocirc;te d&#39;Ivoire", "Côte d'Ivoire"), ("Isle%20of%20Man", "Isle of Man"), ("12. Fiji", "Fiji"),
        ("276", "276"), ("100%", "100%"), ("R&D; %zz", "R&D; %zz"),
    ],
)  # fmt: skip
def test_cells_are_cleaned(text, cleaned):
    assert clean(text) == cleaned


def test_keys_ignore_case_accents_order_of_marks_and_words_for_and():
    same = [
        ("Bosnia & Herzegovina", "bosnia and HERZEGOVINA"),
        ("Bosna i Hercegovina", "Bosna Hercegovina"),
        ("St. Lucia", "Saint Lucia"),
        ("Åland", "A\u030aland"),
        ("São Tomé", "Sao Tome"),
        ("ＪＡＰＡＮ", "Japan"),
        ("Timor-Leste", "timor leste"),
        ("ایران", "ايران"),
    ]
    assert [key_of(one) for one, _ in same] == [key_of(other) for _, other in same]
    assert key_of("Niger") != key_of("Nigeria")


def test_an_index_follows_what_changes(index):
    thailand = next(each for each in index.records.values() if each.summary.get("alpha2") == "TH")
    added = know(COUNTRY.name, {"id": 9001, "name": "Freedonia", "alpha2": "QF"}, {}, {})
    moved = know(COUNTRY.name, {"id": thailand.id, "name": "Siamland"}, {}, {})
    later = index.replace([added, moved], {10**9})
    assert later.codes["QF"][0].record == 9001
    assert later.names[key_of("Siamland")][0].record == thailand.id
    assert key_of("ประเทศไทย") not in later.names
    assert key_of("Siamland") not in index.names
    assert "TH" in index.codes
    assert "TH" not in later.codes
    assert later.replace([], {9001, thailand.id}).records.keys() == index.records.keys() - {
        thailand.id
    }


def test_replacing_a_record_by_itself_changes_nothing(index):
    some = list(index.records.values())[::17]
    again = index.replace(some)
    assert again.records == index.records
    assert {key: {*names} for key, names in again.names.items()} == {
        key: {*names} for key, names in index.names.items()
    }


ODD = ["a" * 10_000, "Ж" * 10_000, "\ud800", "\u202e" * 300, "𝔤𝔢𝔯𝔪𝔞𝔫𝔶", "(" * 500, ", " * 500]


@pytest.mark.parametrize("text", ODD)
def test_odd_texts_have_an_answer(find, text):
    assert find(text).outcome in {"matched", "none", "ambiguous"}
