"""The table of wrong facts: none of them is ours, and a source that has facts wrong is counted."""

import tomllib
from copy import deepcopy

from terrafirma.dataset.compare import JUDGED, count_wrong, read_own, write_table
from tests.dataset.test_facts import VAGUE


def test_no_judged_fact_is_wrong_here() -> None:
    counts = count_wrong(read_own())
    assert [field for field, (wrong, _) in counts.items() if wrong] == []
    assert sum(judged for _, judged in counts.values()) > 280


def test_every_judged_fact_has_a_source_and_a_verdict() -> None:
    facts = [fact for each in tomllib.loads(JUDGED.read_text()).values() for fact in each.values()]
    assert len(facts) > 80
    assert all(fact["source"] and fact.keys() & {"right", "has", "lacks"} for fact in facts)
    assert [fact["source"] for fact in facts if VAGUE.search(fact["source"])] == []


def test_what_is_wrong_is_counted_by_field() -> None:
    other = deepcopy(dict(read_own()))
    other["BG"]["currencies"] = ["BGN"]
    other["TR"]["name"] = "Turkey"
    other["MD"]["population"] = 3_578_930
    del other["KZ"]["capital"]
    counts = count_wrong(other)
    assert [counts[field][0] for field in ("currencies", "name", "population", "borders")] == [
        1, 1, 1, 0,
    ]  # fmt: skip
    assert counts["capital"][1] == count_wrong(read_own())["capital"][1] - 1
    table = write_table({"Other": counts, "Empty": count_wrong({})})
    assert "| Other | 1/" in table
    assert "| Empty | - | - |" in table
