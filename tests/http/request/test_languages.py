"""Names in the language that was asked for, by `lang` or Accept-Language."""

from functools import partial

import pytest

from terrafirma.dataset.load import prepare, read_locales
from terrafirma.http.app.accept import HEADER
from terrafirma.http.app.context import EXTENSION
from terrafirma.http.middleware.response_cache import ResponseCache
from terrafirma.http.request.languages import _negotiate_language, negotiate_language
from terrafirma.http.response.responses import HOT
from terrafirma.register.model.languages import Locales
from terrafirma.storage.engine.database import open_database


def name(client, path, header=None):
    """A country's name in an answer, and the language that the answer says it is in."""
    answer = client.get(path, headers={"Accept-Language": header} if header else {})
    assert answer.status_code == 200, answer.json
    assert answer.vary.as_set() >= {"accept-language"}
    return answer.json["name"], answer.headers.get("Content-Language")


def test_lang_and_the_header_localise_names(client):
    assert name(client, "/countries/CI") == ("Côte d'Ivoire", None)
    assert name(client, "/countries/CI?lang=de") == ("Côte d’Ivoire", "de")
    assert name(client, "/countries/SJ?lang=de_at") == ("Svalbard und Jan Mayen", "de-AT")
    assert name(client, "/countries/de?lang=de-LI") == ("Deutschland", "de")
    assert name(client, "/countries/TH?lang=zh-Hant-TW") == ("泰國", "zh-Hant")
    assert name(client, "/countries/TH", "fr-CH, de;q=0.5") == ("Thaïlande", "fr")
    assert name(client, "/countries/TH?lang=th", "fr") == ("ไทย", "th")
    assert name(client, "/countries/TH?lang=tlh", "fr") == ("Thailand", "en")
    assert name(client, "/countries/NR?lang=en-AU") == ("Naoero", "en-001")
    listed = client.get("/countries?lang=fr&fields=id,name&sort=name&limit=2")
    assert [country["name"] for country in listed.json] == ["Afghanistan", "Afrique du Sud"]
    assert (listed.headers["Content-Language"], listed.headers["X-Total-Count"]) == ("fr", "250")
    answer = client.get("/countries", headers={"Accept-Language": "fr"})
    everything = {country["alpha2"]: country["name"] for country in answer.json}
    assert (len(everything), everything["DE"], everything["GB"]) == (
        250,
        "Allemagne",
        "Royaume-Uni",
    )


def test_what_a_browser_reads_can_be_put_back(client):
    german = {"Accept-Language": "de"}
    shown = client.get("/countries/DE", headers=german).json
    assert shown["name"] == "Deutschland"
    assert client.put("/countries/DE", json=shown | {"area": 1}, headers=german).status_code == 200
    assert client.get("/countries/DE").json["name"] == "Germany"
    client.put("/countries/DE", json=shown | {"name": "Bundesrepublik"}, headers=german)
    assert client.get("/countries/DE").json["name"] == "Bundesrepublik"


def test_searching_and_sorting_follow_the_language(client):
    assert client.get("/countries?lang=de&name=Germany&fields=name").json == []
    assert client.get("/countries?lang=de&name=Deutschland&fields=name").json == [
        {"name": "Deutschland"}
    ]
    found = client.get("/countries?lang=de&sort=name&fields=name&limit=3")
    assert [country["name"] for country in found.json] == ["Afghanistan", "Ägypten", "Ålandinseln"]
    assert "lang=de" in found.headers["Link"]


@pytest.mark.parametrize("text", ["", "d", "de AT", "de,fr", "*", "de%0A", "a" * 40])
def test_a_malformed_tag_is_refused(sqlite_client, text):
    for path in ("/countries", "/countries/TH"):
        answer = sqlite_client.get(f"{path}?lang={text}")
        assert answer.status_code == 400
        assert "BCP 47" in answer.json["error"]


def test_a_malformed_header_is_passed_over(sqlite_client):
    for header in ("d", "de AT", ";q=", "\x7f", "de;q=x", "é" * 3000):
        assert name(sqlite_client, "/countries/DE", header) == ("Germany", "en")


def test_own_countries_and_own_names(client):
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    assert name(client, "/countries/QQ?lang=de") == ("Atlantis", "de")
    assert client.get("/countries/QQ/names").json == {}
    client.patch("/countries/TH", json={"name": "Siam"})
    assert name(client, "/countries/TH") == ("Siam", None)
    assert name(client, "/countries/TH?lang=en-US") == ("Siam", "en")
    assert name(client, "/countries/TH?lang=fr") == ("Thaïlande", "fr")


def test_the_names_of_a_country(client):
    answer = client.get("/countries/tha/names")
    assert answer.json["fr"] == "Thaïlande"
    assert "fr-FR" not in answer.json
    assert "en" not in answer.json
    assert (
        client.get(
            "/countries/TH/names", headers={"If-None-Match": answer.headers["ETag"]}
        ).status_code
        == 304
    )
    assert client.get("/countries/QQ/names").status_code == 404
    assert client.get("/countries/TH/names?lang=de").status_code == 400
    # The countries were loaded first.
    assert client.get("/countries/TH/names?as_of=1").json == {}
    assert name(client, "/countries/TH?lang=fr&as_of=250") == ("Thailand", None)
    assert name(client, "/countries/TH?lang=fr&as_of=522&on=2020-01-01") == ("Thaïlande", "fr")


