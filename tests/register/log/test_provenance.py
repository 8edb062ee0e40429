"""Where a dataset's value is said to come from."""

from terrafirma.register.log.provenance import describe_dataset, describe_source

CLDR = {"source": "cldr", "name": "Unicode CLDR", "licence": "Unicode-3.0"}


def says(told, **expected):
    return {name: told.get(name) for name in expected} == expected


def test_a_package_is_told_with_its_licence_and_version():
    told = describe_source("cldr", "BG")
    assert says(told, **CLDR)
    assert set(told) == {"source", "name", "licence", "version", "url"}


def test_a_fact_kept_by_hand_names_its_own_source_reason_and_date():
    told = describe_source("facts/area.toml", "EG")
    assert says(told, source="facts/area.toml", date="2026-11-22", reason="The national figure")
    assert told["name"].startswith("Central Agency for Public Mobilization")
    assert describe_source("facts/area.toml", "TH")["reason"] != told["reason"]


def test_a_membership_is_told_by_its_group():
    told = describe_source("facts/groups", "EU/DE/1958-01-01")
    assert told == describe_source("facts/groups", "EU/FR/1958-01-01")
    assert told != describe_source("facts/groups", "NATO/DE/1955-05-06")
    assert {"name", "reason", "date"} <= set(told)


def test_a_value_may_come_from_several_sources():
    told = describe_dataset("country", "CH", "native_names", {})["sources"]
    assert [source["source"] for source in told] == ["cldr", "facts/local_long_form.toml"]


def test_a_record_may_have_another_source_than_most():
    usual, apart = (
        describe_dataset("subdivision", code, "name", {})["sources"] for code in ("US-CA", "IR-23")
    )
    assert says(usual[0], **CLDR)
    assert apart[0]["source"] == "facts/subdivision_names.toml"


def test_a_period_may_name_its_own_source():
    assert says(
        describe_dataset("country", "BG", "currencies", {"source": "cldr"})["sources"][0], **CLDR
    )
    told = describe_dataset("country", "BG", "currencies", {"source": "Official Journal"})[
        "sources"
    ]
    assert told[0]["name"] == "Official Journal"


def test_nothing_is_made_up_for_what_the_dataset_does_not_know():
    assert describe_dataset("country", "BG", "extra.note", {}) == {"sources": []}
    assert describe_dataset("planet", "EARTH", "name", {}) == {"sources": []}
