"""Valid time: what held on a day, and what an edit of one day does to the others."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrafirma.register.model.canonical_json import encode, same
from terrafirma.register.model.timelines import (
    ABSENT,
    BEGINNING,
    FOREVER,
    amend,
    at,
    covers,
    ends,
    faults_of,
    fields_on,
    flatten,
    join,
    nest,
    overlay,
    render,
    span_on,
    starts,
)

LEV, EURO = [{"code": "BGN"}], [{"code": "EUR"}]
BULGARIA = {
    "id": 34,
    "name": "Bulgaria",
    "dated": {
        "currencies": [
            {"value": LEV, "from": "1999-07-05", "to": "2026-01-01"},
            {"value": EURO, "from": "2026-01-01", "source": "ECB"},
        ]
    },
}

DAYS = st.integers(0, 60).map(lambda days: (date(2000, 1, 1) + timedelta(days)).isoformat())
VALUES = st.one_of(st.integers(-3, 3), st.sampled_from([1.0, True, "a", [], {"b": 1}]))
NAMES = st.sampled_from(["area", "population", "region", "extra.mine", "extra.yours"])


@st.composite
def timelines(draw):
    """A sorted timeline without overlaps, its ends open or not."""
    cuts = sorted(draw(st.sets(DAYS, min_size=1, max_size=6)))
    bounds = [None, *cuts, None]
    periods = []
    for start, end in itertools.pairwise(bounds):
        if draw(st.booleans()):
            period = {"value": draw(VALUES)}
            period |= {"from": start} if start else {}
            period |= {"to": end} if end else {}
            periods.append(period)
    return periods


@st.composite
def documents(draw):
    """A stored document: every field plain or dated, never both."""
    dated = draw(st.dictionaries(NAMES, timelines().filter(bool), max_size=4))
    plain = draw(st.dictionaries(NAMES, VALUES, max_size=4))
    document = nest(
        {name: value for name, value in plain.items() if name not in dated} | {"name": "Nowhere"}
    )
    return document | ({"dated": dated} if dated else {})


def wanted_fields():
    return st.dictionaries(NAMES, VALUES, max_size=4).map(
        lambda fields: fields | {"name": "Nowhere"}
    )


ANY_DAY = st.integers(-5, 70).map(lambda days: (date(2000, 1, 1) + timedelta(days)).isoformat())


@pytest.mark.parametrize(
    ("day", "currencies"),
    [
        ("1999-07-04", None),
        ("1999-07-05", "BGN"),
        ("2025-12-31", "BGN"),
        ("2026-01-01", "EUR"),
        ("9999-12-30", "EUR"),
    ],
)
def test_periods_hold_from_their_first_day_until_the_day_before_their_last(day, currencies):
    held = at(BULGARIA, day).get("currencies")
    assert (held and held[0]["code"]) == currencies


def test_at_derives_and_leaves_the_document_alone():
    document = {
        "name": "X",
        "alpha2": "TH",
        "currencies": [{"code": "THB"}],
        "capitals": [{"name": "A", "roles": []}],
    }
    before = encode(document)
    state = at(document, "2026-01-01")
    assert state["flag"] == "🇹🇭"
    assert state["capital"] == "A"
    assert state["currencies"][0]["name"]
    assert "dated" not in state
    assert encode(document) == before


def test_partial_dates_compare_as_their_first_day():
    document = {"name": "X", "dated": {"area": [{"value": 1, "from": "1999", "to": "1999-07"}]}}
    assert "area" not in at(document, "1998-12-31")
    assert at(document, "1999-01-01")["area"] == 1
    assert at(document, "1999-06-30")["area"] == 1
    assert "area" not in at(document, "1999-07-01")


def test_render_cuts_at_every_change_and_stays_within_the_life():
    states = render(BULGARIA | {"from": "2000", "to": "2030"})
    assert [(start, end) for start, end, _ in states] == [
        ("2000-01-01", "2026-01-01"),
        ("2026-01-01", "2030-01-01"),
    ]


def test_render_joins_states_that_say_the_same():
    document = {
        "name": "X",
        "dated": {"area": [{"value": 1, "to": "2001"}, {"value": 1, "from": "2001"}]},
    }
    assert [(start, end) for start, end, _ in render(document)] == [(BEGINNING, FOREVER)]


def test_effective_opens_a_period_and_closes_the_one_before():
    after = amend({"name": "X", "area": 1}, {"name": "X", "area": 2}, "2020-05-01", True)
    assert after == {
        "name": "X",
        "dated": {"area": [{"value": 1, "to": "2020-05-01"}, {"value": 2, "from": "2020-05-01"}]},
    }


def test_effective_ends_where_the_next_period_begins():
    after = amend(BULGARIA, flatten(BULGARIA) | {"currencies": EURO}, "2020-01-01", True)
    assert [(starts(period), ends(period)) for period in after["dated"]["currencies"]] == [
        ("1999-07-05", "2020-01-01"),
        ("2020-01-01", FOREVER),
    ]


def test_correction_changes_the_period_around_the_day_only():
    new = [{"code": "XTS"}]
    after = amend(BULGARIA, flatten(BULGARIA) | {"currencies": new}, "2010-01-01", False)
    assert after["dated"]["currencies"] == [
        {"value": new, "from": "1999-07-05", "to": "2026-01-01"},
        BULGARIA["dated"]["currencies"][1],
    ]


def test_a_fact_can_end_without_a_successor_and_begin_after_a_gap():
    ended = amend({"name": "X", "area": 1}, {"name": "X"}, "2020-01-01", True)
    assert ended["dated"]["area"] == [{"value": 1, "to": "2020-01-01"}]
    again = amend(ended, {"name": "X", "area": 3}, "2024-01-01", True)
    assert again["dated"]["area"] == [
        {"value": 1, "to": "2020-01-01"},
        {"value": 3, "from": "2024-01-01"},
    ]


def test_life_itself_is_never_dated():
    after = amend({"name": "X", "from": "1900"}, {"name": "X", "from": "1901"}, "2020-01-01", True)
    assert after == {"name": "X", "from": "1901"}


def test_join_keeps_what_stands_beside_a_value_and_does_not_bridge_gaps():
    touching = [
        {"value": 1, "to": "2001", "source": "a"},
        {"value": 1, "from": "2001-01-01", "to": "2002"},
    ]
    assert join(touching) == [{"value": 1, "source": "a", "to": "2002"}]
    apart = [{"value": 1, "to": "2001"}, {"value": 1, "from": "2002"}]
    assert join(apart) == apart
    different = [{"value": 1, "to": "2001"}, {"value": 1.0, "from": "2001"}]
    assert join(different) == different


def test_overlay_splits_a_period_and_keeps_its_source():
    timeline = [{"value": 1, "from": "2000", "to": "2010", "source": "s"}]
    assert overlay(timeline, 2, "2003", "2004") == [
        {"value": 1, "from": "2000", "to": "2003", "source": "s"},
        {"value": 2, "from": "2003", "to": "2004"},
        {"value": 1, "from": "2004", "to": "2010", "source": "s"},
    ]
    assert overlay(timeline, ABSENT, None, None) == []


@pytest.mark.parametrize(
    ("day", "span"),
    [
        ("1999-01-01", (None, "2000")),
        ("2005-01-01", ("2000", "2010")),
        ("2010-01-01", ("2010", None)),
    ],
)
def test_span_is_the_period_or_the_gap_as_written(day, span):
    assert span_on([{"value": 1, "from": "2000", "to": "2010"}], day) == span


def test_faults_name_the_period_and_the_bound():
    timeline = [
        {"value": 1, "from": "2000", "to": "2005"},
        {"value": 2, "from": "2004"},
        {"value": 3, "to": "2003"},
    ]
    assert [path for path, _ in faults_of("area", timeline)] == [
        "dated.area.1.from",
        "dated.area.2.from",
    ]
    assert [
        path for path, _ in faults_of("area", [{"value": 1, "from": "2000", "to": "2000-01-01"}])
    ] == ["dated.area.0.to"]
    assert faults_of("area", [{"value": 1, "to": "2000"}, {"value": 2, "from": "2000"}]) == []


@pytest.mark.parametrize(
    ("timeline", "whole"),
    [
        ([], False),
        ([{"value": "X"}], True),
        ([{"value": "X", "to": "2000"}, {"value": "Y", "from": "2000"}], True),
        ([{"value": "X", "to": "2000"}, {"value": "Y", "from": "2001"}], False),
        ([{"value": "X", "from": "1950"}], False),
        ([{"value": "X", "to": "2050"}], False),
    ],
)
def test_covers_asks_for_every_day_of_an_endless_life(timeline, whole):
    assert covers(timeline, {}) is whole


def test_covers_asks_for_no_more_than_the_life():
    assert covers([{"value": "X", "from": "1900", "to": "2000"}], {"from": "1950", "to": "1990"})
    assert not covers(
        [{"value": "X", "from": "1900", "to": "2000"}], {"from": "1950", "to": "2001"}
    )


@given(documents())
def test_render_is_sorted_gapless_and_says_what_at_says(document):
    states = render(document)
    assert states[0][0] == BEGINNING
    assert states[-1][1] == FOREVER
    assert all(
        one[1] == two[0] and not same(one[2], two[2]) for one, two in itertools.pairwise(states)
    )
    for start, end, state in states:
        assert start < end
        assert same(at(document, start), state)


@given(documents(), wanted_fields(), ANY_DAY, st.booleans())
def test_after_an_edit_the_day_says_what_was_wanted(document, wanted, day, effective):
    assert same(fields_on(amend(document, wanted, day, effective), day), wanted)


@given(documents(), wanted_fields(), ANY_DAY, ANY_DAY)
def test_a_correction_changes_no_day_outside_the_period_around_it(document, wanted, day, other):
    after = amend(document, wanted, day, False)
    before_there, after_there = fields_on(document, other), fields_on(after, other)
    for name in before_there.keys() | after_there.keys():
        start, end = span_on(document.get("dated", {}).get(name, []), day)
        inside = (start is None or start <= other) and (end is None or other < end)
        if not inside:
            assert same(before_there.get(name), after_there.get(name))


@given(documents(), wanted_fields(), ANY_DAY, ANY_DAY)
def test_an_effective_edit_changes_no_day_before_it(document, wanted, day, other):
    if other < day:
        after = amend(document, wanted, day, True)
        assert same(fields_on(after, other), fields_on(document, other))


@given(documents(), wanted_fields(), ANY_DAY, st.booleans())
def test_an_edit_leaves_a_document_that_is_well_formed(document, wanted, day, effective):
    after = amend(document, wanted, day, effective)
    for name, timeline in after.get("dated", {}).items():
        assert timeline
        assert faults_of(name, timeline) == []
        assert name not in flatten(after)
        assert not (len(timeline) == 1 and timeline[0].keys() == {"value"})


@given(documents(), ANY_DAY, st.booleans())
def test_saying_again_what_holds_changes_nothing(document, day, effective):
    assert same(amend(document, fields_on(document, day), day, effective), document) or any(
        len(timeline) == 1 and timeline[0].keys() == {"value"}
        for timeline in document["dated"].values()
    )


@given(documents())
def test_nest_undoes_flatten(document):
    plain = {name: value for name, value in document.items() if name != "dated"}
    assert same(nest(flatten(document)), plain)


@given(timelines(), VALUES, DAYS, DAYS)
def test_overlay_says_the_value_inside_and_the_old_ones_outside(timeline, value, one, other):
    start, end = min(one, other), max(one, other)
    if start < end:
        after = {"dated": {"area": overlay(timeline, value, start, end)}}
        assert faults_of("area", after["dated"]["area"]) == []
        for day in ("1999-01-01", start, end, "2000-01-31"):
            expected = (
                {"area": value}
                if start <= day < end
                else fields_on({"dated": {"area": timeline}}, day)
            )
            assert same(fields_on(after, day), expected)
