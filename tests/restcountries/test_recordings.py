"""Our matching and serialising, on the records that the old service showed: the same answers as it gave."""

import json

import orjson
import pytest

from terrafirma.restcountries.serialise import show_fields, show_full
from terrafirma.restcountries.v2 import V2
from terrafirma.restcountries.v31 import V31
from tests.restcountries.recordings import (
    PATHS,
    complete,
    count_files,
    list_complete,
    read_answer,
    read_records,
    word_and_text,
)

# What the service answered for words that were not recorded; the file it answered from had two more countries than
# the recordings, Antarctica and Bouvet Island, which none of these finds.
COUNTS = {
    "name": {
        "united": 7, "china": 4, "eesti": 1, "deutschland": 1, "us": 12, "guinea": 4, "korea": 2, "côte": 1, "CÔTE": 1,
    },
    "currency": {
        "eur": 36, "EUR": 36, "usd": 20, "inr": 2, "chf": 2, "jpy": 1, "euro": 36, "peso": 8, "us": 9, "dollar": 58,
        "Dollar": 0,
    },
    "lang": {"spanish": 24, "spa": 24, "SPA": 24, "english": 91, "french": 46, "arabic": 25, "hindi": 1, "cop": 0},
    "region": {
        "europe": 53, "asia": 50, "africa": 59, "americas": 56, "oceania": 27, "antarctic": 3, "america": 56,
        "Caribbean": 28,
    },
    "subregion": {"Northern Europe": 16, "america": 28, "north": 30},
    "capital": {"tallinn": 1, "washington": 2, "san": 7, "bogota": 1, "BOGOTÁ": 1},
    "demonym": {"peruvian": 1, "american": 4},
    "translation": {"alemania": 1, "saksamaa": 1, "germany": 1},
}  # fmt: skip


def find(word, text):
    """The alpha-3 codes that a search finds among the recordings."""
    return [record["cca3"] for record in V31.searches[word](list_complete(), text)]


def find_codes(codes):
    return {record["cca3"] for record in V31.find_codes(list_complete(), codes.split(","))}


def answer(path):
    """Our answer to a recorded address, from the recorded countries."""
    word, text = word_and_text(path)
    if word == "alpha":
        return [show_full(record) for record in V31.find_codes(list_complete(), [text])]
    return [show_full(record) for record in V31.searches[word](list_complete(), text)]


def test_everything_recorded_is_looked_at():
    assert len(PATHS) == len(set(PATHS)) == count_files() == 37
    assert len(read_records()) == 248


@pytest.mark.parametrize("path", PATHS)
def test_recorded_addresses_have_the_same_answer(path):
    """The same countries, each the same JSON, floats included; only their order was left to chance there."""
    ours = {
        record["cca3"]: orjson.dumps(record, option=orjson.OPT_SORT_KEYS) for record in answer(path)
    }
    theirs = {
        record["cca3"]: orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        for record in read_answer(path)
    }
    assert ours == theirs


@pytest.mark.parametrize(
    ("word", "text"), [(word, text) for word, texts in COUNTS.items() for text in texts]
)
def test_searches_find_as_many_as_they_found(word, text):
    assert len(find(word, text)) == COUNTS[word][text]


def test_searches_find_whom_they_found():
    assert set(find("name", "china")) == {"CHN", "HKG", "MAC", "TWN"}
    assert find("name", "eesti") == ["EST"]
    assert (
        find("name", "deutschland")
        == find("translation", "saksamaa")
        == find("translation", "germany")
        == ["DEU"]
    )
    assert set(find("capital", "washington")) == {"USA", "UMI"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("germany", ["DEU"]),
        ("GERMANY", ["DEU"]),
        ("Deutschland", []),
        ("czech republic", ["CZE"]),
        ("united", []),
    ],
)
def test_a_full_name_is_the_common_or_the_official_one(text, found):
    assert [record["cca3"] for record in V31.find_full_name(list_complete(), text)] == found


def test_codes_of_four_kinds_are_codes():
    assert find_codes("170,no,est,pe") == {"COL", "NOR", "EST", "PER"}
    assert find_codes("de,DE") == find_codes("ger") == find_codes("276") == {"DEU"}
    assert find_codes("xx,zz") == find_codes("") == find_codes(" col") == set()
    assert find_codes("col, no") == {"COL"}
    assert find_codes("unk") == find_codes("xk") == find_codes("xkx") == {"UNK"}


