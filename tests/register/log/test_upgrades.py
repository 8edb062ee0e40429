"""What a newer dataset changes of one record, field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrafirma.register.log.upgrades import (
    DELETED,
    DROPPED,
    EDITED,
    PRESENT,
    KeptEdit,
    ThreeWay,
    decide,
)
from terrafirma.register.model.canonical_json import same

LEADERS = {"population_year": "population", "capitals": "capital"}
OLD = {
    "id": 1,
    "name": "Thailand",
    "area": 1,
    "population": 10,
    "population_year": 2020,
    "extra": {"note": "a"},
}


def test_what_nobody_changed_here_becomes_the_datasets():
    offered = {
        "id": 7,
        "name": "Siam",
        "area": 1,
        "driving_side": "left",
        "extra": {"note": "b", "more": 1},
    }
    decision = decide(ThreeWay(OLD, OLD, offered), LEADERS)
    assert decision.after == {key: value for key, value in offered.items() if key != "id"}
    assert decision.kept == []


def test_what_was_changed_here_stays_and_is_told_where_the_dataset_changed_it_too():
    current = OLD | {"area": 2, "population": 11}
    offered = OLD | {"area": 3, "name": "Siam"}
    decision = decide(ThreeWay(OLD, current, offered), LEADERS)
    assert decision.after["area"] == 2
    assert decision.after["population"] == 11
    assert decision.after["name"] == "Siam"
    assert decision.kept == [KeptEdit("area", EDITED)]


def test_a_change_that_both_made_alike_is_no_conflict():
    changed = OLD | {"area": 2}
    assert decide(ThreeWay(OLD, changed, changed), LEADERS).kept == []


def test_a_follower_goes_where_its_leader_goes():
    current = OLD | {"population": 11}
    offered = OLD | {"population": 12, "population_year": 2026}
    decision = decide(ThreeWay(OLD, current, offered), LEADERS)
    assert (decision.after["population"], decision.after["population_year"]) == (11, 2020)
    assert decision.kept == [KeptEdit("population", EDITED)]


def test_a_field_that_either_removed():
    without = {key: value for key, value in OLD.items() if key != "area"}
    assert "area" not in decide(ThreeWay(OLD, OLD, without), LEADERS).after
    assert "area" not in decide(ThreeWay(OLD, without, OLD), LEADERS).after
    decision = decide(ThreeWay(OLD, without, OLD | {"area": 5}), LEADERS)
    assert "area" not in decision.after
    assert decision.kept == [KeptEdit("area", EDITED)]
    decision = decide(ThreeWay(OLD, OLD | {"area": 5}, without), LEADERS)
    assert decision.after["area"] == 5
    assert decision.kept == [KeptEdit("area", EDITED)]


def test_a_timeline_is_compared_with_the_plain_value_of_its_field():
    dated = {"area": [{"value": 1, "to": "2026"}, {"value": 2, "from": "2026"}]}
    timed = {key: value for key, value in OLD.items() if key != "area"} | {"dated": dated}
    assert decide(ThreeWay(OLD, OLD, timed), LEADERS).after["dated"] == dated
    assert decide(ThreeWay(timed, timed, OLD), LEADERS).after.get("dated") is None
    decision = decide(ThreeWay(OLD, timed, OLD | {"area": 3}), LEADERS)
    assert decision.after["dated"] == dated
    assert "area" not in decision.after
    assert decision.kept == [KeptEdit("area", EDITED)]


def test_one_fact_in_two_spellings_stays_one():
    listed = {"id": 1, "name": "X", "capitals": [{"name": "A"}]}
    spelled = {"id": 1, "name": "X", "capital": "B"}
    decision = decide(ThreeWay(listed, spelled, listed | {"capitals": [{"name": "C"}]}), LEADERS)
    assert decision.after == {"name": "X", "capital": "B"}
    assert decision.kept == [KeptEdit("capital", EDITED)]


def test_names_are_compared_one_by_one():
    origin, current, offered = (
        {"names": names} for names in ({"de": "A", "fr": "B"}, {"de": "Z", "fr": "B"}, {})
    )
    decision = decide(ThreeWay(origin, current, offered), {})
    assert decision.after == {"names": {"de": "Z"}}
    assert decide(ThreeWay(origin, origin, offered), {}).after == {"names": {}}


def test_records_come_and_go():
    changed = OLD | {"area": 2}
    assert decide(ThreeWay(None, None, OLD), {}).after == {
        key: value for key, value in OLD.items() if key != "id"
    }
    assert decide(ThreeWay(OLD, OLD, None), {}) == (None, [])
    assert decide(ThreeWay(OLD, None, OLD), {}) == (None, [])
    assert decide(ThreeWay(OLD, None, None), {}) == (None, [])
    assert decide(ThreeWay(OLD, None, changed), {}).kept == [KeptEdit("", DELETED)]
    assert decide(ThreeWay(OLD, changed, None), {}).kept == [KeptEdit("", DROPPED)]
    assert decide(ThreeWay(None, changed, OLD), {}).kept == [KeptEdit("", PRESENT)]


values = st.integers(0, 3)
documents = st.builds(
    lambda plain, extra, dated: (
        plain | ({"extra": extra} if extra else {}) | ({"dated": dated} if dated else {})
    ),
    st.dictionaries(st.sampled_from(["area", "population", "population_year"]), values),
    st.dictionaries(st.sampled_from(["a", "b.c"]), values),
    st.dictionaries(st.sampled_from(["gini", "extra.d"]), st.lists(values, min_size=1)),
)


@given(documents, documents, documents)
def test_laws(origin, current, offered):
    assert same(decide(ThreeWay(origin, origin, offered), LEADERS).after, offered)
    assert same(decide(ThreeWay(origin, current, origin), LEADERS).after, current)
    assert decide(ThreeWay(origin, current, origin), LEADERS).kept == []
    once = decide(ThreeWay(origin, current, offered), LEADERS)
    assert same(decide(ThreeWay(offered, once.after, offered), LEADERS).after, once.after)


@pytest.mark.parametrize("held", [["area"], ["population"]])
def test_a_part_that_is_held_stays(held):
    offered = OLD | {"area": 5, "population": 6}
    decision = decide(ThreeWay(OLD, OLD, offered), LEADERS, held)
    assert decision.after[held[0]] == OLD[held[0]]
    assert decision.kept == []
