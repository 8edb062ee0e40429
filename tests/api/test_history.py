"""A record's entries with what they changed, what differs between two states, and going back to one."""

import threading

import pytest

from terrafirma.register.model.canonical_json import same
from terrafirma.storage.engine.database import open_database
from tests.conftest import find_last_faults


def last_number(client):
    return client.get("/checkpoint").json["entries"]


def revert(client, key, entry, **headers):
    return client.post(f"/countries/{key}/revert", json={"entry": entry}, headers=headers)


def test_entries_tell_who_changed_what_and_when(client):
    start = last_number(client)
    client.patch("/countries/TH", json={"area": 1, "extra": {"lead": "Malee"}})
    client.patch("/countries/TH?effective=2035", json={"area": 2})
    client.delete("/countries/TH?dependents=remove")
    changed, planned, deleted = client.get(f"/countries/1/entries?since={start}").json
    assert changed["changes"] == [
        {"field": "area", "before": 513120, "after": 1},
        {"field": "extra.lead", "after": "Malee"},
    ]
    assert planned["changes"] == [{"field": "area", "from": "2035-01-01", "before": 1, "after": 2}]
    assert {each["field"] for each in deleted["changes"]} > {"name", "alpha2", "area"}
    assert not any("after" in each for each in deleted["changes"])
    loaded = client.get("/countries/1/entries?limit=1").json[0]
    assert {each["field"]: each["after"] for each in loaded["changes"]}["name"] == "Thailand"


def test_entries_are_paged_and_come_as_lines(client):
    for area in (1, 2, 3):
        client.patch("/countries/TH", json={"area": area})
    found, path = [], "/countries/TH/entries?limit=2"
    while path:
        answer = client.get(path)
        found += answer.json
        path = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert len(found) == 4
    lines = client.get("/countries/TH/entries?format=ndjson").text.splitlines()
    assert len(lines) == 4
    assert '"changes":[{"after":3,"before":2,"field":"area"}]' in lines[-1]


def test_entries_as_of_an_entry_are_those_up_to_it(client):
    made = client.post(
        "/countries", json=[{"name": "One", "alpha2": "QP"}, {"name": "Two", "alpha2": "QR"}]
    ).json
    start = last_number(client)
    client.patch("/countries/QP", json={"area": 1})
    client.patch("/countries/QP", json={"alpha2": "QX"})
    client.patch("/countries/QR", json={"alpha2": "QP"})
    assert [entry["id"] for entry in client.get("/countries/QP/entries").json] == [
        made[1]["id"]
    ] * 2
    numbers = [
        entry["number"] for entry in client.get(f"/countries/QP/entries?as_of={start + 1}").json
    ]
    assert numbers == [start - 1, start + 1]
    assert client.get("/countries/QP/entries?as_of=0").status_code == 404
    assert client.get(f"/countries/QX/entries?as_of={start}").status_code == 404
    assert client.get(f"/countries/QP/entries?as_of={start + 9}").status_code == 400


def test_a_difference_without_parameters_is_what_the_last_change_did(client):
    client.patch("/countries/TH", json={"area": 1})
    client.patch("/countries/TH", json={"area": 2})
    told = client.get("/countries/TH/diff").json
    assert told["changes"] == [{"field": "area", "before": 1, "after": 2}]
    assert (told["kind"], told["id"]) == ("country", 1)
    assert told["to"]["entry"] == told["from"]["entry"] + 1 == last_number(client)
    assert (told["to"]["action"], told["to"]["actor"]) == ("patch", "local")


def test_a_difference_is_taken_between_entries_or_instants_in_either_direction(client):
    start = last_number(client)
    client.patch("/countries/TH", json={"area": 1})
    between = client.get("/checkpoint").json["at"]
    client.patch("/countries/TH", json={"area": 2})
    client.patch("/countries/EG", json={"area": 3})
    area = {"field": "area"}
    for query, expected in {
        f"from={start}": [area | {"before": 513120, "after": 2}],
        f"from={start}&to={between}": [area | {"before": 513120, "after": 1}],
        f"from={between}&to={start}": [area | {"before": 1, "after": 513120}],
        f"to={start + 1}": [area | {"before": 513120, "after": 1}],
        f"from={start + 2}": [],
        f"from={start}&on=2020-01-01": [area | {"before": 513120, "after": 2}],
    }.items():
        assert client.get(f"/countries/TH/diff?{query}").json["changes"] == expected, query


