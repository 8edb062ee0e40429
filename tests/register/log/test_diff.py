"""Differences: field by field, on the days on which something else is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrafirma.register.log.diff import compare, compare_on
from terrafirma.register.model.canonical_json import same
from terrafirma.register.model.timelines import BEGINNING, FOREVER, fields_on

LEV, EURO = [{"code": "BGN"}], [{"code": "EUR"}]


def dated(**timelines):
    return {"id": 1, "name": "A", "dated": timelines}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"id": 1, "area": 1}, {"id": 1, "area": 1}, []),
        ({"area": 1}, {"area": 2}, [{"field": "area", "before": 1, "after": 2}]),
        ({"area": 1}, {"area": 1.0}, [{"field": "area", "before": 1, "after": 1.0}]),
        ({}, {"area": 2}, [{"field": "area", "after": 2}]),
        ({"area": 1}, {}, [{"field": "area", "before": 1}]),
        (None, {"id": 1, "name": "A"}, [{"field": "name", "after": "A"}]),
        ({"id": 1, "name": "A"}, None, [{"field": "name", "before": "A"}]),
        (None, None, []),
        (
            {"borders": ["KH"]},
            {"borders": ["KH", "LA"]},
            [{"field": "borders", "before": ["KH"], "after": ["KH", "LA"]}],
        ),
        (
            {"postal_code": {"format": "#####", "regex": "x"}},
            {"postal_code": {"format": "####"}},
            [
                {"field": "postal_code.format", "before": "#####", "after": "####"},
                {"field": "postal_code.regex", "before": "x"},
            ],
        ),
        ({"postal_code": {"format": "#"}}, {}, [{"field": "postal_code", "before": {"format": "#"}}]),
        (
            {"extra": {"a": 1, "b": {"c": None}}},
            {"extra": {"b": {"c": False}, "d": []}},
            [
                {"field": "extra.a", "before": 1},
                {"field": "extra.b.c", "before": None, "after": False},
                {"field": "extra.d", "after": []},
            ],
        ),
        ({"names": {"de": "A", "fr": "B"}}, {"names": {"de": "C", "fr": "B"}},
         [{"field": "names.de", "before": "A", "after": "C"}]),
    ],
)  # fmt: skip
def test_plain_fields(before, after, expected):
    assert same(compare(before, after), expected)


def test_a_value_that_becomes_dated_differs_only_on_the_days_on_which_it_does():
    before = {"id": 1, "name": "A", "currencies": LEV}
    after = dated(currencies=[{"value": LEV, "to": "2026"}, {"value": EURO, "from": "2026"}])
    assert compare(before, after) == [
        {"field": "currencies", "from": "2026-01-01", "before": LEV, "after": EURO}
    ]
    assert compare(after, before) == [
        {"field": "currencies", "from": "2026-01-01", "before": EURO, "after": LEV}
    ]


def test_each_stretch_of_days_is_told_once():
    before = dated(
        capital=[{"value": "X", "from": "1990", "to": "2000"}, {"value": "Y", "from": "2000"}]
    )
    after = dated(
        capital=[{"value": "Z", "from": "1980", "to": "2010"}, {"value": "Y", "from": "2010"}]
    )
    assert compare(before, after) == [
        {"field": "capital", "from": "1980-01-01", "to": "1990-01-01", "after": "Z"},
        {"field": "capital", "from": "1990-01-01", "to": "2000-01-01", "before": "X", "after": "Z"},
        {"field": "capital", "from": "2000-01-01", "to": "2010-01-01", "before": "Y", "after": "Z"},
    ]


def test_what_a_period_is_cut_into_or_how_its_days_are_written_is_no_difference():
    before = dated(
        area=[{"value": 1, "from": "1990", "to": "2000-01"}, {"value": 1, "from": "2000-01-01"}]
    )
    assert compare(before, dated(area=[{"value": 1, "from": "1990-01-01"}])) == []


def test_who_says_so_is_a_difference_of_its_own():
    before = dated(area=[{"value": 1, "from": "1990", "source": "a"}])
    after = dated(
        area=[
            {"value": 1, "from": "1990", "to": "2000", "source": "b"},
            {"value": 2, "from": "2000"},
        ]
    )
    assert compare(before, after) == [
        {"field": "area", "from": "2000-01-01", "before": 1, "after": 2},
        {
            "field": "dated.area.source",
            "from": "1990-01-01",
            "to": "2000-01-01",
            "before": "a",
            "after": "b",
        },
        {"field": "dated.area.source", "from": "2000-01-01", "before": "a"},
    ]


def test_of_one_day_only_what_the_two_say_of_it():
    before = {"id": 1, "name": "A", "from": "1950", "currencies": LEV}
    after = dated(currencies=[{"value": LEV, "to": "2026"}, {"value": EURO, "from": "2026"}])
    assert compare_on(before, after, "2025-12-31") == [{"field": "from", "before": "1950"}]
    assert [each["field"] for each in compare_on(before, after, "2026-01-01")] == [
        "currencies",
        "from",
    ]
    assert [each["field"] for each in compare_on(before, after, "1949-12-31")] == [
        "currencies",
        "name",
    ]
    assert compare_on(None, None, "2020-01-01") == []


YEARS = st.lists(st.integers(1900, 1999), min_size=2, max_size=8, unique=True).map(sorted)


@st.composite
def timelines(draw):
    years = draw(YEARS)
    periods = [
        {"value": draw(st.integers(0, 2)), "from": str(start), "to": str(end)}
        for start, end in zip(years[::2], years[1::2], strict=False)
    ]
    if draw(st.booleans()):
        periods[-1].pop("to")
    return draw(
        st.sampled_from([{"id": 1, "dated": {"area": periods}}, {"id": 1, "area": 1}, {"id": 1}])
    )


@given(timelines(), timelines())
def test_differences_lead_from_one_to_the_other_on_every_day(before, after):
    """On each day the field says what the difference says, and where there is none, both say the same."""
    found = compare(before, after)
    for year in range(1899, 2002):
        day = f"{year}-01-01"
        old, new = (fields_on(document, day) for document in (before, after))
        said = [
            each for each in found if each.get("from", BEGINNING) <= day < each.get("to", FOREVER)
        ]
        assert len(said) == (old != new)
        for each in said:
            assert (each.get("before"), each.get("after")) == (old.get("area"), new.get("area"))
