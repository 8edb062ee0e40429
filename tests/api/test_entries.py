"""`/entries` and `/countries/{key}/entries`: the log as it can be read."""

import itertools
import re

import pytest

from terrafirma.register.log.history import GENESIS
from terrafirma.register.model.canonical_json import same
from tests.conftest import find_last_faults

MEMBERS = {
    *("number", "at", "actor", "action", "kind", "id", "before", "after"),
    *("shape", "payload_hash", "previous", "hash"),
}


def test_the_log_begins_with_the_dataset(shared_client):
    entries = shared_client.get("/entries?limit=3").json
    assert [entry["number"] for entry in entries] == [1, 2, 3]
    assert all(entry.keys() == MEMBERS for entry in entries)
    assert entries[0]["previous"] == GENESIS
    assert entries[1]["previous"] == entries[0]["hash"]
    assert {(entry["actor"], entry["action"], entry["kind"]) for entry in entries} == {
        ("dataset:world", "load", "country")
    }
    assert all(
        re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", entry["at"]) for entry in entries
    )


def test_fields_pick_parts_of_entries(client):
    start = client.get("/").json["entries"]
    client.patch("/countries/TH", json={"area": 1})
    changes = [{"before": 513120, "after": 1, "field": "area"}]
    [entry] = client.get(f"/entries?since={start}&fields=number,changes").json
    assert entry == {"number": start + 1, "changes": changes}
    assert client.get(f"/countries/TH/entries?since={start}&fields=changes,kind").json == [
        {"kind": "country", "changes": changes}
    ]
    assert client.get(f"/entries?since={start}&fields=hash&format=ndjson").data.count(b":") == 1
    assert "changes" not in client.get(f"/entries?since={start}").json[0]


@pytest.mark.parametrize("fields", ["number,name", "*", "", "number,number", "after.name"])
def test_fields_that_entries_lack_are_refused(sqlite_client, fields):
    answer = sqlite_client.get("/entries", query_string={"fields": fields})
    assert (answer.status_code, answer.json["error"].split()[0]) == (400, "fields")


def test_since_and_next_lead_through_the_whole_log(shared_client):
    numbers, path = [], "/entries?limit=100"
    while path:
        answer = shared_client.get(path)
        numbers += [entry["number"] for entry in answer.json]
        link = answer.headers.get("Link")
        path = link and link[1 : link.index(">")]
    last = shared_client.get("/").json["entries"]
    assert numbers == list(range(1, last + 1))
    assert shared_client.get(f"/entries?since={last}").json == []
    assert shared_client.get("/entries?since=999999999999999999").json == []


def test_every_write_is_an_entry(client, world_url):
    start = client.get("/").json["entries"]
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    client.put("/countries/QQ", json={"name": "Atlantis", "alpha2": "QQ", "area": 1})
    client.patch("/countries/QQ", json={"area": 2})
    client.delete("/countries/QQ")
    entries = client.get(f"/entries?since={start}").json
    assert [entry["action"] for entry in entries] == ["create", "replace", "patch", "delete"]
    assert {(entry["id"], entry["actor"]) for entry in entries} == {(273, "local")}
    assert entries[0]["before"] is None
    assert entries[-1]["after"] is None
    for one, two in itertools.pairwise(entries):
        assert same(one["after"], two["before"])
        assert one["at"] <= two["at"]
    assert client.get("/").json["entries"] == start + 4
    assert find_last_faults(world_url) == []


@pytest.mark.parametrize("key", ["QQ", "qqq", "273"])
def test_a_deleted_countrys_entries_are_found_by_its_keys(client, key):
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ", "alpha3": "QQQ"})
    client.delete("/countries/QQ")
    assert [entry["action"] for entry in client.get(f"/countries/{key}/entries").json] == [
        "create",
        "delete",
    ]
    last = client.get("/").json["entries"]
    assert [
        entry["number"] for entry in client.get(f"/countries/{key}/entries?since={last - 1}").json
    ] == [last]


@pytest.mark.parametrize("key", ["QQ", "QQQ", "273", "0", "007", "x", "%00"])
def test_entries_of_what_never_was_are_not_found(shared_client, key):
    assert shared_client.get(f"/countries/{key}/entries").status_code == 404


def test_a_code_given_on_means_its_holder_now(client):
    client.post("/countries", json={"name": "A", "alpha2": "QQ"})
    client.delete("/countries/QQ")
    client.post("/countries", json={"name": "B", "alpha2": "QQ"})
    assert {entry["id"] for entry in client.get("/countries/QQ/entries").json} == {274}


def test_refused_writes_leave_no_entry(client):
    start = client.get("/").json["entries"]
    last = client.get("/countries/TH/entries").json[-1]
    mark = f"{last['number']}.{last['hash'][:8]}"
    client.post("/countries", json={"name": "Thailand"})
    client.post("/countries", json={"nme": "X"})
    client.patch("/countries/TH", json={"area": 1}, headers={"If-Match": f'"0-x", "{mark}-y"'})
    client.delete("/countries/TH", headers={"If-Match": '"7-x"'})
    changed = [entry["action"] for entry in client.get(f"/entries?since={start}").json]
    assert changed == ["patch"]