def test_the_difference_to_before_a_record_was_there_is_all_of_it(client):
    told = client.get("/countries/TH/diff?from=0&to=1").json
    assert told["from"] is None
    named = [each for each in told["changes"] if each["field"] == "name"]
    assert [each["after"] for each in named][-1] == "Thailand"
    assert same(told["changes"], client.get("/countries/1/diff?to=1").json["changes"])
    back = client.get("/countries/TH/diff?from=1&to=0").json
    assert back["to"] is None
    assert "Thailand" in [each.get("before") for each in back["changes"]]
    client.delete("/countries/TH?dependents=remove")
    gone = client.get("/countries/TH/diff").json
    assert gone["to"]["action"] == "delete"
    assert "Thailand" in [each.get("before") for each in gone["changes"]]


def test_a_difference_on_a_day_is_of_what_holds_on_it(client):
    start = last_number(client)
    client.patch("/countries/BG?effective=2040", json={"currencies": [{"code": "XTS"}]})
    assert client.get(f"/countries/BG/diff?from={start}&on=2039-12-31").json["changes"] == []
    changes = client.get(f"/countries/BG/diff?from={start}&on=2040-01-01").json["changes"]
    assert changes == [
        {"field": "currencies", "before": [{"code": "EUR"}], "after": [{"code": "XTS"}]}
    ]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/countries/QQ/diff", 404, "QQ"),
        ("/countries/TH/diff?to=0", 404, "as of entry 0"),
        ("/countries/TH/diff?to=99999", 400, "to names entry 99999, but the newest is"),
        (
            "/countries/TH/diff?from=2999-01-01",
            400,
            "from names 2999-01-01, which is still to come",
        ),
        ("/countries/TH/diff?from=yesterday", 400, "from must be an entry's number or an instant"),
        ("/countries/TH/diff?on=9999-12-31", 400, "on must be a date before 9999-12-31"),
        ("/countries/TH/diff?frm=1", 400, 'did you mean "from"'),
    ],
)
def test_differences_that_cannot_be_told(shared_client, path, status, said):
    answer = shared_client.get(path)
    assert (answer.status_code, said in answer.json["error"]) == (status, True), answer.json


def test_going_back_restores_what_an_entry_left_and_is_an_entry(client, world_url):
    original = client.get("/countries/BG?include=dated").json
    start = last_number(client)
    client.patch("/countries/BG?effective=2040", json={"currencies": [{"code": "XTS"}], "area": 5})
    client.patch("/countries/BG", json={"extra": {"a": 1}})
    answer = revert(client, "BG", original["id"])
    assert answer.status_code == 200
    assert same(client.get("/countries/BG?include=dated").json, original)
    assert (
        client.get("/countries/BG", headers={"If-None-Match": answer.headers["ETag"]}).status_code
        == 304
    )
    last = client.get(f"/countries/BG/entries?since={start + 2}").json
    assert [(entry["action"], entry["actor"]) for entry in last] == [("revert", "local")]
    assert {each["field"] for each in last[0]["changes"]} == {
        "area",
        "currencies",
        "dated.currencies.source",
        "extra.a",
    }
    again = revert(client, "BG", start + 1)
    assert again.json["area"] == original["area"]
    assert client.get("/countries/BG?on=2040-01-01").json["currencies"][0]["code"] == "XTS"
    assert revert(client, "BG", start + 1).status_code == 200
    assert last_number(client) == start + 4
    assert find_last_faults(world_url) == []


