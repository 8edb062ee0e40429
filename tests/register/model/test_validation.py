"""What a body may hold: every field's type and bounds, all faults at once, each with its path and rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError

from terrafirma.errors import Invalid
from terrafirma.register.log.changes import merge
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Country
from terrafirma.register.model.validation import (
    MOST_EXTRA,
    MOST_PERIODS,
    check_whole,
    nearest,
    validate,
)
from terrafirma.register.model.values import check_text

GOOD = {
    "name": "Thailand",
    "iso_name": "Thailand",
    "official_name": "Kingdom of Thailand",
    "other_names": ["Siam"],
    "native_names": [{"language": "th", "name": "ไทย", "official_name": "ราชอาณาจักรไทย"}],
    "alpha2": "TH",
    "alpha3": "THA",
    "numeric": "764",
    "cioc": "THA",
    "fifa": "THA",
    "alpha4": "SITH",
    "status": "assigned",
    "from": "1932-06",
    "to": "2100",
    "withdrawn": "2100-01",
    "predecessors": ["SIAM"],
    "successors": ["TH", "THXX"],
    "capital": "Bangkok",
    "capitals": [{"name": "Bangkok", "roles": ["official"], "latitude": 13.75, "longitude": 100}],
    "area": 513120,
    "population": 0,
    "population_year": 2024,
    "gdp": 514945000000,
    "gdp_year": 2023,
    "gini": 34.9,
    "gini_year": 2021,
    "region": "Asia",
    "subregion": "South-eastern Asia",
    "intermediate_region": "Nowhere",
    "continents": ["Asia"],
    "latitude": -90,
    "longitude": 180,
    "landlocked": False,
    "borders": ["KH", "LA"],
    "timezones": ["Asia/Bangkok"],
    "currencies": [{"code": "THB"}],
    "languages": [{"code": "th", "official": True}],
    "calling_codes": ["+66"],
    "tlds": [".th", ".ไทย"],
    "driving_side": "left",
    "car_sign": "T",
    "first_day_of_week": "sunday",
    "weekend": ["saturday", "sunday"],
    "hour_cycle": "h23",
    "measurement_system": "metric",
    "paper_size": "A4",
    "default_locale": "th-TH",
    "international_prefix": "001",
    "trunk_prefix": "0",
    "emergency_numbers": ["191", "1669"],
    "example_number": "+66812345678",
    "literacy": 93.5,
    "address_format": {"lines": ["{name}", "{locality} {postal_code}"], "required": ["locality"]},
    "wikidata": "Q869",
    "geonames": 1605651,
    "postal_code": {"format": "#####", "regex": "^\\d{5}$"},
    "independent": True,
    "un_member": True,
    "sovereign": "TH",
    "demonyms": [{"language": "en", "noun": "Thai", "adjective": "Thai"}],
    "extra": {"anything": [None, {"at": "all"}]},
}
SERVER_MADE = {"id": 77, "flag": "🇹🇭"}

TEXTS = (
    "name",
    "iso_name",
    "official_name",
    "capital",
    "region",
    "subregion",
    "intermediate_region",
    "car_sign",
)
NUMBERS = {
    "area": (0, None),
    "gdp": (0, None),
    "gini": (0, 100),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
}
WHOLE = {
    "population": (0, 2**53),
    "population_year": (0, 9999),
    "gdp_year": (0, 9999),
    "gini_year": (0, 9999),
}
BOOLEANS = ("landlocked", "independent", "un_member")
LISTS = (
    "other_names",
    "native_names",
    "capitals",
    "continents",
    "borders",
    "timezones",
    "currencies",
    "languages",
    "calling_codes",
    "tlds",
    "demonyms",
)
WRONG_TEXT = [5, 1.5, True, [], {}, "", " ", "\t", "a\nb", "a\x1bb", "\x85", "x" * 501]
WRONG_NUMBER = ["5", True, [], {}, float("nan"), float("inf"), -float("inf"), 2**53 + 1, 1e300]
WRONG_WHOLE = [1.5, "5", True, [], {}]
WRONG_BOOLEAN = [0, 1, "true", [], {}]
WRONG_LIST = [{}, "x", 5, True, [None], [[]], [5], [""], [{"unheard": 1}]]
WRONG_VALUES = {
    "alpha2": ["th", "THA", "T", "", "T1", "ＴＨ", "TH\n", 5, []],
    "alpha3": ["tha", "TH", "", "THAI", "TH1", 5],
    "alpha4": ["suhh", "SUN", "", "SU12", 5],
    "withdrawn": ["1992-13", "never", 1992],
    "predecessors": [["SUN"], ["su"], "SUHH", [5]],
    "successors": [["RUS"], [""], {}],
    "numeric": ["64", "0764", "７６４", "76a", "", 764],
    "status": ["Assigned", "", 1, "retired"],
    "from": [
        "",
        "32",
        "1932-13",
        "1932-02-30",
        "1932-1-1",
        "0000",
        "1932-06-24T00:00",
        "١٩٣٢",
        1932,
        "1932\n",
    ],
    "to": ["tomorrow", "99999", "2100-00", "9999-12-31", []],
    "driving_side": ["Left", "", 0],
    "first_day_of_week": ["Sunday", "", 0],
    "weekend": [["Saturday"], "sunday"],
    "hour_cycle": ["h24", ""],
    "wikidata": ["q869", "Q0", 869],
    "borders": [["th"], ["THA"]],
    "sovereign": ["th", "THA", ""],
    "calling_codes": [["66"], ["+"], ["+66 2"], ["+1234567890123456"]],
    "tlds": [["th"], ["."], [". th"], [".a.b"], ["." + "x" * 64]],
    "currencies": [[{"code": "thb"}], [{"code": "TH"}], ["THB"], [{}]],
    "languages": [
        [{"code": "th"}],
        [{"code": "english", "official": True}],
        [{"code": "th", "official": 1}],
    ],
    "capitals": [
        [],
        [{"name": "A"}],
        [{"name": "A", "roles": [], "latitude": 91}],
        [{"roles": []}],
    ],
    "postal_code": [[], "x", {"format": ""}, {"regexp": "x"}],
    "extra": [[], "x", 5, True],
    "dated": [[], "name", 5, True, {"area": 5}, {"area": {}}, {"area": [5]}, {"area": [{}]}],
}


def faults(body):
    """What is wrong with a body: `{path: rule}`."""
    with pytest.raises(Invalid) as refusal:
        validate(COUNTRY, body)
    return {detail.field: detail.message for detail in refusal.value.details}


def wrong_cases():
    yield from ((field, value) for field in TEXTS for value in WRONG_TEXT)
    yield from ((field, value) for field in NUMBERS for value in WRONG_NUMBER)
    yield from ((field, value) for field in WHOLE for value in WRONG_WHOLE)
    yield from ((field, value) for field in BOOLEANS for value in WRONG_BOOLEAN)
    yield from ((field, value) for field in LISTS for value in WRONG_LIST)
    yield from ((field, value) for field, values in WRONG_VALUES.items() for value in values)
    yield from ((field, None) for field in (*GOOD, "dated"))


def test_the_good_one_covers_every_field_and_is_kept_as_sent():
    assert GOOD.keys() | SERVER_MADE.keys() == set(COUNTRY.fields)
    assert validate(COUNTRY, GOOD) == GOOD


def test_a_name_is_enough():
    assert validate(COUNTRY, {"name": "X"}) == {"name": "X"}


@pytest.mark.parametrize(("field", "value"), list(wrong_cases()))
def test_a_wrong_value_is_refused_by_its_path(field, value):
    found = faults({"name": "X"} | {field: value})
    assert found
    assert all(path == field or path.startswith(f"{field}.") for path in found)
    assert all(rule.startswith(("must ", "is ")) for rule in found.values()), found


@pytest.mark.parametrize(("field", "bounds"), [*NUMBERS.items(), *WHOLE.items()])
def test_bounds_are_held_and_named(field, bounds):
    least, most = bounds
    assert validate(COUNTRY, {"name": "X", field: least})[field] == least
    assert faults({"name": "X", field: least - 1}) == {field: f"must be at least {least}"}
    if most is not None:
        assert validate(COUNTRY, {"name": "X", field: most})[field] == most
        assert field in faults({"name": "X", field: most + 1})


@pytest.mark.parametrize("number", [513120, 513120.0, 0, 0.5, 2**53, 1e15])
def test_a_number_keeps_the_type_it_was_sent_as(number):
    kept = validate(COUNTRY, {"name": "X", "area": number})["area"]
    assert type(kept) is type(number)
    assert kept == number


@pytest.mark.parametrize("field", ["population", "population_year", "gini_year"])
def test_a_whole_number_may_be_written_with_a_point(field):
    kept = validate(COUNTRY, {"name": "X", field: 2025.0})[field]
    assert (type(kept), kept) == (int, 2025)


@pytest.mark.parametrize("body", [None, [], [GOOD], "x", 5, 1.5, True])
def test_a_body_is_an_object(body):
    assert faults(body) == {}


@pytest.mark.parametrize(
    "body", [{}, {"dated": {}}, {"dated": {"area": []}}, {"dated": 5}, {"dated": None}, {"id": 1}]
)
def test_a_name_is_required(body):
    assert faults(body)["name"] == "is required"


def test_every_fault_is_told_at_once():
    body = {
        "area": -1,
        "alpha2": "x",
        "borders": ["TH", "?"],
        "capitals": [{"name": ""}],
        "populaton": 5,
        "gini": None,
    }
    found = faults(body)
    assert found.keys() == {
        "name",
        "area",
        "alpha2",
        "borders.1",
        "capitals.0.name",
        "capitals.0.roles",
        "populaton",
        "gini",
    }
    assert found["populaton"] == 'is not a field; did you mean "population"?'
    assert found["gini"] == "must not be null; leave the field out where nothing is known"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("Name", "name"), ("capitol", "capital"), ("alpha_2", "alpha2"), ("currency", "currencies")],
)
def test_an_unknown_field_is_told_with_the_nearest(wrong, right):
    assert f'"{right}"' in faults({"name": "X", wrong: 1})[wrong]


@pytest.mark.parametrize("name", ["qqqq", "", "../../etc/passwd", "__proto__", "a" * 10_000])
def test_an_unknown_field_near_nothing_is_pointed_to_extra(name):
    assert (
        faults({"name": "X", name: 1})[name]
        == "is not a field; attributes of your own go under extra"
    )
    assert validate(COUNTRY, {"name": "X", "extra": {name: 1}})["extra"] == {name: 1}


@pytest.mark.parametrize("field", SERVER_MADE)
@pytest.mark.parametrize("value", [None, 5, "x", [], {"deep": [1]}])
def test_server_made_fields_are_ignored(field, value):
    assert validate(COUNTRY, {"name": "X", field: value}) == {"name": "X"}


def test_server_made_names_of_codes_are_ignored():
    body = {"name": "X", "currencies": [{"code": "EUR", "name": 5, "symbol": None}]}
    body["languages"] = [{"code": "fr", "official": True, "name": "French"}]
    kept = validate(COUNTRY, body | {"dated": {"extra.x": [{"value": None}]}})
    assert kept["currencies"] == [{"code": "EUR"}]
    assert kept["languages"] == [{"code": "fr", "official": True}]


def test_containers_that_hold_nothing_are_not_kept():
    assert validate(COUNTRY, {"name": "X", "extra": {}, "dated": {"area": []}}) == {"name": "X"}
    assert validate(COUNTRY, {"name": "X", "currencies": [], "borders": []}) == {
        "name": "X",
        "currencies": [],
        "borders": [],
    }


@pytest.mark.parametrize("field", sorted(set(GOOD) - COUNTRY.undated))
def test_every_field_can_be_dated_and_is_checked_as_itself(field):
    timeline = [{"value": GOOD[field], "from": "1900", "to": "2000-06"}]
    name = {} if field == "name" else {"name": "X"}
    assert validate(COUNTRY, name | {"dated": {field: timeline}})["dated"] == {field: timeline}
    found = faults(name | {"dated": {field: [timeline[0], {"value": None, "from": "2001"}]}})
    assert found == {
        f"dated.{field}.1.value": "must not be null; leave the field out where nothing is known"
    }


@pytest.mark.parametrize("field", [*sorted(COUNTRY.undated), "nme", "extra", "", "Extra.x"])
def test_only_fields_can_be_dated(field):
    assert f"dated.{field}" in faults({"name": "X", "dated": {field: [{"value": "1"}]}})


@pytest.mark.parametrize(
    ("dated", "paths"),
    [
        ({"population": [{"value": 1, "from": "1999-02-30"}]}, {"population.0.from"}),
        ({"gini": [{"value": 1, "until": "2000"}]}, {"gini.0.until"}),
        (
            {"currencies": [{"value": [{"code": "BGN"}, {"code": "eur"}]}]},
            {"currencies.0.value.1.code"},
        ),
        (
            {"area": [{"value": 1, "from": "2001"}, {"value": "2", "from": "2000"}]},
            {"area.1.value", "area.1.from"},
        ),
        ({"area": [{"value": 1, "from": "2001", "to": "2001-01-01"}]}, {"area.0.to"}),
        ({"area": [{"value": 1}, {"value": 2, "from": "2001"}]}, {"area.1.from"}),
        (
            {"area": [{"from": "2001"}], "gini": [{"value": 1, "source": ""}]},
            {"area.0.value", "gini.0.source"},
        ),
    ],
)
def test_the_path_leads_into_a_timeline(dated, paths):
    assert faults({"name": "X", "dated": dated}).keys() == {f"dated.{path}" for path in paths}


def test_the_users_own_values_are_free_in_a_timeline():
    dated = {
        "extra.ruler": [
            {"value": None, "to": "1900"},
            {"value": {"any": ["thing"]}, "from": "1900"},
        ]
    }
    assert validate(COUNTRY, {"name": "X", "dated": dated})["dated"] == dated


def test_periods_are_bounded_in_number():
    years = [
        {"value": year, "from": str(year), "to": str(year + 1)}
        for year in range(1000, 1000 + MOST_PERIODS)
    ]
    assert validate(COUNTRY, {"name": "X", "dated": {"extra.x": years}})
    assert faults({"name": "X", "dated": {"extra.x": years, "extra.y": years[:1]}}).keys() == {
        "dated"
    }


@pytest.mark.parametrize(
    "many",
    [lambda count: {str(place): 1 for place in range(count)}, lambda count: {"a": [1] * count}],
)
def test_custom_attributes_are_bounded_in_number(many):
    assert validate(COUNTRY, {"name": "X", "extra": many(MOST_EXTRA)})
    assert faults({"name": "X", "extra": many(MOST_EXTRA + 1)}).keys() == {"extra"}


@pytest.mark.parametrize(
    ("document", "paths"),
    [
        ({"name": "X", "dated": {"name": [{"value": "Y"}]}}, {"dated.name"}),
        ({"name": "X", "extra": {"a": 1}, "dated": {"extra.a": [{"value": 2}]}}, {"dated.extra.a"}),
        ({"name": "X", "capital": "A", "dated": {"capitals": [{"value": []}]}}, {"capital"}),
        ({"name": "X", "from": "2000", "to": "2000-01"}, {"to"}),
        ({"dated": {"name": [{"value": "X", "from": "1900"}]}}, {"name"}),
        ({"name": "X", "extra": {"a": 1}, "dated": {"extra.b": [{"value": 2}]}}, set()),
        ({"from": "1950", "dated": {"name": [{"value": "X", "from": "1900"}]}}, set()),
    ],
)
def test_fields_must_agree_with_each_other(document, paths):
    assert {detail.field for detail in check_whole(COUNTRY, document)} == paths


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patch_as_in_appendix_a_of_rfc_7396(target, patch, result):
    assert merge(target, patch) == result


def test_declarations_agree():
    assert set(COUNTRY.light) <= set(COUNTRY.fields) <= set(COUNTRY.catalog.names)
    assert set(COUNTRY.unique) <= set(COUNTRY.fields)
    assert {"currencies.code", "capitals.roles", "postal_code.regex"} <= set(COUNTRY.catalog.names)
    assert all(
        field.description for name, field in Country.model_fields.items() if name not in SERVER_MADE
    )


def test_hints_are_only_given_for_near_misses():
    assert nearest("aera", COUNTRY.fields) == '; did you mean "area"?'
    assert nearest("zzzz", COUNTRY.fields) == ""


@given(
    st.dictionaries(
        st.sampled_from(COUNTRY.fields),
        st.one_of(st.none(), st.integers(), st.text(), st.lists(st.text())),
    )
)
def test_any_body_is_kept_or_refused_and_what_is_kept_is_kept_again(body):
    try:
        kept = validate(COUNTRY, body)
    except Invalid:
        assert faults(body)
    else:
        assert validate(COUNTRY, kept) == kept


@pytest.mark.parametrize(
    "text",
    ["Thai\u200bland", "\u202eThailand", "a\u2066b", "Thai\xadland", "\ufeffThailand", "\u200b", "Thailand\u200f",
     "\u3164", "Thailand\U000e0041", "a\u2028b", "Та\u200dи",
     "Thai\u034fland", "Thai\u17b4land", "\u2800", "Thai\ufff9land", "Thai\ufe0fland", "Thai\U0001d173land"],
)  # fmt: skip
def test_text_that_looks_like_another_is_refused(text):
    with pytest.raises(PydanticCustomError, match="invisible"):
        check_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "جوهر\u200e",
        "ශ්\u200dරී ලංකා",
        "ایران\u200cها",
        "Côte d’Ivoire",
        "🏴\u200d☠",
        "🏴\u200d☠\ufe0f",
        "ᠮᠣᠩᠭᠣᠯ\u180b",
    ],
)
def test_joiners_stay_where_scripts_need_them(text):
    assert check_text(text) == text
