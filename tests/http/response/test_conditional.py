"""ETags: 304 for what is known already, 412 for writes over what was not seen."""

from contextlib import closing

import pytest

from terrafirma.dataset.load import fill, read_dataset
from terrafirma.http.app.context import EXTENSION
from terrafirma.storage.engine.database import open_database
from terrafirma.storage.register.backup import clear_contents


def test_every_read_has_a_strong_etag_that_spares_the_body(shared_client):
    for path in (
        "/countries",
        "/countries?limit=5",
        "/countries/TH",
        "/country",
        "/",
        "/entries",
        "/countries/TH/entries",
    ):
        etag = shared_client.get(path).headers["ETag"]
        assert etag.startswith('"')
        for known in (etag, f'"x", {etag}', "*", f"W/{etag}"):
            answer = shared_client.get(path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.data) == (304, b""), (path, known)
            assert answer.headers["ETag"] == etag
            assert "Content-Length" not in answer.headers
        assert shared_client.get(path, headers={"If-None-Match": '"x"'}).status_code == 200


def test_an_etag_changes_with_the_record_and_not_with_others(client):
    one, other = (
        client.get("/countries/TH").headers["ETag"],
        client.get("/countries/EG").headers["ETag"],
    )
    client.patch("/countries/TH", json={"area": 1})
    assert client.get("/countries/TH", headers={"If-None-Match": one}).status_code == 200
    assert client.get("/countries/EG", headers={"If-None-Match": other}).status_code == 304


def test_different_views_of_a_record_have_different_etags_of_one_entry(shared_client):
    etags = [
        shared_client.get(f"/countries/TH{query}").headers["ETag"]
        for query in ("", "?fields=name", "?include=dated")
    ]
    assert len(set(etags)) == 3
    assert len({etag.split("-")[0] for etag in etags}) == 1


@pytest.mark.parametrize("query", ["", "?fields=name", "?include=dated", "?on=2020-01-01"])
def test_any_view_of_the_current_entry_guards_a_write(client, query):
    etag = client.get(f"/countries/TH{query}").headers["ETag"]
    answer = client.patch("/countries/TH", json={"area": 1}, headers={"If-Match": etag})
    assert answer.status_code == 200
    stale = client.patch("/countries/TH", json={"area": 2}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert (
        client.put("/countries/TH", json={"name": "Siam"}, headers={"If-Match": etag}).status_code
        == 412
    )
    assert client.delete("/countries/TH", headers={"If-Match": etag}).status_code == 412
    assert client.get("/countries/TH").json["area"] == 1
    assert (
        client.delete(
            "/countries/TH?dependents=remove", headers={"If-Match": answer.headers["ETag"]}
        ).status_code
        == 204
    )


def test_an_etag_of_a_register_that_was_started_over_names_no_state_of_the_new_one(
    open_app, database_url
):
    """Entry numbers come again; what a client saw before must not pass for what is there now."""
    client = open_app(database_url, dataset="starter").test_client()
    before = client.patch("/countries/1", json={"area": 1})
    state = client.application.extensions[EXTENSION]
    # A database of its own, as filling takes longer than a request may.
    with closing(open_database(state.settings.url)) as database, database.writing() as connection:
        clear_contents(connection)
        fill(connection, read_dataset("starter"))
    after = client.patch("/countries/1", json={"area": 2})
    number, _, mark = after.headers["ETag"].partition(".")
    assert before.headers["ETag"].startswith(f"{number}.")
    assert not before.headers["ETag"].startswith(f"{number}.{mark.partition('-')[0]}-")
    for known, status in ((before.headers["ETag"], 412), (after.headers["ETag"], 200)):
        answer = client.patch("/countries/1", json={"area": 3}, headers={"If-Match": known})
        assert answer.status_code == status


def test_an_encoding_after_the_entry_does_not_matter(client):
    etag = client.get("/countries/TH").headers["ETag"].rstrip('"') + ':gzip"'
    assert (
        client.patch("/countries/TH", json={"area": 1}, headers={"If-Match": etag}).status_code
        == 200
    )


def test_a_star_matches_what_there_is(client):
    assert (
        client.put(
            "/countries/TH", json={"name": "Siam"}, headers={"If-None-Match": "*"}
        ).status_code
        == 412
    )
    assert (
        client.put("/countries/QQ", json={"name": "A"}, headers={"If-Match": "*"}).status_code
        == 412
    )
    assert (
        client.put("/countries/QQ", json={"name": "A"}, headers={"If-None-Match": "*"}).status_code
        == 201
    )
    assert (
        client.put("/countries/QQ", json={"name": "B"}, headers={"If-Match": "*"}).status_code
        == 200
    )


@pytest.mark.parametrize(
    "junk",
    ["", ",", '"', "garbage", "1", 'W/"1-x"', '""', '"1', "\x7f", '"-1"', "'1-x'", '"x" * 9'],
)
def test_an_if_match_that_names_no_state_guards_all_the_same(shared_client, junk):
    before = shared_client.get("/").json["entries"]
    for method in (shared_client.put, shared_client.patch, shared_client.delete):
        assert (
            method("/countries/EG", json={"name": "Misr"}, headers={"If-Match": junk}).status_code
            == 412
        )
    assert shared_client.get("/").json["entries"] == before


def test_created_records_answer_with_the_etag_they_are_read_with(client):
    answer = client.post("/countries", json={"name": "A"})
    assert (
        client.get("/countries/273", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )


def test_if_match_leaves_reads_alone_the_first_time_and_after(client):
    for _ in range(2):
        answer = client.get("/countries/TH", headers={"If-Match": '"x"'})
        assert (answer.status_code, answer.json["id"]) == (200, 1)
