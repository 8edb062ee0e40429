"""The atlas' pages as a browser without JavaScript gets them."""

import html
import json
import re

import pytest

from terrafirma.flags import list_flags
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.web.choropleth import NO_DATA, shade
from terrafirma.web.scatter import draw_scatter
from terrafirma.web.table import fill_column, list_table_columns

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
RECORDS = [
    {"id": number, "name": f"N{number}", "area": number * 10, "gini": 30.5}
    for number in range(1, 13)
]


def ask(client, path):
    return client.get(path, headers=BROWSER)


def test_every_country_is_on_the_map_and_in_the_table(shared_client):
    page = ask(shared_client, "/explore")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    rows = re.findall(r'<tr data-id="(\d+)"', page.text)
    drawn = set(re.findall(r'<a href="[^"]+" data-id="(\d+)"', page.text))
    assert len(rows) == len(set(rows)) == 250
    assert drawn == set(rows)


def test_a_page_lets_nothing_in_from_elsewhere(shared_client):
    for path in (
        "/explore",
        "/explore/TH",
        "/explore/compare?alpha2=TH&alpha2=FR",
        "/explore/scatter",
    ):
        page = ask(shared_client, path)
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert not re.search(
            r'<(?!a |link rel="canonical")[^>]*(src|href)="(https?:)?//', page.text
        )
        assert not re.search(r"<script(?! type=\"module\" src)|\son\w+=|\sstyle=", page.text)


def test_filters_order_and_search_are_the_apis(shared_client):
    page = ask(shared_client, "/explore?region=Asia&sort=-population&fields=population").text
    names = re.findall(r'<th scope="row">.*?<a href="[^"]*">([^<]+)</a>', page)
    told = shared_client.get("/countries?region=Asia&sort=-population&fields=name&limit=3").json
    assert names[:3] == [record["name"] for record in told]
    assert "1 country" in ask(shared_client, "/explore?q=bogota").text


def test_a_country_says_what_held_on_a_day(shared_client):
    assert "Bulgarian Lev" in ask(shared_client, "/explore/BG?on=2025-12-31").text
    assert "Euro" in ask(shared_client, "/explore/BG?on=2026-01-01").text


@pytest.mark.parametrize(
    ("path", "status", "sentence"),
    [
        ("/explore/QQ", 404, "QQ"),
        ("/explore?sort=populaton", 400, "did you mean &#34;population&#34;"),
        ("/explore?colour=<b>", 400, "&lt;b&gt;"),
        ("/explore/list/planets", 404, "planets"),
        (
            "/explore/compare?region=Asia",
            400,
            "At most 30",
        ),
    ],
)
def test_what_is_wrong_is_said_on_a_page(shared_client, path, status, sentence):
    page = ask(shared_client, path)
    assert (page.status_code, page.mimetype) == (status, "text/html")
    assert sentence in page.text
    assert (
        shared_client.get(path, headers={"Accept": "application/json"}).mimetype
        == "application/json"
    )


def test_countries_are_compared_in_the_order_asked_for(shared_client):
    page = ask(shared_client, "/explore/compare?alpha2=TH&alpha2=fr&alpha2=NO&alpha2=TH").text
    assert re.findall(r'<th scope="col">.*?<a href="/explore/(\w+)">', page) == ["TH", "FR", "NO"]


def test_a_map_without_any_of_its_countries_is_not_shown(shared_client):
    for path in ("/explore?status=former", "/explore?q=nowhere"):
        page = ask(shared_client, path).text
        assert 'id="map"' not in page
        assert ("and these are not" in page) == ("former" in path)


def test_the_reference_is_a_page_when_it_fails_too(shared_client):
    page = ask(shared_client, "/docs?colour=red")
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "<h1>Bad request <small>400</small></h1>" in page.text
    assert shared_client.get("/docs?colour=red").mimetype == "application/json"


def test_nothing_that_was_written_becomes_markup(client):
    where = client.post("/countries", json={"name": "<script>alert(1)</script>"}).headers[
        "Location"
    ]
    page = ask(client, where.replace("countries", "explore")).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_numbers_are_classed_between_round_bounds_and_the_rest_by_value():
    shading = shade(RECORDS, "area")
    assert [step.count for step in shading.legend] == [1, 2, 2, 2, 2, 3]
    assert shading.legend[0].meaning == "under 20"
    assert shading.legend[1].query == {"area[gte]": "20", "area[lt]": "40"}
    assert (shading.classes[1], shading.classes[12]) == ("q0", "q5")
    assert {step.name for step in shade(RECORDS, "region").legend} == {NO_DATA}


