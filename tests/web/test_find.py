"""The search box of every page: names in any language, codes and misspellings, as the resolver reads them."""

import pytest


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("uk", "United Kingdom"),
        ("usa", "United States"),
        ("burma", "Myanmar"),
        ("deutschland", "Germany"),
        ("德国", "Germany"),
        ("germny", "Germany"),
        ("germ", "Germany"),
        ("cote d'iv", "Côte d'Ivoire"),
        ("korea, rep", "South Korea"),
        ("california", "California"),
        ("euro", "Euro"),
    ],
)
def test_the_box_suggests_what_a_text_means(shared_client, text, name):
    found = shared_client.get("/explore/suggest", query_string={"q": text}).json["hits"]
    assert found[0]["name"] == name


def test_a_page_in_another_language_suggests_its_names(shared_client):
    found = shared_client.get("/explore/suggest?lang=de&q=frankr").json["hits"]
    assert found[0]["name"] == "Frankreich"


def test_an_earlier_state_is_searched_by_its_words(shared_client):
    found = shared_client.get("/explore/suggest?as_of=1&q=thail").json["hits"]
    assert found[0]["code"] == "TH"


@pytest.mark.parametrize("text", [" ", "qqqqqqqq", "%", "a" * 5000, "\u202e"])
def test_what_means_nothing_suggests_nothing(shared_client, text):
    assert shared_client.get("/explore/suggest", query_string={"q": text}).json == {"hits": []}