@pytest.mark.parametrize("to", ["what it was", "its deletion"])
def test_a_deleted_record_comes_back_with_its_id_names_and_history(client, world_url, to):
    original, names = (client.get(path).json for path in ("/countries/TH", "/countries/TH/names"))
    client.delete("/countries/TH?dependents=remove")
    gone = client.get("/countries/TH/entries").json[-1]["number"]
    assert client.get("/countries/TH").status_code == 404
    assert client.get("/countries/TH/names").status_code == 404
    assert same(revert(client, "TH", 1 if to == "what it was" else gone).json, original)
    assert same(client.get("/countries/TH").json, original)
    assert same(client.get("/countries/TH/names").json, names)
    assert client.get("/countries/THA?lang=de").json["name"] == "Thailand"
    assert [entry["action"] for entry in client.get("/countries/1/entries").json] == [
        "load",
        "delete",
        "revert",
    ]
    kinds = [
        (entry["kind"], entry["action"]) for entry in client.get(f"/entries?since={gone + 1}").json
    ]
    assert kinds == [("country", "revert"), ("names", "revert")]
    assert client.get("/countries?alpha2=TH").json[0]["id"] == 1
    assert find_last_faults(world_url) == []


def related(client, code):
    """What names a country, and its names."""
    parts = ("subdivisions?fields=*", "memberships?fields=*", "names")
    return [client.get(f"/countries/{code}/{part}").json for part in parts]


@pytest.mark.parametrize("code", ["TH", "FR"])
def test_what_went_with_a_record_comes_back_with_it(client, world_url, code):
    before, start = related(client, code), last_number(client)
    client.delete(f"/countries/{code}?dependents=remove")
    deletion = client.get(f"/countries/{code}/entries").json[-1]["number"]
    taken = last_number(client) - start
    assert (
        client.post(
            f"/countries/{code}/revert?dependents=restore", json={"entry": deletion}
        ).status_code
        == 200
    )
    assert last_number(client) == start + 2 * taken
    assert same(related(client, code), before)
    assert find_last_faults(world_url) == []


def test_only_what_went_then_and_is_gone_still_comes_back(client, world_url):
    [first, second, *rest] = client.get("/countries/TH/subdivisions?fields=code&limit=4").json
    client.delete(f"/subdivisions/{first['code']}")
    client.delete("/countries/TH?dependents=remove")
    deletion = last_number(client) - 1
    assert revert(client, "TH", deletion).status_code == 200
    gone = client.get(f"/subdivisions/{second['code']}/entries").json[-1]["number"]
    client.post(f"/subdivisions/{second['code']}/revert", json={"entry": gone})
    client.delete(f"/subdivisions/{second['code']}")
    deleted = client.delete("/countries/TH?dependents=remove")
    assert deleted.status_code == 204
    again = client.post("/countries/TH/revert?dependents=restore", json={"entry": 1})
    assert again.status_code == 200
    assert client.get("/countries/TH/subdivisions").json == []
    assert client.get(f"/subdivisions/{rest[0]['code']}").status_code == 404
    assert find_last_faults(world_url) == []


def test_dependents_come_back_wholly_or_not_at_all(client):
    group = client.get("/countries/TH/memberships?fields=group&limit=1").json[0]["group"]
    client.delete("/countries/TH?dependents=remove")
    client.delete(f"/groups/{group}?dependents=remove")
    start = last_number(client)
    answer = client.post("/countries/TH/revert?dependents=restore", json={"entry": 1})
    assert (answer.status_code, [each["field"] for each in answer.json["details"]]) == (
        422,
        ["group"],
    )
    assert last_number(client) == start
    assert (
        client.post("/countries/LA/revert?dependents=restore", json={"entry": 1}).status_code == 422
    )
    there = client.get("/countries/LA/entries").json[0]["number"]
    assert (
        client.post("/countries/LA/revert?dependents=restore", json={"entry": there}).status_code
        == 409
    )
    assert (
        client.post("/countries/LA/revert?dependents=remove", json={"entry": there}).status_code
        == 400
    )


def test_names_that_were_taken_out_before_stay_out(client):
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    made = last_number(client)
    client.delete("/countries/QQ")
    assert revert(client, "QQ", made).json["name"] == "Atlantis"
    assert client.get("/countries/QQ/names").json == {}


def test_a_code_that_was_taken_meanwhile_is_a_conflict_and_nothing_changes(client):
    client.delete("/countries/TH?dependents=remove")
    client.post("/countries", json={"name": "Muang Thai", "alpha2": "TH"})
    start = last_number(client)
    answer = revert(client, "1", 1)
    assert answer.status_code == 409
    assert answer.json["details"] == [
        {"field": "alpha2", "message": '"TH" belongs to Muang Thai, id 273', "code": "taken"}
    ]
    assert last_number(client) == start
    assert client.get("/countries/1").status_code == 404