def test_a_colour_belongs_to_a_value_not_to_its_frequency():
    names = ["Africa", "Europe", "Asia", "Asia", "Nowhere", "Elsewhere"]
    records = [{"id": id, "name": "", "region": name} for id, name in enumerate(names)]
    every = {step.meaning: step.name for step in shade(records, "region").legend}
    others = [records[1] | {"id": 9}]
    fewer = {step.meaning: step.name for step in shade(records[1:3] + others, "region").legend}
    assert fewer.items() <= every.items()
    assert len(set(every.values())) == len(every)


def test_a_browser_that_asks_for_the_server_is_shown_the_atlas(shared_client):
    for _ in range(2):
        assert shared_client.get("/", headers={"Accept": "*/*"}).json["name"] == "Terrafirma"
        shown = ask(shared_client, "/")
        assert (shown.status_code, shown.headers["Location"]) == (302, "/explore")
        assert "Accept" in shown.headers["Vary"]


def test_a_country_says_who_says_so(client):
    page = ask(client, "/explore/TH").text
    assert re.search(r'<p class="source">\s*CIA World Factbook', page)
    last = (
        client.patch("/countries/TH", json={"area": 5}).headers["ETag"].strip('"').partition(".")[0]
    )
    changed = ask(client, "/explore/TH").text
    assert f"(entry {last})" in changed
    assert "the dataset says 513,120" in changed


def test_history_is_told_newest_first_field_by_field_and_in_pages(client):
    for area in range(1, 53):
        assert client.patch("/countries/TH", json={"area": area}).status_code == 200
    page = ask(client, "/explore/TH").text
    assert re.findall(r"<ins>(\d+)</ins>", page) == [str(area) for area in range(52, 2, -1)]
    (older,) = re.findall(r'href="(/explore/TH\?until=\d+)#history"', page)
    assert re.findall(r"<del>([\d,]+)</del>", ask(client, older).text) == ["1", "513,120"]
    assert ask(client, "/explore/TH?until=-1").status_code == 400


def test_an_earlier_state_says_what_is_said_otherwise_now(client):
    start = client.get("/").json["entries"]
    client.patch("/countries/TH", json={"area": 5})
    page = ask(client, f"/explore/TH?as_of={start}").text
    since = page[page.index('id="since"') : page.index('aria-labelledby="s1"')]
    assert re.search(r"<del>513,120</del>.*<ins>5</ins>", since)
    assert 'id="since"' not in ask(client, "/explore/TH").text


def test_the_days_on_which_something_changed_are_links(shared_client):
    page = ask(shared_client, "/explore/BG?on=2026-01-01").text
    days = re.findall(r'href="/explore/BG\?on=([-\d]+)"', page[page.index('class="days"') :])
    assert days == sorted(days)
    assert {"1955-12-14", "1999-07-05", "2026-01-01"} <= set(days)
    assert 'on=2026-01-01" aria-current="date"' in page


def test_what_a_form_left_empty_is_not_asked_for(shared_client):
    answer = ask(shared_client, "/explore?q=&on=&region=Asia&area[gte]=1")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        "/explore?region=Asia&area%5Bgte%5D=1",
    )


def test_a_group_names_its_members_and_colours_the_map(shared_client):
    page = ask(shared_client, "/explore/list/groups/EU").text
    assert '<a href="/explore/AT">Austria</a>' in page
    assert len(re.findall(r'<a href="/explore/[A-Z]{2}">', page)) == 27
    assert (
        "Members <small>28</small>"
        in ask(shared_client, "/explore/list/groups/EU?on=2019-01-01").text
    )
    coloured = ask(shared_client, "/explore?colour=member_of.EU").text
    assert 'aria-label="Austria: member"' in coloured
    assert "not a member <small>223</small>" in coloured
    assert ask(shared_client, "/explore?member_of=EU").text.count("<tr data-id") == 27
    assert "Association of Southeast Asian Nations" in ask(shared_client, "/explore/TH").text


