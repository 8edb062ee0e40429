"""`capital` and `capitals`: one fact in two spellings, of which exactly one is stored."""

import pytest

from terrafirma.errors import Invalid
from terrafirma.register.model.capitals import Capitals

PRETORIA = {"name": "Pretoria", "roles": ["executive"], "latitude": -25.7}
CAPE_TOWN = {"name": "Cape Town", "roles": ["legislative"]}
SOUTH_AFRICA = [PRETORIA, CAPE_TOWN]


def test_the_name_alone_is_stored_where_no_list_is_known():
    assert Capitals().choose({"name": "X", "capital": "A"}, {}) == {"name": "X", "capital": "A"}


def test_the_list_is_stored_where_both_agree():
    both = {"capital": "Pretoria", "capitals": SOUTH_AFRICA}
    assert Capitals().choose(both, {}) == {"capitals": SOUTH_AFRICA}


def test_both_must_agree():
    with pytest.raises(Invalid) as refusal:
        Capitals().choose({"capital": "Cape Town", "capitals": SOUTH_AFRICA}, {})
    assert [detail.field for detail in refusal.value.details] == ["capital"]
    assert "Pretoria" in refusal.value.details[0].message


def test_a_name_that_is_first_already_keeps_the_list():
    assert Capitals().choose({"capital": "Pretoria"}, {"capitals": SOUTH_AFRICA}) == {
        "capitals": SOUTH_AFRICA
    }


@pytest.mark.parametrize("name", ["Cape Town", "pretoria", "Pretoria "])
def test_another_name_replaces_the_list(name):
    assert Capitals().choose({"capital": name}, {"capitals": SOUTH_AFRICA}) == {"capital": name}


def test_silence_is_silence():
    assert Capitals().choose({"name": "X"}, {"capitals": SOUTH_AFRICA}) == {"name": "X"}


def test_alignment_turns_names_into_lists_only_where_one_is_a_list():
    names = {"capital": "A"}, {"capital": "B"}
    assert Capitals().align(*names) == names
    stored, wanted = Capitals().align(
        {"dated": {"capital": [{"value": "A", "to": "2000"}]}}, {"capitals": SOUTH_AFRICA}
    )
    assert stored == {"dated": {"capitals": [{"value": [{"name": "A"}], "to": "2000"}]}}
    assert wanted == {"capitals": SOUTH_AFRICA}


def test_names_that_nothing_was_said_beside_come_back_as_names():
    document = {
        "dated": {
            "capitals": [{"value": [{"name": "A"}], "to": "2000"}, {"value": [{"name": "B"}]}]
        }
    }
    assert Capitals().restore(document) == {
        "dated": {"capital": [{"value": "A", "to": "2000"}, {"value": "B"}]}
    }


def test_a_timeline_with_a_list_in_it_is_a_timeline_of_lists():
    document = {
        "dated": {"capitals": [{"value": [{"name": "A"}], "to": "2000"}, {"value": SOUTH_AFRICA}]}
    }
    values = [period["value"] for period in Capitals().restore(document)["dated"]["capitals"]]
    assert values == [[{"name": "A", "roles": []}], SOUTH_AFRICA]
