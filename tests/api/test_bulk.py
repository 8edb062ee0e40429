"""Arrays on `/countries`: POST makes many, PUT replaces or makes many; all or nothing."""

import pytest


def entries(client):
    return client.get("/").json["entries"]


def fields(answer):
    return [each["field"] for each in answer.json["details"]]


def faults(answer):
    """What is wrong, by field."""
    return [(each["field"], each["message"]) for each in answer.json["details"]]


def test_post_of_an_array_makes_all_in_order(client):
    count = entries(client)
    answer = client.post(
        "/countries", json=[{"name": "B", "area": 1.5}, {"name": "A", "alpha2": "QZ"}]
    )
    assert answer.status_code == 201
    assert answer.json == [
        {"id": 273, "name": "B", "area": 1.5},
        {"id": 274, "name": "A", "alpha2": "QZ", "flag": "🇶🇿"},
    ]
    assert not {"Location", "ETag"} & set(answer.headers.keys())
    assert client.get("/countries").json[-2:] == answer.json
    assert entries(client) == count + 2
    assert [each["action"] for each in client.get(f"/entries?since={count}").json] == [
        "create",
        "create",
    ]


def test_an_array_of_one_answers_with_an_array(client):
    assert client.post("/countries", json=[{"name": "A"}]).json == [{"id": 273, "name": "A"}]


def test_faults_name_the_item_and_nothing_is_written(client):
    count = entries(client)
    items = [
        {"name": "A"},
        {"area": "large"},
        4,
        {"name": "C", "capitol": "D"},
        {"name": "E", "from": "2", "to": "1"},
    ]
    for send in (client.post, client.put):
        answer = send("/countries", json=items)
        assert answer.status_code == 422
        assert fields(answer) == ["1.name", "1.area", "2", "3.capitol", "4.from", "4.to"]
        assert answer.json["error"] == "4 of 5 countries are not valid; nothing was written."
    answer = client.post(
        "/countries", json=[{"name": "A"}, {"name": "B", "from": "2002", "to": "2001"}]
    )
    assert (answer.status_code, fields(answer)) == (422, ["1.to"])
    assert entries(client) == count


def test_an_empty_array_is_a_mistake(client):
    for send in (client.post, client.put):
        answer = send("/countries", json=[])
        assert (answer.status_code, answer.json["error"]) == (
            422,
            "The array is empty; send at least one country.",
        )


def test_codes_taken_in_the_register_name_item_and_holder(client):
    count = entries(client)
    answer = client.post("/countries", json=[{"name": "A"}, {"name": "thailand", "alpha2": "EG"}])
    assert answer.status_code == 409
    assert faults(answer) == [
        ("1.alpha2", '"EG" belongs to Egypt, id 3'),
        ("1.name", '"Thailand" belongs to Thailand, id 1'),
    ]
    assert entries(client) == count


def test_codes_taken_within_the_array_name_both_items(client):
    items = [
        {"name": "A", "alpha2": "QZ"},
        {"name": "B"},
        {"name": "C", "alpha2": "QZ"},
        {"name": " a"},
    ]
    answer = client.post("/countries", json=items)
    assert answer.status_code == 409
    assert faults(answer) == [
        ("2.alpha2", "is also that of item 0"),
        ("3.name", "is also that of item 0"),
    ]


def test_items_may_share_a_code_on_different_days(client):
    items = [
        {"name": "A", "alpha2": "QZ", "to": "2001"},
        {"name": "B", "alpha2": "QZ", "from": "2001"},
    ]
    answer = client.post("/countries", json=items)
    assert [each["id"] for each in answer.json] == [273, 274]
    assert client.get("/countries/QZ").json["name"] == "B"
    assert client.get("/countries/QZ?on=2000").json["name"] == "A"
    overlapping = [
        {"name": "C", "alpha2": "QY", "to": "2002"},
        {"name": "D", "alpha2": "QY", "from": "2001"},
    ]
    assert fields(client.post("/countries", json=overlapping)) == ["1.alpha2"]


def test_many_conflicts_are_told_in_part(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url).test_client()
    answer = client.post("/countries", json=client.get("/countries").json)
    assert (answer.status_code, len(answer.json["details"])) == (409, 100)
    assert " more. Nothing was written." in answer.json["error"]


def test_too_many_items_are_too_large(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, max_items=2).test_client()
    items = [{"name": name} for name in "ABC"]
    for send in (client.post, client.put):
        answer = send("/countries", json=items)
        assert answer.status_code == 413
        assert answer.json["error"] == "The body has an array of 3 items; 2 is the most."
    assert (
        client.post("/countries", json={"name": "A", "borders": ["TH", "EG", "FR"]}).status_code
        == 413
    )
    assert client.post("/countries", json=items[:2]).status_code == 201


def test_put_replaces_by_code_and_makes_the_rest(client):
    count = entries(client)
    items = [
        {"alpha2": "TH", "name": "Siam"},
        {"alpha2": "QZ", "name": "New"},
        {"alpha3": "EGY", "name": "Misr"},
    ]
    refused = client.put("/countries", json=items)
    assert (refused.status_code, refused.json["details"][0]["field"]) == (409, "2.alpha2")
    items[2]["alpha2"] = "EG"
    answer = client.put("/countries", json=items)
    assert answer.status_code == 200
    assert [each["id"] for each in answer.json] == [1, 273, 3]
    assert answer.json == [client.get(f"/countries/{id}").json for id in (1, 273, 3)]
    assert client.get("/countries/1").json == {
        "id": 1,
        "alpha2": "TH",
        "flag": "🇹🇭",
        "name": "Siam",
    }
    actions = [each["action"] for each in client.get(f"/entries?since={count}").json]
    assert actions == ["replace", "create", "replace"]