def test_what_an_entry_left_is_held_to_the_rules_of_today(client, world_url):
    database = open_database(world_url)
    client.post("/countries", json={"name": "Atlantis", "alpha2": "QQ"})
    made = last_number(client)
    with database.writing() as connection:
        broken = """'{"alpha2":"qq","id":273,"name":"Atlantis"}'"""
        connection.exec_driver_sql(f"UPDATE entries SET after = {broken} WHERE number = {made}")
    database.close()
    client.patch("/countries/QQ", json={"area": 1})
    answer = revert(client, "QQ", made)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["details"]] == ["alpha2"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "required"),
        ([], 422, "type"),
        ({"entry": "1"}, 422, "type"),
        ({"entry": True}, 422, "type"),
        ({"entry": 1.5}, 422, "type"),
        ({"entry": None}, 422, "null"),
        ({"entry": 0}, 422, "range"),
        ({"entry": 2}, 422, "mismatch"),
        ({"entry": 251}, 422, "mismatch"),
        ({"entry": 2**53}, 422, "mismatch"),
        ({"entry": 1, "area": 1}, 422, "unknown"),
    ],
)
def test_a_body_must_name_an_entry_of_the_record(sqlite_client, body, status, code):
    start = last_number(sqlite_client)
    answer = sqlite_client.post("/countries/TH/revert", json=body)
    assert answer.status_code == status, answer.json
    assert code in {each["code"] for each in answer.json["details"]}, answer.json
    assert last_number(sqlite_client) == start


def test_what_never_was_cannot_come_back(shared_client):
    for key in ("QQ", "999", "0"):
        assert revert(shared_client, key, 1).status_code == 404
    assert shared_client.post("/countries/TH/revert", data="x").status_code == 415
    assert shared_client.get("/countries/TH/revert").status_code == 405


def test_if_match_guards_going_back(client):
    known = client.get("/countries/TH").headers["ETag"]
    client.patch("/countries/TH", json={"area": 1})
    assert revert(client, "TH", 1, **{"If-Match": known}).status_code == 412
    fresh = client.get("/countries/TH").headers["ETag"]
    assert revert(client, "TH", 1, **{"If-Match": fresh}).status_code == 200
    client.delete("/countries/TH?dependents=remove")
    for known in (fresh, "*"):
        assert revert(client, "TH", 1, **{"If-Match": known}).status_code == 412
    assert revert(client, "TH", 1, **{"If-None-Match": "*"}).status_code == 200
    assert revert(client, "TH", 1, **{"If-None-Match": "*"}).status_code == 412


def test_an_idempotency_key_goes_back_once(client):
    client.patch("/countries/TH", json={"area": 1})
    first = revert(client, "TH", 1, **{"Idempotency-Key": "once"})
    client.patch("/countries/TH", json={"area": 2})
    again = revert(client, "TH", 1, **{"Idempotency-Key": "once"})
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert client.get("/countries/TH").json["area"] == 2


def test_of_two_who_bring_a_record_and_its_code_back_at_once_one_is_told(open_app, world_url):
    """Two writers, on connections of their own: a code is never held twice."""
    clients = [open_app(world_url).test_client() for _ in range(2)]
    for _ in range(5):
        clients[0].delete("/countries/TH?dependents=remove")
        barrier, statuses = threading.Barrier(2), []

        def bring_back(client, barrier=barrier, statuses=statuses):
            barrier.wait()
            statuses.append(revert(client, "1", 1).status_code)

        def take(client, barrier=barrier, statuses=statuses):
            barrier.wait()
            statuses.append(
                client.post("/countries", json={"name": "Muang Thai", "alpha2": "TH"}).status_code
            )

        threads = [
            threading.Thread(target=each, args=(one,))
            for each, one in zip((bring_back, take), clients, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) in ([200, 409], [201, 409])
        if 201 in statuses:
            clients[0].delete("/countries/TH?dependents=remove")
            assert revert(clients[1], "1", 1).status_code == 200
    assert find_last_faults(world_url) == []
