"""What narrows the lists of the atlas: filters in words, facets, one more from a form; and spans of memberships."""

import html
import re
from urllib.parse import unquote

import pytest

from terrafirma.web.display import write_field
from terrafirma.web.membership_timeline import draw_spans

BROWSER = {"Accept": "text/html"}


def ask(client, path):
    return client.get(path, headers=BROWSER)


def names_of(page):
    return re.findall(r'<th scope="row">.*?<a href="[^"]*">([^<]+)</a>', page)


@pytest.mark.parametrize(
    ("spelled", "address"),
    [
        ("add=area&how=gte&value=5000000", "area[gte]=5000000"),
        ("add=region&how=eq&value=Asia&colour=area", "colour=area&region=Asia"),
        ("region=Asia&add=region&how=eq&value=Europe", "region=Asia&region=Europe"),
        ("add=capital&how=lacks", "capital[exists]=false"),
        ("add=capital&how=exists&value=whatever", "capital[exists]=true"),
        ("add=extra.team&how=contains&value=a b", "extra.team[contains]=a+b"),
        ("how=eq", ""),
    ],
)
def test_a_form_spells_a_filter_without_scripts(shared_client, spelled, address):
    answer = ask(shared_client, f"/explore?{spelled}")
    assert answer.status_code == 302
    assert unquote(answer.headers["Location"]).partition("?")[2] == address
    assert ask(shared_client, answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("spelled", "sentence"),
    [
        ("add=arae&how=eq&value=1", 'did you mean "area"?'),
        ("add=area&how=like&value=1", "how must be one of eq, ne"),
        ("add=area&how=gte&value=big", "area is a number"),
    ],
)
def test_what_no_filter_can_be_is_said_on_a_page(shared_client, spelled, sentence):
    answer = shared_client.get(f"/explore?{spelled}", headers=BROWSER, follow_redirects=True)
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert sentence in html.unescape(answer.text)


def test_filters_are_told_in_words_and_taken_away_one_by_one(shared_client):
    page = ask(
        shared_client,
        "/explore?currencies.code=EUR&currencies.code=CHF&area[lt]=50000&capital[exists]=true",
    ).text
    away = {
        html.unescape(told): html.unescape(link)
        for link, told in re.findall(r'href="([^"]*)" aria-label="Take away ([^"]*)"', page)
    }
    assert list(away) == [
        "Currency: Euro",
        "Currency: Swiss Franc",
        "Area is less than 50000",
        "Capital is there",
    ]
    assert (
        away["Currency: Euro"] == "/explore?currencies.code=CHF&area[lt]=50000&capital[exists]=true"
    )


def test_other_kinds_have_the_same_tools(shared_client):
    page = ask(
        shared_client, "/explore/list/subdivisions?country=CH&fields=type,parent&sort=name"
    ).text
    assert 'aria-label="Take away Country: Switzerland"' in page
    assert names_of(page)[0] == "Aargau"
    assert len(names_of(page)) == 26
    assert re.search(
        r'<a href="/explore/list/subdivisions\?country=CH&amp;fields=type,parent&amp;sort=name&amp;type=\w+">',
        page,
    )
    assert '<input type="checkbox" name="columns" value="parent" checked>' in page
    groups = ask(shared_client, "/explore/list/memberships?country=DE").text
    assert "European Union</a>" in groups[groups.index("<h3>Group</h3>") :]
    former = ask(shared_client, "/explore?status=former&sort=name").text
    assert "Yugoslavia" in former
    assert 'aria-label="Take away Status: former"' in former


def test_a_view_is_asked_of_the_api_without_what_only_pages_know(shared_client):
    page = ask(shared_client, "/explore?region=Asia&colour=population&sort=-area").text
    for form in ("", "&format=csv&bom=1", "&format=geojson"):
        address = f"/countries?region=Asia&sort=-area{form}"
        assert f'href="{html.escape(address)}"' in page
        assert shared_client.get(address).status_code == 200


def test_a_map_says_why_some_are_hatched(shared_client):
    assert "Hatched: no source" in ask(shared_client, "/explore?colour=gini").text
    assert "Hatched" not in ask(shared_client, "/explore?colour=member_of.EU").text
    assert "Hatched" not in ask(shared_client, "/explore?colour=name").text


def test_memberships_that_have_ended_stay_on_a_countrys_page(shared_client):
    page = ask(shared_client, "/explore/GB").text
    section = page[page.index('id="memberships"') : page.index('id="subdivisions"')]
    assert re.search(
        r">European Union</a>\s*<small>since 1 January 1973 until 31 January 2020",
        section,
    )
    assert "United Nations" in section
    then = ask(shared_client, "/explore/GB?on=2010-01-01").text
    assert 'class="ended"' in re.search(r">European Union</a>.*?</svg>", page, re.DOTALL)[0]
    assert 'class="ended"' not in re.search(r">European Union</a>.*?</svg>", then, re.DOTALL)[0]


def test_spans_lie_on_one_line():
    memberships = [
        {"id": 1, "group": "A", "from": "1900", "to": "1950"},
        {"id": 2, "group": "B", "from": "1950"},
        {"id": 3, "group": "A", "from": "1975-01-01"},
        {"id": 4, "group": "C"},
    ]
    line = draw_spans(memberships, "2000-01-01")
    told = {
        group: [(span.start, span.length, span.past) for span in spans]
        for group, spans in line.groups.items()
    }
    assert told == {
        "C": [(0, 1000, False)],
        "A": [(0, 500, True), (750, 250, False)],
        "B": [(500, 500, False)],
    }
    assert (line.first, line.last) == ("1900-01-01", "2000-01-01")
    assert draw_spans([], "2000-01-01") is None


def test_timelines_call_codes_by_their_names(shared_client):
    assert write_field([{"code": "BGN"}, {"code": "XQQ"}], "currencies") == "Bulgarian Lev, XQQ"
    page = ask(shared_client, "/explore/BG").text
    assert "Bulgarian Lev" in page
    assert "<small>BGN</small>" not in page


def test_neighbours_are_named_in_the_readers_language(shared_client):
    page = shared_client.get("/explore/BG", headers=BROWSER | {"Accept-Language": "de"}).text
    assert "Griechenland" in page
    assert "Bulgarien" in page
