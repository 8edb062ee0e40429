"""Figures by year: their own kind of record, and what countries have on a past day."""

import csv
import io

import pytest

from terrafirma.dataset.files import read_file
from terrafirma.register.model.cells import CellOptions, make_patch
from terrafirma.register.model.kinds import FIGURE

POPULATION = next(
    each
    for each in read_file("figures")
    if (each["country"], each["indicator"]) == ("TH", "population")
)["values"]


def get_figure(client, country="TH", indicator="population"):
    """The record of an indicator."""
    [found] = client.get(f"/countries/{country}/figures?indicator={indicator}&fields=*").json
    return found


def test_a_year_is_asked_for_filtered_and_sorted_by(shared_client):
    found = shared_client.get(
        "/figures?indicator=population&year=1960&sort=-value&value[lt]=200000000"
        "&fields=country,year,value&limit=1"
    )
    assert found.json == [{"country": "US", "year": 1960, "value": 180671000}]
    pages, address = [], "/figures?indicator=population&year=1960&sort=-value&limit=100"
    while address:
        answer = shared_client.get(address)
        pages += answer.json
        address = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    values = [each["value"] for each in pages]
    assert values == sorted(values, reverse=True)
    assert {each["year"] for each in pages} == {1960}
    assert len(pages) > 200


def test_without_a_year_the_newest_is_shown(shared_client):
    newest = max(POPULATION)
    [found] = shared_client.get("/countries/TH/figures?indicator=population").json
    assert (found["year"], found["value"]) == (int(newest), POPULATION[newest])
    assert get_figure(shared_client)["values"] == POPULATION
    [asked] = shared_client.get(
        "/figures?country=TH&indicator=population&fields=values.1960,values.1999"
    ).json
    assert asked == {"values": {year: POPULATION[year] for year in ("1960", "1999")}}
    assert shared_client.get("/figures?indicator=population&values.1960[gte]=1e12").json == []


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("year=20", 'year must be four digits, such as 2020, not "20".'),
        ("year=2020&year=2021", '"year" is given 2 times; once is enough.'),
        ("sort=values.20", 'sort: "values.20" is not a field'),
        ("values.x=1", '"values.x" is not a parameter here'),
        ("value[gte]=x", 'value[gte]: value is a number, and "x" is not.'),
    ],
)
def test_a_year_that_means_nothing_is_refused(shared_client, query, sentence):
    answer = shared_client.get(f"/figures?{query}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith(sentence)


def test_year_belongs_to_figures_only(shared_client):
    assert shared_client.get("/countries?year=2020").status_code == 400


def test_a_country_has_the_figures_of_a_past_day(shared_client):
    one = shared_client.get(
        "/countries/TH?fields=population,population_year,gdp_year&on=1970-06-01"
    )
    assert one.json == {
        "population": POPULATION["1970"], "population_year": 1970, "gdp_year": 1970,
    }  # fmt: skip
    [row] = shared_client.get("/countries?alpha2=TH&fields=population&on=1970-06-01").json
    assert row == {"population": POPULATION["1970"]}
    [row] = shared_client.get("/v3.1/alpha/TH?fields=population&on=1970-06-01").json or [{}]
    assert row == {"population": POPULATION["1970"]} or row == "population"
    renamed = shared_client.get("/countries/BU?on=1985-01-01").json
    assert (renamed["population_year"], "population" in renamed["undated"]) == (1985, False)
    before = shared_client.get("/countries/TH?on=1955-01-01&fields=population").json
    assert before == {"undated": ["population"]}
    told = shared_client.get("/countries/TH?on=1970-01-01&fields=population&include=sources").json
    assert told["sources"]["population"]["date"] == "1970"


def test_a_gini_of_a_past_day_is_that_of_the_last_survey(shared_client):
    surveys = get_figure(shared_client, "BR", "gini")["values"]
    [row] = [shared_client.get("/countries/BR?on=1994-06-01&fields=gini,gini_year").json]
    assert "1994" not in surveys
    assert row == {"gini": surveys["1993"], "gini_year": 1993}


def test_a_correction_shows_at_once_and_only_then(client):
    figure = get_figure(client)
    head = client.get("/checkpoint").json["entries"]
    address = "/countries/TH?on=1970-01-01&fields=population"
    listed = "/countries?alpha2=TH&on=1970-01-01&fields=population"
    assert client.get(listed).json == [{"population": POPULATION["1970"]}]
    changed = client.patch(f"/figures/{figure['id']}", json={"values": {"1970": 36, "2025": 70}})
    assert (changed.json["year"], changed.json["value"]) == (2025, 70)
    assert changed.json["values"] == POPULATION | {"1970": 36, "2025": 70}
    assert client.get(address).json == {"population": 36}
    assert client.get(listed).json == [{"population": 36}]
    assert client.get(f"{address}&as_of={head}").json == {"population": POPULATION["1970"]}
    emptied = client.patch(f"/figures/{figure['id']}", json={"values": {"1970": None}})
    assert emptied.json["values"] == {
        year: value for year, value in (POPULATION | {"2025": 70}).items() if year != "1970"
    }


def test_figures_of_ones_own(client):
    body = {"country": "TH", "indicator": "internet_users", "values": {"2020": 77.8}}
    made = client.post("/figures", json=body)
    assert (made.status_code, made.json["value"]) == (201, 77.8)
    again = client.post("/figures", json=body)
    assert (again.status_code, again.json["details"][0]["code"]) == (422, "overlap")
    for values, field in (
        ({}, "values"),
        ({"20": 1}, "values.20"),
        ({"2020": "1"}, "values.2020"),
        ([1], "values"),
    ):
        answer = client.post("/figures", json=body | {"values": values})
        assert [each["field"] for each in answer.json["details"]] == [field]
    lost = client.post("/figures", json=body | {"country": "QQ"})
    assert lost.json["details"][0]["field"] == "country"


def test_a_table_of_figures_can_be_read_back(shared_client):
    text = shared_client.get("/figures?country=TH&indicator=gini&fields=*&format=csv").text
    [row] = csv.DictReader(io.StringIO(text))
    patch, faults = make_patch(FIGURE, row.items(), CellOptions())
    assert not faults
    [whole] = shared_client.get("/figures?country=TH&indicator=gini&fields=*").json
    assert patch == whole
    assert make_patch(FIGURE, [("values.2020", "7.5")], CellOptions()) == (
        {"values": {"2020": 7.5}},
        [],
    )
