"""`/resolve`: names to records over HTTP, in step with what is written."""

import pytest


def resolve(client, text, **parameters):
    answer = client.get("/resolve", query_string={"q": text, **parameters})
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_name_gives_its_record_and_what_matched(shared_client):
    assert resolve(shared_client, "Cote d'Ivoire") == {
        "query": "Cote d'Ivoire",
        "outcome": "matched",
        "kind": "country",
        "score": 0.98,
        "record": resolve(shared_client, "CIV")["record"],
        "matched": {
            "text": "Côte d'Ivoire",
            "field": "name",
            "language": "en",
            "how": "normalised",
        },
        "candidates": [],
    }
    record = resolve(shared_client, "🇨🇮")["record"]
    assert (record["alpha2"], record["alpha3"], record["name"]) == ("CI", "CIV", "Côte d'Ivoire")


def test_many_texts_keep_their_order_and_their_own_outcome(shared_client):
    body = [
        "德国",
        "Congo",
        "Atlantis",
        {"q": "California", "kind": "subdivisions"},
        {"q": "EU", "kind": "group"},
    ]
    answer = shared_client.post("/resolve", json=body)
    assert answer.status_code == 200, answer.text
    assert [each["outcome"] for each in answer.json] == [
        "matched",
        "ambiguous",
        "none",
        "matched",
        "matched",
    ]
    germany, congo, _, california, union = answer.json
    assert germany["record"]["alpha2"] == "DE"
    assert {each["record"]["alpha2"] for each in congo["candidates"]} == {"CD", "CG"}
    assert california["record"]["code"] == "US-CA"
    assert union["record"]["code"] == "EU"
    assert shared_client.post("/resolve", json=[]).json == []


@pytest.mark.parametrize(
    ("text", "day", "alpha2"),
    [("Burma", "1985-01-01", "BU"), ("Zaire", "1990-06-01", "ZR"), ("Macedonia", "1980-01-01", None),
     ("Macedonia", "2000-01-01", "MK"), ("Soviet Union", "1985-01-01", "SU"), ("Ukraine", "2020-01-01", "UA"),
     ("SU", "2020-01-01", None), ("CS", "1990-01-01", "CS")],
)  # fmt: skip
def test_the_day_decides_which_records_there_are(shared_client, text, day, alpha2):
    found = resolve(shared_client, text, on=day)
    assert found.get("record", {}).get("alpha2") == alpha2, found


def test_a_language_settles_what_two_countries_share(shared_client):
    assert resolve(shared_client, "Lusia")["outcome"] == "ambiguous"
    assert resolve(shared_client, "Lusia", lang="to")["record"]["alpha2"] == "RU"
    assert resolve(shared_client, "Lusia", lang="yo")["record"]["alpha2"] == "LC"


def test_a_country_narrows_subdivisions(shared_client):
    shared = resolve(shared_client, "Limburg", kind="subdivision")
    assert shared["outcome"] == "ambiguous"
    assert (
        resolve(shared_client, "Limburg", kind="subdivision", country="nl")["record"]["code"]
        == "NL-LI"
    )


def test_an_answer_says_why_nothing_matched(shared_client):
    scotland = resolve(shared_client, "Scotland")
    assert scotland["outcome"] == "none"
    assert "GB-SCT" in scotland["suggestion"]
    assert "capital" in resolve(shared_client, "Nairobi")["suggestion"]
    demonym = resolve(shared_client, "Thai", kind="country")
    assert demonym["outcome"] == "none"
    assert demonym["candidates"][0]["record"]["alpha2"] == "TH"
    assert "placeholder" in resolve(shared_client, "N/A")["suggestion"]


def test_what_is_written_is_found_at_once_and_what_is_deleted_no_more(client):
    assert resolve(client, "Zubrowka")["outcome"] == "none"
    made = client.post("/countries", json={"name": "Zubrowka", "alpha2": "ZB"})
    assert made.status_code == 201, made.text
    assert resolve(client, "zubrówka")["record"]["id"] == made.json["id"]
    assert resolve(client, "ZB")["record"]["id"] == made.json["id"]
    changed = client.patch(
        f"/countries/{made.json['id']}", json={"other_names": ["Grand Budapest"]}
    )
    assert changed.status_code == 200
    assert resolve(client, "Grand Budapest")["matched"]["field"] == "other_names"
    assert client.patch("/countries/TH", json={"other_names": ["Muang Thai"]}).status_code == 200
    assert resolve(client, "Muang Thai")["record"]["alpha2"] == "TH"
    assert resolve(client, "Siam")["record"]["alpha2"] == "TH"
    assert client.delete(f"/countries/{made.json['id']}").status_code == 204
    assert resolve(client, "Grand Budapest")["outcome"] == "none"