def test_names_go_with_their_country(client):
    start = client.get("/").json["entries"]
    client.delete("/countries/TH?dependents=remove")
    gone = client.get(f"/entries?since={start}").json
    assert [(entry["action"], entry["kind"], entry["id"]) for entry in gone[-2:]] == [
        ("delete", "country", 1),
        ("delete", "names", 1),
    ]
    assert client.get(f"/countries/TH/names?as_of={start}").json["fr"] == "Thaïlande"
    assert name(client, f"/countries/TH?lang=fr&as_of={start}") == ("Thaïlande", "fr")
    client.put("/countries/TH", json={"name": "Thailand"})
    assert client.get("/countries/TH/names").json == {}
    assert name(client, "/countries/TH?lang=fr") == ("Thailand", "fr")


def test_names_are_no_terms(world_url):
    database = open_database(world_url)
    with database.reading() as connection:
        for table in ("terms", "keys"):
            query = f"SELECT count(*) FROM {table} WHERE kind = 'names'"
            assert connection.exec_driver_sql(query).scalar() == 0
    database.close()


def test_etags_tell_languages_apart_and_writers_do_not_mind(client):
    english, french = client.get("/countries/TH"), client.get("/countries/TH?lang=fr")
    assert english.headers["ETag"] != french.headers["ETag"]
    fresh = client.get("/countries/TH?lang=fr", headers={"If-None-Match": french.headers["ETag"]})
    assert (fresh.status_code, fresh.vary.as_set()) == (304, {*french.vary.as_set()})
    guarded = client.patch(
        "/countries/TH", json={"area": 1}, headers={"If-Match": french.headers["ETag"]}
    )
    assert guarded.status_code == 200


def test_hot_answers_are_kept_by_language(client):
    def ask(header):
        return client.get("/countries/DE", headers={"Accept-Language": header})

    for _ in range(3):
        assert [ask(header).json["name"] for header in ("de", "fr", "tlh", "de-DE,de;q=0.9")] == [
            "Deutschland",
            "Allemagne",
            "Germany",
            "Deutschland",
        ]
        assert client.get("/countries/DE").json["name"] == "Germany"
    assert ask("de").headers["Content-Language"] == "de"
    known = client.get(
        "/countries/DE",
        headers={"Accept-Language": "fr", "If-None-Match": ask("fr").headers["ETag"]},
    )
    assert known.status_code == 304
    client.patch("/countries/DE", json={"area": 1})
    assert ask("de").json["area"] == 1


def test_the_starter_answers_browsers_as_the_tutorial_does(open_app, database_url):
    database = open_database(database_url)
    prepare(database, "starter")
    database.close()
    app = open_app(database_url, dataset="starter")
    client = app.test_client()
    plain, browser = (
        client.get("/countries"),
        client.get("/countries", headers={"Accept-Language": "de,en;q=0.5"}),
    )
    assert plain.data == browser.data
    assert "Content-Language" not in browser.headers
    assert name(client, "/countries/1?lang=de") == ("Thailand", None)
    assert client.get("/countries/1/names").json == {}
    assert app.extensions[EXTENSION].locales.find("de") == "de"


def test_odd_headers_share_one_answer():
    calls = []

    def app(environ, start_response):
        calls.append(environ["HTTP_ACCEPT_LANGUAGE"])
        environ[HOT] = True
        start_response("200 OK", [("ETag", '"1"')])
        return [b"x"]

    class Still:
        def read(self):
            return b"1"

        known = read

    cache = ResponseCache(app, Still(), 1_000_000, partial(negotiate_language, read_locales()))
    for number in range(500):
        header = f"de-{number:04};q=0.{number},de;q=0.5"
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/", "HTTP_ACCEPT_LANGUAGE": header}
        assert b"".join(cache(environ, lambda *_: None)) == b"x"
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("de", "de"),
        ("de-LI,de;q=0.9,en;q=0.8", "de"),
        ("en;q=0.5, fr;q=0.9", "fr"),
        ("fr;q=0.9,de;q=0.9", "fr"),
        ("tlh, kw;q=0.9, th;q=0.1", "th"),
        ("de;q=0, th;q=0.1", "th"),
        ("de; q=0.3 , fr ; q = 0.4", "fr"),
        ("*", "en"),
        ("tlh", "en"),
        ("", "en"),
        (";;,,q=1", "en"),
        ("de;q=2, fr;q=0.1", "fr"),
        ("de;q=nan,th", "th"),
        ("x" * HEADER + ",de", "en"),
        ("en-GB,en", "en-001"),
    ],
)
def test_a_header_comes_to_one_locale(header, locale):
    assert negotiate_language(read_locales(), header) == locale


def test_odd_headers_are_not_remembered_without_end():
    locales = Locales({"de": None}, {})
    assert {
        negotiate_language(locales, f"de-{number},de;q=0.{number}") for number in range(5000)
    } == {"de"}
    assert _negotiate_language.cache_info().currsize <= 1000
