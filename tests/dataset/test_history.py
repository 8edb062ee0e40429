"""The past as the dataset tells it: questions with sources, and nothing said of days on which it is not known."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from terrafirma.register.model.known import known_days, known_states
from terrafirma.register.model.members import UNDATED
from terrafirma.register.model.records import LASTING
from terrafirma.register.model.timelines import render
from tests.dataset.conftest import read_data

QUESTIONS = tomllib.loads(Path(__file__).with_name("history.toml").read_text(encoding="utf-8"))
DAYS = ("1980-01-01", "1989-01-01", "1992-01-01", "2000-01-01", "2010-01-01")
LOADED = "2026-11-28"


State = tuple[str, str, dict[str, Any]]


@pytest.fixture(scope="module")
def world() -> list[dict[str, Any]]:
    return list(read_data("countries.json"))


@pytest.fixture(scope="module")
def states(world: list[dict[str, Any]]) -> list[State]:
    """Every state of every country, as the register answers it."""
    return [
        state
        for document in world
        for state in known_states("country", document, render(document), LOADED)
    ]


def list_on(states: list[State], day: str) -> list[dict[str, Any]]:
    """What the register answers of every country of a day."""
    return [state for start, end, state in states if start <= day < end]


def value_of(state: dict[str, Any], field: str) -> Any:
    """The value of a field, or of a part of a list of parts."""
    name, _, part = field.partition(".")
    return [item[part] for item in state[name]] if part and name in state else state.get(name)


def test_what_was_true_then(world: list[dict[str, Any]], states: list[State]) -> None:
    """120 questions and more, each with its source."""
    wrong = []
    for each in QUESTIONS["question"]:
        found = [
            state
            for state in list_on(states, each["on"])
            if each["country"] in (state["alpha2"], code_of(world, state["id"]))
        ]
        said = value_of(found[0], each["field"]) if found else "no such country"
        if said != each.get("value"):
            wrong.append((each["country"], each["on"], each["field"], said, each.get("value")))
    assert wrong == []
    assert len(QUESTIONS["question"]) >= 120


def code_of(world: list[dict[str, Any]], id: int) -> str:
    """The alpha-2 code that a record has last."""
    document = next(each for each in world if each["id"] == id)
    periods = document.get("dated", {}).get("alpha2", [])
    return str(periods[-1]["value"] if periods else document.get("alpha2", ""))


@pytest.mark.parametrize("day", DAYS)
def test_no_border_is_with_a_country_that_is_not_there(states: list[State], day: str) -> None:
    listed = list_on(states, day)
    there = {state["alpha2"] for state in listed}
    borders = {state["alpha2"]: set(state.get("borders", [])) for state in listed}
    assert [code for code, others in borders.items() if others - there] == []
    assert all(code in borders[other] for code, others in borders.items() for other in others)


@pytest.mark.parametrize("day", DAYS)
def test_nothing_is_said_that_is_not_known_yet(
    world: list[dict[str, Any]], states: list[State], day: str
) -> None:
    """Only what names a record stays, and is named among what is not known."""
    known = {document["id"]: known_days(document, LOADED) for document in world}
    for state in list_on(states, day):
        early = {
            field for field, since in known[state["id"]].items() if since > day and field in state
        }
        assert early - LASTING <= set(state.get(UNDATED, ()))
        assert early & {"area", "population", "languages", "capitals", "tlds"} == set()


ONLY_OF_TODAY = {
    *(
        "address_format",
        "default_locale",
        "emergency_numbers",
        "example_number",
        "first_day_of_week",
    ),
    *("hour_cycle", "international_prefix", "literacy", "measurement_system", "paper_size"),
    *("postal_code", "trunk_prefix", "weekend"),
}
"""Habits, of which packages know nothing but the present."""


def test_2015_is_nearly_whole_and_1950_short(states: list[State]) -> None:
    share = {}
    for day in ("1950-01-01", "2015-01-01"):
        listed = list_on(states, day)
        left_out = sum(len(set(state.get(UNDATED, ())) - ONLY_OF_TODAY) for state in listed)
        share[day] = left_out / (left_out + sum(len(state) for state in listed))
    assert share["2015-01-01"] < 0.3
    assert share["1950-01-01"] > 0.4
