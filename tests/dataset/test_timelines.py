"""Currencies that overlap, leave gaps, or circulate side by side."""

from terrafirma.dataset.timelines import TenderFacts, build_periods


def periods_of(
    *tenders: TenderFacts, extras: frozenset[str] = frozenset()
) -> list[tuple[str, str, str | None]]:
    periods = build_periods(list(tenders), extras, "here")
    assert all(period["source"] == "here" for period in periods)
    return [
        ("+".join(each["code"] for each in p["value"]), p["from"], p.get("to")) for p in periods
    ]


def test_a_currency_ends_where_its_successor_begins() -> None:
    lev, euro = (
        TenderFacts("BGN", "1999-07-05", "2026-01-31"),
        TenderFacts("EUR", "2026-01-01", None),
    )
    assert periods_of(euro, lev) == [
        ("BGN", "1999-07-05", "2026-01-01"),
        ("EUR", "2026-01-01", None),
    ]


def test_an_end_on_the_eve_is_no_gap() -> None:
    kroon, euro = (
        TenderFacts("EEK", "1992-06-21", "2010-12-31"),
        TenderFacts("EUR", "2011-01-01", None),
    )
    assert periods_of(kroon, euro)[0] == ("EEK", "1992-06-21", "2011-01-01")


def test_a_gap_ends_the_history() -> None:
    first, second = (
        TenderFacts("UAK", "1992-11-13", "1993-10-17"),
        TenderFacts("UAH", "1996-09-02", None),
    )
    assert periods_of(first, second) == [("UAH", "1996-09-02", None)]


def test_two_that_ended_at_once_end_the_history() -> None:
    old = [
        TenderFacts("ESP", "1873-01-01", "2002-02-28"),
        TenderFacts("FRF", "1960-01-01", "2002-02-17"),
    ]
    assert periods_of(*old, TenderFacts("EUR", "1999-01-01", None)) == [("EUR", "1999-01-01", None)]


def test_a_second_currency_stands_beside_the_first() -> None:
    rand, dollar = TenderFacts("ZAR", "1961-02-14", None), TenderFacts("NAD", "1993-01-01", None)
    assert periods_of(rand, dollar, extras=frozenset({"ZAR"})) == [("NAD+ZAR", "1993-01-01", None)]


def test_a_second_currency_that_comes_later_opens_a_period() -> None:
    dollars = [
        TenderFacts("ZWL", "2009-02-02", "2024-08-31"),
        TenderFacts("USD", "2009-04-12", None),
    ]
    assert periods_of(
        *dollars, TenderFacts("ZWG", "2024-06-25", None), extras=frozenset({"USD"})
    ) == [
        ("ZWL", "2009-02-02", "2009-04-12"),
        ("ZWL+USD", "2009-04-12", "2024-06-25"),
        ("ZWG+USD", "2024-06-25", None),
    ]


def test_what_lingered_beside_another_for_long_ends_the_history() -> None:
    dollar, peso = (
        TenderFacts("USD", "1899-01-01", "1959-01-01"),
        TenderFacts("CUP", "1859-01-01", None),
    )
    assert periods_of(dollar, peso) == [("CUP", "1959-01-01", None)]
    # What was replaced long ago, by this account, and yet was in use for twenty years.
    franc, ariary = (
        TenderFacts("MGF", "1963-07-01", "2004-12-31"),
        TenderFacts("MGA", "1983-11-01", None),
    )
    assert periods_of(franc, ariary) == [("MGA", "2004-12-31", None)]


def test_a_changeover_is_no_contradiction() -> None:
    pound, leone = (
        TenderFacts("GBP", "1808-11-30", "1966-02-04"),
        TenderFacts("SLL", "1964-08-04", None),
    )
    assert periods_of(pound, leone) == [
        ("GBP", "1808-11-30", "1964-08-04"),
        ("SLL", "1964-08-04", None),
    ]


def test_the_history_goes_back_as_far_as_the_source() -> None:
    tenders = [
        TenderFacts("YUD", "1966-01-01", "1990-01-01"),
        TenderFacts("YUN", "1990-01-01", "1992-07-01"),
    ]
    assert periods_of(*tenders, TenderFacts("BAD", "1992-07-01", None)) == [
        ("YUD", "1966-01-01", "1990-01-01"),
        ("YUN", "1990-01-01", "1992-07-01"),
        ("BAD", "1992-07-01", None),
    ]
    assert periods_of(TenderFacts("THB", "1928-04-15", None)) == [("THB", "1928-04-15", None)]
    assert periods_of() == []