def test_subdivisions_are_paged_and_say_what_they_are_part_of(shared_client):
    first = ask(shared_client, "/explore/list/subdivisions").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = ask(shared_client, following.replace("&amp;", "&")).text
    codes = [set(re.findall(r'<tr data-id="(\d+)"', page)) for page in (first, second)]
    assert following == "/explore/list/subdivisions?page=2"
    assert [len(each) for each in codes] == [300, 300]
    assert not codes[0] & codes[1]
    part = ask(shared_client, "/explore/list/subdivisions/GB-LND").text
    assert 'href="/explore/list/subdivisions/GB-ENG"' in part
    assert 'href="/explore/GB">United Kingdom</a>' in part


def test_former_countries_are_listed_and_have_pages(shared_client):
    page = ask(shared_client, "/explore?status=former").text
    assert "East Germany" in page
    assert ask(shared_client, "/explore/DDDE").status_code == 200


def test_one_of_a_fields_filters_is_taken_away(shared_client):
    page = ask(shared_client, "/explore?region=Asia&region=Europe").text
    assert 'href="/explore?region=Europe" aria-label="Take away Region: Asia"' in page


def test_equal_numbers_have_the_same_rank():
    (column,) = list_table_columns(["gini"], RECORDS, "-gini")
    assert (column.sorted, column.sort) == ("descending", "gini")
    assert {cell.rank for cell in fill_column(column, COUNTRY, RECORDS, {})} == {1}
    (year,) = list_table_columns(["gini_year"], [{"id": 1, "gini_year": 2020}], "")
    assert fill_column(year, COUNTRY, [{"id": 1, "gini_year": 2020}], {})[0].rank is None


def test_a_scatter_needs_two_numbers():
    assert draw_scatter(RECORDS, "area", "name") is None
    picture = draw_scatter(RECORDS, "area", "gini")
    assert picture is not None
    assert len(picture.dots) == 12
    assert picture.across


def test_flags_are_pictures_where_the_installation_brought_them(shared_client):
    page = ask(shared_client, "/explore/TH").text
    picture = shared_client.get("/explore/flags/th")
    if "TH" in list_flags():
        assert 'src="/explore/flags/TH"' in page
        assert (picture.status_code, picture.mimetype) == (200, "image/svg+xml")
    else:
        assert "\U0001f1f9\U0001f1ed" in page
        assert picture.status_code == 404
    assert shared_client.get("/explore/flags/..%2Fa").status_code == 404


def test_a_deleted_record_offers_itself_back_with_what_went_along(client):
    assert client.delete("/countries/SM?dependents=remove").status_code == 204
    page = ask(client, "/explore/SM")
    assert page.status_code == 404
    assert re.search(r"Bring it back with [^<]*9 subdivision", page.text)
    for request in json.loads(html.unescape(re.search(r'data-undo="([^"]*)"', page.text)[1])):
        assert client.post(request["path"], json=request["body"]).status_code == 200
    assert ask(client, "/explore/SM").status_code == 200
    assert "Deleted records" in ask(client, "/explore/changes?action=delete").text


def test_an_unknown_parameter_is_refused_as_the_api_refuses_it(shared_client):
    for path in ("/explore?regoin=Asia", "/explore/list/groups?tpye=x", "/explore/TH?colour=red"):
        assert ask(shared_client, path).status_code == 400


@pytest.mark.parametrize(
    ("code", "named", "note"),
    [
        ("US-TX", "Texas", "The points are its largest cities."),
        ("AT-5", "Vienna", "Where it lies in the country is not known here."),
    ],
)
def test_a_subdivision_is_shown_in_the_outline_of_its_country(shared_client, code, named, note):
    page = ask(shared_client, f"/explore/list/subdivisions/{code}").text
    drawing = re.search(r'<svg class="outline".*?</svg>', page, re.DOTALL)[0]
    labels = re.findall(r'<text class="seat"[^>]*>([^<]+)</text>', drawing)
    points = re.findall(r'<circle class="place" cx="(\d+)" cy="(\d+)"', drawing)
    assert labels == [named]
    assert len(points) == (13 if code == "US-TX" else 1)
    assert note in page