def test_independence_is_told_of_all():
    told = [record["independent"] for record in list_complete()]
    # Antarctica and Bouvet Island are the two others of 55.
    assert (told.count(True), told.count(False)) == (195, 53)


def test_what_is_empty_is_left_out_without_fields_and_there_with_them():
    macao, kosovo, aruba = (complete(read_records()[code]) for code in ("MAC", "UNK", "ABW"))
    assert "borders" not in show_full(complete(read_records()["JPN"]))
    assert "capital" not in show_full(macao)
    assert show_fields(macao, ["capital"]) == {"capital": []}
    assert not {"ccn3", "tld"} & show_full(kosovo).keys()
    assert show_fields(kosovo, ["ccn3", "tld"]) == {"ccn3": "", "tld": []}
    assert show_full(aruba)["car"] == {"side": "right"}
    assert show_fields(aruba, ["car"]) == {"car": {"signs": [], "side": "right"}}


def test_objects_that_hold_nothing_are_still_objects():
    bare = complete(read_records()["HMD"])
    assert bare["idd"] == {"root": "", "suffixes": []}
    full = show_full(bare)
    assert full["idd"] == {}
    assert full["postalCode"] == {"format": None, "regex": None}
    assert show_fields(bare, ["idd", "postalCode"]) == {
        "idd": {"root": "", "suffixes": []},
        "postalCode": {},
    }


def test_fields_are_names_as_they_are():
    germany = complete(read_records()["DEU"])
    assert list(show_fields(germany, ["name", " flags", "CCA2", "name.common", "-area"])) == [
        "name"
    ]
    assert show_fields(germany, ["nothing"]) == {}


def test_numbers_with_a_fraction_stay_such():
    [japan] = read_answer("/v3.1/name/japan")
    [ours] = answer("/v3.1/name/japan")
    assert b'"area":377930.0' in orjson.dumps(ours)
    assert json.loads(orjson.dumps(ours)) == japan


def test_version_2_is_made_of_them_too():
    by_code = {
        record["alpha3Code"]: record
        for record in (V2.shape(record, []) for record in list_complete())
    }
    germany = by_code["DEU"]
    assert germany["name"] == "Germany"
    assert germany["callingCodes"] == ["49"]
    assert germany["capital"] == "Berlin"
    assert germany["currencies"] == [{"code": "EUR", "symbol": "€", "name": "Euro"}]
    assert germany["translations"]["fr"] == "Allemagne"
    assert germany["languages"] == [
        {"iso639_1": "de", "iso639_2": "deu", "name": "German", "nativeName": "Deutsch"}
    ]


@pytest.mark.parametrize(
    ("word", "text", "first"),
    [
        ("name", "india", "IND"),
        ("name", "united states", "USA"),
        ("name", "us", "USA"),
        ("name", "uk", "GBR"),
        ("name", "russia", "RUS"),
        ("name", "netherlands", "NLD"),
        ("name", "iran", "IRN"),
        ("name", "mali", "MLI"),
        ("name", "guinea", "GIN"),
        ("name", "sudan", "SDN"),
        ("name", "samoa", "WSM"),
        ("name", "dominica", "DMA"),
        ("name", "niger", "NER"),
        ("name", "cote", "CIV"),
        ("name", "aland", "ALA"),
        ("name", "reunion", "REU"),
        ("capital", "kingston", "JAM"),
        ("demonym", "dominican", "DMA"),
        ("translation", "guinea", "GIN"),
    ],
)
def test_the_best_match_comes_first(word, text, first):
    """Programs take `[0]`: exact names before starts, whole words, and the rest."""
    assert find(word, text)[0] == first


def test_accents_count_inside_of_words_only():
    names = {"name": {"common": "Réunion", "official": "Réunion"}, "altSpellings": ["Union"]}
    island = names | {"altSpellings": [], "cca2": "RE", "status": "officially-assigned"}
    other = names | {"name": {"common": "Union", "official": "Union"}, "cca2": "QU", "status": ""}
    assert V31.searches["name"]([island, other], "unio") == [other, island]
    assert V31.searches["name"]([island, other], "reunion") == [island]
    assert V31.searches["name"]([island, other], "euni") == [island]
