"""Names kept by hand are those of a source, or a way of writing one."""

import pytest

from terrafirma.dataset.model import BuildError
from terrafirma.dataset.other_names import check_sources
from terrafirma.dataset.sources.name_lists import ListedName
from terrafirma.dataset.writings import is_written_from

LISTED = [ListedName("KR", "Republic of Korea", "en", "a list")]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ROK", "Republic of Korea"),
        ("R.O.K.", "Republic of Korea"),
        ("Korea, Rep. of", "Republic of Korea"),
        ("EE.UU.", "Estados Unidos"),
        ("КНР", "Китайская Народная Республика"),
        ("Trinidad", "Trinidad and Tobago"),
        ("Falklands", "Falkland Islands"),
        ("FYR Macedonia", "Former Yugoslav Republic of Macedonia"),
    ],
)
def test_a_way_of_writing_a_name_is_recognised(text: str, name: str) -> None:
    """Initials, abbreviations, names turned round and first parts."""
    assert is_written_from(text, [name])


@pytest.mark.parametrize("text", ["Corea", "North Korea", "RK of", "Seoul", "Kingdom of Korea"])
def test_another_name_is_not_a_way_of_writing_it(text: str) -> None:
    """A name with other words, or initials in another order."""
    assert not is_written_from(text, ["Republic of Korea"])


def test_a_capital_may_follow_a_name() -> None:
    """Congo-Brazzaville."""
    assert is_written_from("Congo-Brazzaville", ["Congo"], ["Brazzaville"])
    assert not is_written_from("Congo-Brazzaville", ["Congo"])


@pytest.mark.parametrize(
    "facts",
    [
        {"carried": {"KR": ["South Korea"]}, "written": {}, "quoted": []},
        {"carried": {}, "written": {"KR": ["Corea"]}, "quoted": []},
    ],
)
def test_the_build_refuses_a_name_without_a_source(facts: dict[str, object]) -> None:
    """It names the country and the text."""
    with pytest.raises(BuildError, match=r"no source has these names: KR \w+"):
        check_sources(facts, LISTED, [])


def test_the_build_takes_names_of_the_lists_and_quoted_ones() -> None:
    """A quoted name may be abbreviated too."""
    facts = {
        "carried": {"KR": ["Republic of Korea"]},
        "written": {"KR": ["ROK", "Corea S."]},
        "quoted": [{"source": "a treaty", "names": {"KR": ["Corea del Sur"]}}],
    }
    check_sources(facts, LISTED, [])
