"""Groups and memberships: how many belonged to each on which day, and where other sources say otherwise."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from terrafirma.dataset.group_checks import Nesting, check_group, check_groups, check_nesting
from terrafirma.dataset.groups import (
    GroupFacts,
    Membership,
    list_memberships,
    pair_dates,
    read_group,
    read_groups,
)
from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import BuildError
from terrafirma.dataset.overrides import FACTS
from terrafirma.dataset.sources.country_coder import PARTS, read_features
from terrafirma.register.model.timelines import starts
from tests.dataset.conftest import read_data

Documents = dict[str, dict[str, Any]]

TODAY = "2026-11-22"

# How many the group had on the day: by what it says itself, or by treaty.
COUNTS = {
    "AES": {"2023-12-31": 3},
    "CEMAC": {"1999-12-31": 6},
    "CPLP": {"1996-12-31": 7, "2002-12-31": 8, "2014-12-31": 9},
    "CPTPP": {"2018-12-31": 6, "2023-12-31": 11, "2024-12-31": 12},
    "EAC": {"2000-12-31": 3, "2007-12-31": 5, "2016-12-31": 6, "2024-12-31": 8},
    "ECOWAS": {
        "1975-12-31": 15,
        "1976-12-31": 16,
        "2001-01-01": 15,
        "2025-01-28": 15,
        "2025-01-29": 12,
    },
    "SADC": {"1992-12-31": 10, "1997-12-31": 14, "2004-12-31": 13, "2017-12-31": 16},
    "SCO": {"2001-12-31": 6, "2017-12-31": 8, "2023-12-31": 9, "2024-12-31": 10},
    "UEMOA": {"1994-12-31": 7, "1997-12-31": 8},
    "APEC": {"1990-01-01": 12, "1992-01-01": 15, "1998-12-31": 21},
    "ARAB-LEAGUE": {"1945-03-22": 6, "1989-12-31": 22, "1990-12-31": 21, "1993-12-31": 22},
    "ASEAN": {
        "1967-08-08": 5,
        "1984-12-31": 6,
        "1999-12-31": 10,
        "2025-10-25": 10,
        "2025-10-26": 11,
    },
    "AU": {
        "1963-05-25": 32,
        "1986-01-01": 50,
        "2002-07-09": 53,
        "2011-12-31": 54,
        "2017-12-31": 55,
    },
    "BRICS": {"2009-12-31": 4, "2011-12-31": 5, "2024-01-01": 9, "2025-12-31": 10},
    "CARICOM": {"1973-12-31": 4, "1974-12-31": 12, "1983-12-31": 13, "2002-12-31": 15},
    "CEFTA": {
        "1993-12-31": 4,
        "1999-12-31": 7,
        "2003-12-31": 8,
        "2007-01-01": 2,
        "2008-01-01": 8,
        "2013-07-01": 7,
    },
    "CIS": {"1995-01-01": 10, "2009-08-17": 10, "2009-08-18": 9},
    "COE": {
        "1949-05-05": 10,
        "1989-12-31": 23,
        "1994-12-31": 33,
        "2010-01-01": 47,
        "2022-03-16": 46,
    },
    "COMMONWEALTH": {
        "1931-12-31": 6,
        "1949-12-31": 8,
        "2000-12-31": 54,
        "2015-12-31": 53,
        "2020-12-31": 54,
    },
    "EAEU": {"2015-01-01": 3, "2015-12-31": 5},
    "EEA": {
        "1994-01-01": 17,
        "1995-12-31": 18,
        "2004-05-01": 28,
        "2014-12-31": 31,
        "2020-02-01": 30,
    },
    "EFTA": {"1960-05-03": 7, "1970-12-31": 8, "1973-01-01": 6, "1994-12-31": 7, "1995-01-01": 4},
    "EU": {
        "1958-01-01": 6,
        "1973-01-01": 9,
        "1981-01-01": 10,
        "1986-01-01": 12,
        "1995-01-01": 15,
        "2004-05-01": 25,
        "2007-01-01": 27,
        "2013-07-01": 28,
        "2019-12-31": 28,
        "2020-01-31": 28,
        "2020-02-01": 27,
    },
    "EUROZONE": {
        "1999-01-01": 11,
        "2001-01-01": 12,
        "2015-01-01": 19,
        "2025-12-31": 20,
        "2026-01-01": 21,
    },
    "G7": {"1975-12-31": 6, "1976-12-31": 7, "2000-01-01": 7},
    "G20": {"1999-12-31": 19},
    "GCC": {"1981-05-25": 6},
    "MERCOSUR": {"1991-12-31": 4, "2012-12-31": 5, "2024-12-31": 6},
    "NATO": {
        "1949-12-31": 12,
        "1952-12-31": 14,
        "1955-12-31": 15,
        "1982-12-31": 16,
        "1999-12-31": 19,
        "2004-12-31": 26,
        "2009-12-31": 28,
        "2020-12-31": 30,
        "2023-12-31": 31,
        "2024-12-31": 32,
    },
    "NAFTA": {"1994-01-01": 3, "2020-06-30": 3, "2020-07-01": 0},
    "NORDIC-COUNCIL": {"1952-12-31": 4, "1955-12-31": 5},
    "OECD": {
        "1962-12-31": 20,
        "1973-12-31": 24,
        "1996-12-31": 29,
        "2010-12-31": 34,
        "2021-12-31": 38,
    },
    "OIC": {"1969-12-31": 25, "1989-12-31": 45, "2001-12-31": 57},
    "OPEC": {
        "1960-12-31": 5,
        "1975-12-31": 13,
        "2000-01-01": 11,
        "2019-06-01": 14,
        "2024-01-01": 12,
        "2026-05-01": 11,
    },
    "PACIFIC-ALLIANCE": {"2012-12-31": 4},
    "SAARC": {"1985-12-31": 7, "2007-12-31": 8},
    "SCHENGEN": {
        "1995-03-26": 7,
        "2001-12-31": 15,
        "2007-12-31": 24,
        "2011-12-31": 26,
        "2023-01-01": 27,
    },
    # The UN's own tally, "Growth in United Nations membership".
    "SICA": {"1991-12-31": 6, "2000-12-31": 7, "2013-12-31": 8},
    "UN": {
        "1945-10-24": 29,
        "1945-12-31": 51,
        "1950-12-31": 60,
        "1955-12-31": 76,
        "1958-12-31": 82,
        "1960-12-31": 99,
        "1961-12-31": 104,
        "1962-12-31": 110,
        "1970-12-31": 127,
        "1980-12-31": 154,
        "1989-12-31": 159,
        "1990-12-31": 159,
        "1991-12-31": 166,
        "1992-12-31": 179,
        "1993-12-31": 184,
        "1994-12-31": 185,
        "2000-12-31": 189,
        "2002-12-31": 191,
        "2003-12-31": 191,
        "2006-12-31": 192,
        "2011-12-31": 193,
    },
    # Its twelve states are listed as signatories.
    "UNASUR": {"2012-12-31": 0},
    "USMCA": {"2020-07-01": 3},
    # One less than its own count: the European Union.
    "WTO": {
        "1995-12-31": 111,
        "1996-12-31": 127,
        "2000-12-31": 139,
        "2012-12-31": 156,
        "2024-08-30": 165,
    },
}

# CLDR 48.2 carries the euro area as it was before 2023.
EURO_AREA_NOT_IN_CLDR = {"BG", "HR"}

# country-coder puts into the EU what lies overseas, whether it is territory of the Union (the first line) or not.
OVERSEAS_IN_COUNTRY_CODER = {
    *("AX", "GF", "GP", "MF", "MQ", "RE", "YT"),
    *("BL", "NC", "PF", "PM", "TF", "WF"),
}


@pytest.fixture(scope="module")
def memberships() -> list[Membership]:
    found: list[Membership] = read_data("memberships.json")
    return found


@pytest.mark.parametrize(
    ("code", "day", "count"),
    [(code, day, count) for code, counts in COUNTS.items() for day, count in counts.items()],
)
def test_counts(memberships: list[Membership], code: str, day: str, count: int) -> None:
    assert len(list_memberships(memberships, code, day)) == count


def test_every_group_is_counted() -> None:
    assert [group["code"] for group in read_data("groups.json")] == sorted(COUNTS)


def test_records_are_ordered_and_hold_nothing_else(memberships: list[Membership]) -> None:
    groups = read_data("groups.json")
    assert {key for group in groups for key in group} == {
        "code",
        "name",
        "type",
        "headquarters",
        "website",
        "from",
        "to",
    }
    assert {key for row in memberships for key in row} == {
        "group",
        "country",
        "from",
        "to",
        "role",
        "source",
    }
    keys = [(row["group"], row["country"], starts(row)) for row in memberships]
    assert keys == sorted(set(keys))
    assert len(keys) > 900
    assert all(row["source"] for row in memberships)


@pytest.mark.parametrize(
    ("code", "country", "spells"),
    [
        ("EU", "GB", ["1973-01-01/2020-02-01"]),
        ("COE", "RU", ["1996-02-28/2022-03-16"]),
        ("OPEC", "EC", ["1973/1992-12", "2007-10/2020-01-01"]),
        ("OPEC", "ID", ["1962/2009-01", "2016-01/2016-11"]),
        ("COMMONWEALTH", "ZA", ["1931-12-11/1961-05-31", "1994-06-01/"]),
        ("AU", "MA", ["1963-05-25/1984-11-12", "2017-01-31/"]),
        ("UN", "DDDE", ["1973-09-18/1990-10-03"]),
        ("UN", "SUHH", ["1945-10-24/1991-12-26"]),
        ("UN", "RU", ["1991-12-26/"]),
        ("UN", "YUCS", ["1945-10-24/2000-11-01", "2000-11-01/2003-02-04"]),
        ("UN", "CSXX", ["2003-02-04/2006-06-03"]),
        ("UN", "RS", ["2006-06-03/"]),
        ("UN", "CSHH", ["1945-10-24/1993-01-01"]),
    ],
)
def test_who_left_and_came_back(
    memberships: list[Membership], code: str, country: str, spells: list[str]
) -> None:
    rows = [row for row in memberships if (row["group"], row["country"]) == (code, country)]
    assert [f"{row['from']}/{row.get('to', '')}" for row in rows if "role" not in row] == spells


def test_other_roles(memberships: list[Membership]) -> None:
    roles = {(row["group"], row["role"]) for row in memberships if "role" in row}
    assert roles == {
        ("CARICOM", "associate member"),
        ("CIS", "associate member"),
        ("CIS", "participating state"),
        ("COMMONWEALTH", "special member"),
        ("EFTA", "associate member"),
        ("G7", "member of the Group of Eight"),
        ("NORDIC-COUNCIL", "represented territory"),
        ("UNASUR", "signatory"),
    }


@pytest.mark.parametrize(
    ("code", "group", "absent"),
    [("UN", "UN", set()), ("EU", "EU", set()), ("EZ", "EUROZONE", EURO_AREA_NOT_IN_CLDR)],
)
def test_cldr(
    inputs: Inputs, memberships: list[Membership], code: str, group: str, absent: set[str]
) -> None:
    content = inputs.read_json("cldr-core", "supplemental/territoryContainment.json")
    contained = set(content["supplemental"]["territoryContainment"][code]["_contains"])
    members = list_memberships(memberships, group, TODAY)
    assert members - contained == absent
    assert contained <= members


@pytest.mark.parametrize("code", ["EU", "UN"])
def test_country_coder(
    inputs: Inputs, documents: Documents, memberships: list[Membership], code: str
) -> None:
    features = [feature["properties"] for feature in read_features(inputs)]
    inside = [properties for properties in features if code in properties.get("groups", [])]
    members = list_memberships(memberships, code, TODAY)
    assert {properties.get("country", properties.get("iso1A2")) for properties in inside} == members
    # It counts territories with their states.
    own = {
        PARTS.get(properties["iso1A2"], properties["iso1A2"])
        for properties in inside
        if "iso1A2" in properties
    }
    others = own - members
    assert {documents[territory]["sovereign"] for territory in others} <= members
    assert code == "UN" or others == OVERSEAS_IN_COUNTRY_CODER


def test_each_joining_is_paired_with_the_next_leaving() -> None:
    assert pair_dates({"1995": "AA BB", "2001-05": "AA"}, {"1999-01-01": "AA"}) == [
        {"country": "AA", "from": "1995", "to": "1999-01-01"},
        {"country": "AA", "from": "2001-05"},
        {"country": "BB", "from": "1995"},
    ]


@pytest.mark.parametrize(
    ("joined", "left", "message"),
    [
        ({"1995": "AA"}, {"1996": "BB"}, "BB left without having joined"),
        ({"1995": "AA", "1997": "AA"}, {}, "AA does not join and leave in turn"),
        ({"1995": "AA"}, {"1996": "AA", "1997": "AA"}, "AA does not join and leave in turn"),
    ],
)
def test_dates_that_do_not_pair_are_refused(
    joined: dict[str, str], left: dict[str, str], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        pair_dates(joined, left)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace('"EU"', '"UE"'), "the file is about UE"),
        (lambda text: text.replace("1958-01-01", "1958-13-01"), "is not a day of the calendar"),
        (lambda text: text.replace("[joined]", "[joinde]"), "KeyError"),
        (lambda text: text.replace("reason = ", 'reason = ""  # '), "who counts"),
    ],
)
def test_files_of_another_shape_are_named(
    tmp_path: Path, change: Callable[[str], str], message: str
) -> None:
    text = (FACTS / "groups" / "EU.toml").read_text(encoding="utf-8")
    (tmp_path / "EU.toml").write_text(change(text), encoding="utf-8")
    with pytest.raises(BuildError, match=rf"facts/groups/EU\.toml: .*{message}"):
        read_groups(tmp_path)


def test_what_is_not_sound_is_named() -> None:
    rows = [
        {"group": "G", "country": "AA", "from": "1990"},
        {"group": "G", "country": "BB", "from": "2000", "to": "2005"},
        {"group": "G", "country": "BB", "from": "2004-06"},
        {"group": "G", "country": "CC", "from": "2000-01-01", "to": "2000"},
        {"group": "G", "country": "XX", "from": "2000"},
    ]
    group = GroupFacts({"code": "G", "from": "1995"}, rows, members=4, date=TODAY, notes={})
    assert check_group(group, {"AA", "BB", "CC"}) == [
        "G: AA joins before it is founded",
        "G: CC leaves before it joins",
        "G: there is no country XX",
        "G: BB belongs to it twice on 2004-06",
        "G: 3 members on 2026-11-22 instead of 4",
    ]


def test_members_of_the_inner_group_belong_to_an_outer_one_every_day() -> None:
    rows = [
        {"group": "IN", "country": "AA", "from": "2000-01-01"},
        {"group": "OUT", "country": "AA", "from": "2000-02-01", "to": "2010"},
        {"group": "ELSE", "country": "AA", "from": "2012"},
        {"group": "IN", "country": "BB", "from": "2000-01-01", "role": "observer"},
    ]
    assert check_nesting(rows, Nesting("IN", ("OUT", "ELSE"))) == [
        "AA of IN is not in OUT or ELSE on 2000-01-01"
    ]
    late = Nesting("IN", ("OUT", "ELSE"), late=31)
    assert check_nesting(rows, late) == ["AA of IN is not in OUT or ELSE on 2010-01-01"]
    assert check_nesting(rows, Nesting("IN", ("OUT", "ELSE"), since="2012-01-01")) == []


def test_the_committed_groups_are_sound(stored: Documents) -> None:
    groups = read_groups(FACTS / "groups")
    check_groups(groups, list(stored.values()))
    assert [group.document for group in groups] == read_data("groups.json")


def test_un_member_and_the_un_must_agree(stored: Documents, documents: Documents) -> None:
    changed = (stored | {"TH": documents["TH"] | {"un_member": False}}).values()
    with pytest.raises(BuildError, match="UN and un_member disagree about TH"):
        check_groups([read_group(FACTS / "groups" / "UN.toml")], list(changed))