def test_put_of_what_was_read_changes_nothing(client):
    count, world = entries(client), client.get("/countries?fields=*").json
    answer = client.put("/countries", json=world)
    assert (answer.status_code, answer.json) == (200, world)
    assert entries(client) == count


def test_put_ignores_ids_and_never_takes_codes_away_by_name(client):
    answer = client.put("/countries", json=[{"id": 1, "name": "Atlantis"}])
    assert answer.json == [{"id": 273, "name": "Atlantis"}]
    assert client.put("/countries", json=[{"name": "ATLANTIS", "area": 1}]).json[0]["id"] == 273
    answer = client.put("/countries", json=[{"name": "Thailand"}])
    assert (answer.status_code, fields(answer)) == (409, ["0.name"])


def test_put_refuses_one_record_twice(client):
    count = entries(client)
    answer = client.put(
        "/countries", json=[{"alpha2": "TH", "name": "A"}, {"alpha3": "THA", "name": "B"}]
    )
    assert answer.status_code == 409
    assert faults(answer) == [("1", "is the same record as item 0, id 1")]
    assert entries(client) == count


def test_put_may_hand_names_on_between_items(client):
    items = [client.get(f"/countries/{key}").json for key in ("PE", "NZ")]
    items[0]["name"], items[1]["name"] = items[1]["name"], items[0]["name"]
    assert client.put("/countries", json=items).status_code == 200
    assert client.get("/countries/PE").json["name"] == "New Zealand"
    items[0]["name"] = "France"
    answer = client.put("/countries", json=items)
    assert (answer.status_code, fields(answer)) == (409, ["0.name"])


def test_put_keeps_timelines_as_one_put_does(client):
    bulgaria = client.get("/countries/BG").json | {"currencies": [{"code": "USD"}]}
    assert client.put("/countries?effective=2030-01-01", json=[bulgaria]).status_code == 200
    codes = [
        client.get(f"/countries/BG?on={day}").json["currencies"][0]["code"]
        for day in ("2025-12-31", "2029-12-31", "2030-01-01")
    ]
    assert codes == ["BGN", "EUR", "USD"]
    answer = client.put("/countries?effective=2030-01-01", json=[{"alpha2": "QZ", "name": "New"}])
    assert (answer.status_code, fields(answer)) == (422, ["0.effective"])


@pytest.mark.parametrize("text", ["{}", "null", "1", '"x"', '{"name": "A"}'])
def test_put_takes_only_an_array(sqlite_client, text):
    assert (
        sqlite_client.put("/countries", data=text, content_type="application/json").status_code
        == 422
    )


def test_the_list_guards_as_rfc_9110_says(client):
    etag = client.get("/countries").headers["ETag"]
    for send, status in ((client.post, 201), (client.put, 200)):
        stale = {"If-Match": '"0-x"'}
        assert send("/countries", json=[{"name": "A"}], headers=stale).status_code == 412
        answer = send("/countries", json=[{"name": "A"}], headers={"If-None-Match": "*"})
        assert (answer.status_code, answer.json["error"]) == (412, "The list exists already.")
        answer = send(
            "/countries", json=[{"name": "A", "area": status}], headers={"If-Match": etag}
        )
        assert answer.status_code == status
        etag = client.get("/countries").headers["ETag"]
    assert (
        client.post("/countries", json={"name": "B"}, headers={"If-Match": "*"}).status_code == 201
    )


@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_thousands_in_one_go(open_app, world_url, count):
    # Work that grew with the square would not end before the suite's own limit for a test.
    client = open_app(
        world_url, max_items=10_000, max_body=10_000_000, max_seconds=600
    ).test_client()
    items = [{"name": f"Land {number}", "area": number} for number in range(count)]
    assert client.post("/countries", json=items).status_code == 201
    for item in items:
        item["area"] += 1
    answer = client.put("/countries", json=items)
    assert (answer.status_code, answer.json[-1]["id"], answer.json[-1]["area"]) == (
        200,
        count + 272,
        count,
    )


def test_names_in_the_senders_language_are_put_back_as_the_records_own(client):
    german = {"Accept-Language": "de"}
    shown = client.get("/countries?fields=*&limit=4", headers=german).json
    assert [each["name"] for each in shown] == ["Thailand", "Australien", "Ägypten", "Andorra"]
    shown[0]["name"] = "Siam"
    start = client.get("/").json["entries"]
    answer = client.put("/countries", json=shown, headers=german)
    assert [each["name"] for each in answer.json] == ["Siam", "Australia", "Egypt", "Andorra"]
    assert len(client.get(f"/entries?since={start}").json) == 1


def test_faults_without_end_are_not_all_told(shared_client):
    items = [{f"x{number}": 1 for number in range(80)} for _ in range(1000)]
    answer = shared_client.post("/countries", json=items)
    assert answer.status_code == 422
    assert 100 <= len(answer.json["details"]) < 200
    assert answer.json["error"].startswith("At least 2 of 1000 ")