@pytest.mark.parametrize(
    ("query", "field"),
    [("", "q"), ("q=x&kind=planet", "kind"), ("q=x&on=yesterday", "on"), ("q=x&as_of=3", "as_of"),
     ("q=x&limit=1000", "limit"), ("q=x&lang=*", "lang"), ("q=x&country=USA", "country"), ("q=%00", "NUL")],
)  # fmt: skip
def test_a_bad_question_is_refused(shared_client, query, field):
    answer = shared_client.get(f"/resolve?{query}")
    assert answer.status_code == 400
    assert field in answer.json["error"]


@pytest.mark.parametrize(
    ("body", "path"),
    [([{"q": "x", "kind": "planet"}], "0.kind"), (["x", {"q": 5}], "1.q"), (["x", 7], "1"), ([{}], "0.q"),
     ([{"q": "x", "on": "2020-13-01"}], "0.on"), (["x" * 10_001], "0.q"), ([None], "0"), ([{"q": "x", "y": 1}], "0.y")],
)  # fmt: skip
def test_a_bad_item_is_named(shared_client, body, path):
    answer = shared_client.post("/resolve", json=body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["details"]] == [path]


def test_odd_texts_get_an_answer(shared_client):
    texts = ["", " ", "a" * 10_000, "\u202eمصر", "\x07Chad\x1b", "Gеrmany", "😀", "'; DROP TABLE countries; --", "../",
             "1e999", "NaN", "null", "\U000e0067", "(((", ", ,", "-", "&", "/"]  # fmt: skip
    answer = shared_client.post("/resolve", json=texts)
    assert answer.status_code == 200
    found = dict(zip(texts, answer.json, strict=True))
    assert found["\u202eمصر"]["record"]["alpha2"] == "EG"
    assert found["\x07Chad\x1b"]["record"]["alpha2"] == "TD"
    matched = [text for text, each in found.items() if each["outcome"] == "matched"]
    assert set(matched) <= {"\u202eمصر", "\x07Chad\x1b", "Gеrmany"}
    assert shared_client.post("/resolve", json={"q": "Chad"}).status_code == 422
    assert shared_client.post("/resolve", data="Chad").status_code == 415


@pytest.mark.parametrize(
    ("query", "first"),
    [("q=russia", "RU"), ("q=usa", "US"), ("q=mali", "ML"), ("q=ireland", "IE"), ("q=DE", "DE"),
     ("q=Trinidad+%26+Tobago", "TT"),
     ("q=Hong+Kong,+China", "HK"), ("q=D.R.+Congo", "CD"), ("q=德国&lang=zh", "DE"), ("q=Deutschland", "DE"),
     ("q=bangkok", "TH"), ("q=Argentnia", "AR"), ("q=usa&region=Americas", "US")],
)  # fmt: skip
def test_a_search_begins_with_what_is_meant(shared_client, query, first):
    answer = shared_client.get(f"/countries?{query}&fields=alpha2&limit=3")
    assert answer.status_code == 200, answer.text
    assert answer.json[0]["alpha2"] == first


def test_a_ranked_search_is_paged_counted_and_sorted_like_any_list(shared_client):
    whole = shared_client.get("/countries?q=united&fields=id,name")
    pages, address = [], "/countries?q=united&fields=id,name&limit=2"
    while address:
        page = shared_client.get(address)
        assert page.status_code == 200, page.text
        pages += page.json
        link = page.headers.get("Link", "")
        address = link.partition(">")[0].removeprefix("<") if link else ""
    assert pages == whole.json
    assert int(whole.headers["X-Total-Count"]) == len(pages)
    sorted_names = [
        each["name"] for each in shared_client.get("/countries?q=united&sort=name&fields=name").json
    ]
    assert sorted_names == sorted(each["name"] for each in pages)
    facets = shared_client.get("/countries/facets?q=united&field=region").json["region"]
    assert sum(each["count"] for each in facets) == len(pages)
    many = shared_client.get("/subdivisions?q=a&limit=5")
    assert many.status_code == 200
    assert int(many.headers["X-Total-Count"]) > 1000
    assert shared_client.get("/countries?q=xyzzy").json == []


def test_a_list_that_is_too_long_is_told_the_way_out(shared_client):
    refused = shared_client.post("/resolve", json=["Peru"] * 1001)
    assert refused.status_code == 413
    assert "in parts" in refused.json["error"]
    assert "terrafirma resolve FILE" in refused.json["error"]
