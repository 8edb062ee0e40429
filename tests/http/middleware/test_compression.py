"""Compression: what is encoded, how ETags tell encodings apart, and what the hot cache makes of it."""

import gzip
import zlib

import brotli
import pytest
from werkzeug.datastructures import ETags

from terrafirma.http.middleware.compression import find_known, negotiate_encoding
from terrafirma.http.middleware.response_cache import ResponseCache

DECODE = {"gzip": gzip.decompress, "br": brotli.decompress, "": bytes}


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("*", "br"),
        ("*, br;q=0", "gzip"),
        ("*;q=0", ""),
        ("gzip;q=0.5, identity", ""),
        ("deflate, zstd", ""),
        ("rubbish;;, ,gzip", "gzip"),
        ("gzip;q=x", ""),
    ],
)
def test_the_encoding_the_client_likes_best_is_taken(header, encoding):
    assert negotiate_encoding(header) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "br"])
@pytest.mark.parametrize(
    "path",
    [
        "/countries",
        "/countries/TH",
        "/entries?limit=5",
        "/countries?format=csv",
        "/countries?format=ndjson",
        "/openapi.json",
    ],
)
def test_a_compressed_answer_is_the_plain_one(shared_client, path, encoding):
    plain = shared_client.get(path)
    coded = shared_client.get(path, headers={"Accept-Encoding": encoding})
    assert coded.headers["Content-Encoding"] == encoding
    assert DECODE[encoding](coded.data) == plain.data
    assert len(coded.data) < len(plain.data) * 0.75
    assert int(coded.headers["Content-Length"]) == len(coded.data)
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in coded.vary
    assert coded.headers["ETag"] == plain.headers["ETag"].rstrip('"') + f'-{encoding}"'


def test_small_answers_and_errors_stay_plain(shared_client):
    for path in ("/countries/TH?fields=name", "/health", "/nowhere", "/countries?limit=x"):
        answer = shared_client.get(path, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers


def test_equal_bodies_have_equal_bytes(open_app, sqlite_world_url):
    one, other = (open_app(sqlite_world_url, hot_cache=0).test_client() for _ in range(2))
    for encoding in ("gzip", "br"):
        headers = {"Accept-Encoding": encoding}
        assert (
            one.get("/countries", headers=headers).data
            == other.get("/countries", headers=headers).data
        )


@pytest.mark.parametrize("asked", ["", "gzip", "br"])
@pytest.mark.parametrize("had", ["", "-gzip", "-br", ":gzip", ";gzip"])
def test_a_copy_in_any_encoding_still_holds(client, asked, had):
    headers = {"Accept-Encoding": asked}
    base = client.get("/countries/TH").headers["ETag"].strip('"')
    for known in (f'"{base}{had}"', f'W/"{base}{had}"', f'"x", "{base}{had}"'):
        for _ in range(2):
            answer = client.get("/countries/TH", headers=headers | {"If-None-Match": known})
            assert (answer.status_code, answer.data) == (304, b"")
            assert answer.headers["ETag"] == f'"{base}{had}"'
            assert not {"Content-Encoding", "Content-Length"} & set(answer.headers.keys())
            client.get("/countries/TH", headers=headers)
    assert client.patch("/countries/TH", json={"area": 5}).status_code == 200
    assert (
        client.get(
            "/countries/TH", headers=headers | {"If-None-Match": f'"{base}{had}"'}
        ).status_code
        == 200
    )


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_the_etag_of_a_compressed_answer_guards_a_write(client, encoding):
    etag = client.get("/countries/TH", headers={"Accept-Encoding": encoding}).headers["ETag"]
    assert etag.endswith(f'-{encoding}"')
    for method, body in (("PUT", {"name": "Siam"}), ("PATCH", {"area": 2})):
        answer = client.open("/countries/TH", method=method, json=body, headers={"If-Match": etag})
        assert answer.status_code == 200
        assert client.delete("/countries/TH", headers={"If-Match": etag}).status_code == 412
        etag = client.get("/countries/TH", headers={"Accept-Encoding": encoding}).headers["ETag"]
    assert (
        client.delete("/countries/TH?dependents=remove", headers={"If-Match": etag}).status_code
        == 204
    )


def test_a_written_record_answers_compressed_with_the_etag_it_is_read_with(client):
    record = {"name": "A", "extra": {"text": "x" * 2000}}
    answer = client.post("/countries", json=record, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    path = answer.headers["Location"]
    for encoding in ("", "gzip", "br"):
        headers = {"If-None-Match": answer.headers["ETag"], "Accept-Encoding": encoding}
        assert client.get(path, headers=headers).status_code == 304


def test_a_replayed_answer_may_be_encoded_otherwise(client):
    record = {"name": "A", "extra": {"text": "x" * 2000}}
    answers = [
        client.post(
            "/countries", json=record, headers={"Idempotency-Key": "k", "Accept-Encoding": encoding}
        )
        for encoding in ("gzip", "", "br")
    ]
    bodies = [DECODE[answer.headers.get("Content-Encoding", "")](answer.data) for answer in answers]
    assert bodies[0] == bodies[1] == bodies[2]


def test_the_hot_cache_keeps_each_encoding_apart(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url)
    client = app.test_client()
    headers = ["", "gzip", "gzip;q=0.9", "gzip, deflate", "br", "gzip, br", "x"]
    for _ in range(2):
        bodies = [
            client.get("/countries", headers={"Accept-Encoding": each}).data for each in headers
        ]
        assert len(set(bodies)) == 3
    layer = app.wsgi_app
    while not isinstance(layer, ResponseCache):
        layer = next(
            inner for inner in vars(layer).values() if callable(inner) and inner is not layer
        )
    assert len(layer._shelf.answers) == 3


@pytest.mark.parametrize("name", ["ndjson", "csv"])
@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_stream_is_compressed_as_it_goes(open_app, sqlite_world_url, name, encoding):
    client = open_app(sqlite_world_url, max_page=20).test_client()
    path = f"/countries?format={name}&fields=*"
    coded = client.get(path, headers={"Accept-Encoding": encoding})
    assert coded.headers["Content-Encoding"] == encoding
    assert "Content-Length" not in coded.headers
    assert DECODE[encoding](coded.data) == client.get(path).data
    if encoding == "gzip":
        assert zlib.decompressobj(31).decompress(coded.data[: len(coded.data) // 2])


def test_caches_are_told_to_ask(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    reads = (
        "/countries",
        "/countries/TH",
        "/entries",
        "/countries?format=geojson",
        "/countries/facets?field=region",
    )
    for path in reads:
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        again = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.headers["Cache-Control"]) == (
            304,
            "public, max-age=0, must-revalidate",
        )
        assert set(answer.vary) == set(again.vary)
    longer = open_app(sqlite_world_url, max_age=60).test_client()
    assert (
        longer.get("/countries").headers["Cache-Control"] == "public, max-age=60, must-revalidate"
    )


def test_what_is_no_read_of_the_register_is_not_kept(client):
    answers = [
        client.get("/nowhere"),
        client.get("/countries/QX"),
        client.get("/health"),
        client.get("/ready"),
    ]
    answers += [
        client.post("/countries", json={"name": "A"}),
        client.post("/countries", data="x"),
        client.put("/health"),
    ]
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store"


def test_which_etags_are_of_the_same_bytes():
    assert find_known(ETags({"5-ab-gzip", "5-abc"}), "5-ab") == "5-ab-gzip"
    assert find_known(ETags({"5-ab-zip", "5-abc", ""}), "5-ab") is None
