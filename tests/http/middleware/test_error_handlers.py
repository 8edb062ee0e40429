"""Refusals: the right status, JSON in the form asked for, a sentence that helps; never HTML."""

import time
import tracemalloc

import pytest

NOT_JSON = {"error": "Request must be JSON"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize(
    "media",
    [None, "text/plain", "text/html", "application/x-www-form-urlencoded", "junk", "a/b; c"],
)
def test_what_is_not_json_is_told_in_the_tutorials_words(shared_client, method, media):
    path = "/countries" if method == "POST" else "/countries/TH"
    answer = shared_client.open(path, method=method, data=b'{"name": "X"}', content_type=media)
    assert (answer.status_code, answer.json, answer.content_type) == (
        415,
        NOT_JSON,
        "application/json",
    )


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"', "bogus", "latin-1", ""])
def test_json_is_utf_8_whatever_its_charset_says(shared_client, charset):
    media = f"application/json; charset={charset}"
    answer = shared_client.post(
        "/countries", data='{"é": 1, "name": "É"}'.encode(), content_type=media
    )
    assert (answer.status_code, answer.json["details"][0]["field"]) == (422, "é")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/countries", "GET, HEAD, OPTIONS, POST, PUT"),
        ("/countries/TH", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/country", "GET, HEAD, OPTIONS"),
        ("/entries", "GET, HEAD, OPTIONS"),
        ("/", "GET, HEAD, OPTIONS"),
        ("/health", "GET, HEAD, OPTIONS"),
    ],
)
def test_other_methods_are_told_what_is_allowed(shared_client, path, allowed):
    for method in {"POST", "PUT", "PATCH", "DELETE", "TRACE", "JUNK"} - set(allowed.split(", ")):
        answer = shared_client.open(path, method=method, json={"name": "X"})
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
        assert method in answer.json["error"]
    options = shared_client.options(path)
    assert options.status_code == 200
    assert ", ".join(sorted(options.headers["Allow"].split(", "))) == allowed


PROBLEMS = [
    ("GET", "/nowhere", None, 404),
    ("GET", "/countries/QQ", None, 404),
    ("GET", "/countries?limit=0", None, 400),
    ("DELETE", "/countries", None, 405),
    ("POST", "/countries", {"nme": 1}, 422),
    ("POST", "/countries", {"name": "Thailand"}, 409),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), PROBLEMS)
def test_problems_come_in_the_form_asked_for(shared_client, method, path, body, status):
    plain = shared_client.open(path, method=method, json=body)
    assert (plain.status_code, plain.content_type) == (status, "application/json")
    assert plain.json.keys() <= {"error", "details"}
    problem = shared_client.open(
        path, method=method, json=body, headers={"Accept": "application/problem+json"}
    )
    assert (problem.status_code, problem.content_type) == (status, "application/problem+json")
    assert problem.json["detail"] == plain.json["error"]
    assert problem.json["status"] == status
    assert problem.json["type"]
    assert problem.json["title"]
    assert problem.json.get("errors") == plain.json.get("details")


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json, application/problem+json", "application/json"),
        ("application/problem+json, application/json;q=0.9", "application/problem+json"),
        ("application/problem+json, */*", "application/problem+json"),
        ("application/*", "application/json"),
        (";;;,,,q=x", "application/json"),
        ("é/\x80", "application/json"),
        ("a" * 5000, "application/json"),
        ("application/problem+json;q=junk", None),
    ],
)
def test_any_accept_header_gets_an_answer(sqlite_client, accept, form):
    answer = sqlite_client.get("/nowhere", headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.json or b"<h1>" in answer.data
    assert answer.content_type == form or form is None
    assert sqlite_client.get("/countries/TH", headers={"Accept": accept}).json["name"] == "Thailand"


def test_a_mistyped_parameter_is_told_with_the_nearest(shared_client):
    assert '"limit"' in shared_client.get("/countries?limt=1").json["error"]
    assert (
        '"currencies.code"' in shared_client.get("/countries?fields=currencies.cod").json["error"]
    )
    assert '"include"' in shared_client.get("/countries/TH?includ=dated").json["error"]
    assert "not a parameter here." in shared_client.get("/health?x=1").json["error"]


@pytest.mark.parametrize(
    "header", ["Accept", "Accept-Encoding", "Accept-Language", "If-None-Match", "If-Match"]
)
@pytest.mark.parametrize("path", ["/countries/TH", "/nothing-here"])
def test_a_long_header_takes_no_time(shared_client, header, path):
    for pattern in (
        "a" + " " * 200_000 + "b",
        "a;q=" + ";" * 200_000,
        '"' * 200_000,
        "a/b," * 50_000,
    ):
        begun = time.perf_counter()
        assert shared_client.get(path, headers={header: pattern}).status_code in (200, 404, 406)
        assert time.perf_counter() - begun < 60


def test_long_headers_are_not_remembered_whole(shared_client):
    tracemalloc.start()
    for number in range(200):
        junk = f"{number:04}" + "x" * 100_000
        names = ("Accept", "Accept-Encoding", "Accept-Language")
        shared_client.get("/countries/TH", headers=dict.fromkeys(names, junk))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 20_000_000
