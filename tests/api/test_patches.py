"""PATCH with operations (RFC 6902): what they see, what they do, how a failure is told."""

import json

import pytest

PATCHES = "application/merge-patch+json, application/json-patch+json, application/json"


def send(client, key, operations, query="", **headers):
    data = operations if isinstance(operations, str) else json.dumps(operations)
    address = f"/countries/{key}{query}"
    return client.patch(
        address, data=data, content_type="application/json-patch+json", headers=headers
    )


def entries(client):
    return client.get("/").json["entries"]


def test_operations_work_on_what_a_read_shows(client):
    before = client.get("/countries/TH").json
    operations = [
        {"op": "test", "path": "/currencies/0/name", "value": "Thai Baht"},
        {"op": "replace", "path": "/population", "value": 66000000},
        {"op": "add", "path": "/extra", "value": {"a/b": [1, 3]}},
        {"op": "add", "path": "/extra/a~1b/1", "value": 2},
        {"op": "add", "path": "/extra/a~1b/-", "value": None},
        {"op": "copy", "from": "/area", "path": "/extra/area"},
        {"op": "move", "from": "/car_sign", "path": "/extra/sign"},
        {"op": "remove", "path": "/gini"},
    ]
    answer = send(client, "TH", operations)
    extra = {"a/b": [1, 2, 3, None], "area": before["area"], "sign": before["car_sign"]}
    expected = before | {"population": 66000000, "extra": extra}
    assert answer.json == {
        name: value for name, value in expected.items() if name not in ("gini", "car_sign")
    }
    again = client.get("/countries/TH")
    assert (answer.status_code, again.json, again.headers["ETag"]) == (
        200,
        answer.json,
        answer.headers["ETag"],
    )
    assert client.get("/countries/TH/entries").json[-1]["action"] == "patch"


def test_what_the_server_makes_is_ignored_afterwards(client):
    before, count = client.get("/countries/TH").json, entries(client)
    for path in ("/id", "/flag", "/currencies/0/name"):
        assert send(client, "TH", [{"op": "replace", "path": path, "value": "x"}]).json == before
    assert entries(client) == count


def test_a_patch_of_nothing_changes_nothing(client):
    count = entries(client)
    assert send(client, "TH", []).status_code == 200
    assert (
        send(client, "TH", [{"op": "test", "path": "/name", "value": "Thailand"}]).status_code
        == 200
    )
    assert entries(client) == count


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ({"op": "test", "path": "/area", "value": 1}, "the value at /area is another"),
        ({"op": "test", "path": "/un_member", "value": 1}, "the value at /un_member is another"),
        ({"op": "test", "path": "/nothing", "value": 1}, "there is nothing at /nothing"),
        ({"op": "remove", "path": "/populaton"}, "there is nothing at /populaton"),
        ({"op": "remove", "path": ""}, "the whole record cannot be removed; DELETE does that"),
        (
            {"op": "replace", "path": "/borders/99", "value": "LA"},
            "there is nothing at /borders/99",
        ),
        ({"op": "replace", "path": "/borders/-", "value": "LA"}, "there is nothing at /borders/-"),
        (
            {"op": "replace", "path": "/borders/01", "value": "LA"},
            "there is nothing at /borders/01",
        ),
        (
            {"op": "add", "path": "/borders/99", "value": "LA"},
            "there is no place for a value at /borders/99",
        ),
        ({"op": "add", "path": "/a/b", "value": 1}, "there is no place for a value at /a/b"),
        ({"op": "add", "path": "/name/b", "value": 1}, "there is no place for a value at /name/b"),
        ({"op": "move", "from": "/nothing", "path": "/name"}, "there is nothing at /nothing"),
        ({"op": "copy", "from": "/borders/-", "path": "/name"}, "there is nothing at /borders/-"),
        (
            {"op": "move", "from": "/postal_code", "path": "/postal_code/format"},
            "a value cannot move into itself",
        ),
    ],
)
def test_a_patch_that_does_not_apply_names_the_operation(sqlite_client, operation, reason):
    client = sqlite_client
    count = entries(client)
    answer = send(client, "TH", [{"op": "replace", "path": "/population", "value": 1}, operation])
    about = f"{operation['op']} {operation['path']}".rstrip()
    assert answer.status_code == 409
    assert answer.json["error"] == f"Operation 1 ({about}) does not apply: {reason}."
    assert [(each["field"], each["message"]) for each in answer.json["details"]] == [("1", reason)]
    assert entries(client) == count


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, []),
        (None, []),
        ('"x"', []),
        ([1], ["0"]),
        ([[]], ["0"]),
        ([{}], ["0.op"]),
        ([{"op": "zap", "path": "/name"}], ["0.op"]),
        ([{"op": ["add"], "path": "/name"}], ["0.op"]),
        ([{"op": "test", "path": "/name"}], ["0.value"]),
        ([{"op": "remove"}, {"op": "add", "path": "name", "value": 1}], ["0.path", "1.path"]),
        ([{"op": "remove", "path": "/~2"}], ["0.path"]),
        ([{"op": "remove", "path": None}], ["0.path"]),
        ([{"op": "copy", "path": "/name"}], ["0.from"]),
        ([{"op": "copy", "path": "/name", "from": 1}], ["0.from"]),
        ([{"op": "remove", "path": "/a" * 1001}], ["0.path"]),
    ],
)
def test_what_is_not_a_patch_is_told_in_full(sqlite_client, body, fields):
    answer = send(sqlite_client, "TH", body)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json.get("details", [])] == fields


def test_members_without_a_meaning_are_ignored(sqlite_client):
    operation = {
        "op": "test",
        "path": "/name",
        "value": "Thailand",
        "from": 1,
        "comment": "as RFC 6902 says",
    }
    assert send(sqlite_client, "TH", [operation]).status_code == 200


def test_an_invalid_result_is_refused_by_its_fields(client):
    operations = [
        {"op": "remove", "path": "/name"},
        {"op": "add", "path": "/area", "value": "large"},
    ]
    answer = send(client, "TH", operations)
    assert answer.status_code == 422
    assert {each["field"] for each in answer.json["details"]} == {"name", "area"}
    for value in (None, [], "x"):
        assert (
            send(client, "TH", [{"op": "replace", "path": "", "value": value}]).status_code == 422
        )
    taken = send(client, "TH", [{"op": "replace", "path": "/alpha2", "value": "EG"}])
    assert (taken.status_code, taken.json["details"][0]["field"]) == (409, "alpha2")


def test_if_match_guards_and_a_missing_record_is_missing(client):
    operations = [{"op": "replace", "path": "/area", "value": 1}]
    assert send(client, "TH", operations, **{"If-Match": '"0-x"'}).status_code == 412
    assert send(client, "QQ", operations).status_code == 404
    etag = client.get("/countries/TH").headers["ETag"]
    assert send(client, "TH", operations, **{"If-Match": etag}).status_code == 200


def test_one_spelling_of_the_capital_is_enough(client):
    answer = send(client, "TH", [{"op": "replace", "path": "/capital", "value": "Chiang Mai"}])
    assert answer.json["capital"] == "Chiang Mai"
    assert "capitals" not in answer.json
    answer = send(client, "EG", [{"op": "replace", "path": "/capitals/0/name", "value": "Luxor"}])
    assert (answer.json["capital"], answer.json["capitals"][0]["name"]) == ("Luxor", "Luxor")
    both = [
        {"op": "replace", "path": "/capital", "value": "A"},
        {"op": "replace", "path": "/capitals/0/name", "value": "B"},
    ]
    assert send(client, "FR", both).status_code == 422
    gone = send(client, "FR", [{"op": "remove", "path": "/capital"}]).json
    assert not {"capital", "capitals"} & gone.keys()


def test_a_change_from_a_day_on_leaves_what_was(client):
    operations = [{"op": "add", "path": "/currencies/-", "value": {"code": "USD"}}]
    assert send(client, "BG", operations, "?effective=2030-01-01").status_code == 200
    codes = [
        [each["code"] for each in client.get(f"/countries/BG?on={day}").json["currencies"]]
        for day in ("2025-12-31", "2029-12-31", "2030-01-01")
    ]
    assert codes == [["BGN"], ["EUR"], ["EUR", "USD"]]


def test_without_dated_other_periods_stay(client):
    before = client.get("/countries/BG?include=dated").json["dated"]["currencies"]
    assert (
        send(
            client, "BG", [{"op": "replace", "path": "/currencies/0/code", "value": "USD"}]
        ).status_code
        == 200
    )
    after = client.get("/countries/BG?include=dated").json["dated"]["currencies"]
    assert after[:-1] == before[:-1]
    assert after[-1]["value"] == [{"code": "USD"}]


def test_operations_reach_into_timelines(client):
    timeline = client.get("/countries/BG?include=dated").json["dated"]["currencies"]
    last = len(timeline) - 1
    operations = [
        {"op": "test", "path": f"/dated/currencies/{last}/value/0/code", "value": "EUR"},
        {"op": "replace", "path": f"/dated/currencies/{last}/value", "value": [{"code": "USD"}]},
    ]
    answer = send(client, "BG", operations)
    assert [each["code"] for each in answer.json["currencies"]] == ["USD"]
    shown = client.get("/countries/BG?include=dated").json["dated"]["currencies"]
    assert shown[:last] == timeline[:last]
    plain = send(client, "BG", [{"op": "remove", "path": "/dated/currencies"}])
    assert [each["code"] for each in plain.json["currencies"]] == ["USD"]
    # A plain value that was written today is known from today on.
    past = client.get("/countries/BG?on=1990-01-01").json
    assert "currencies" in past["undated"]
    past = client.get("/countries/BG?on=1990-01-01&include=undated").json
    assert past["currencies"][0]["code"] == "USD"
    assert send(client, "BG", operations[:1], "?effective=2030-01-01").status_code in (409, 422)


def test_copies_cannot_grow_without_bound(sqlite_client):
    seed = {"op": "add", "path": "/extra", "value": {"a": "x" * 100}}
    doublings = [
        {"op": "copy", "from": "/extra", "path": f"/extra/{number}"} for number in range(60)
    ]
    answer = send(sqlite_client, "TH", [seed, *doublings])
    assert answer.status_code == 413
    assert answer.json["error"].endswith("makes more than 1,000,000 bytes.")


def test_operations_cannot_nest_deeper_than_a_body(sqlite_client):
    seed = {"op": "add", "path": "/extra", "value": {}}
    steps = [{"op": "add", "path": "/extra" + "/a" * depth, "value": {}} for depth in range(1, 900)]
    for count, status in ((30, 200), (31, 413), (899, 413)):
        assert send(sqlite_client, "TH", [seed, *steps[:count]]).status_code == status
    copies = [
        {"op": "copy", "from": "/extra", "path": "/extra" + "/a" * depth} for depth in range(1, 400)
    ]
    assert send(sqlite_client, "TH", [seed, *copies]).status_code == 413


def test_too_many_operations_are_too_large(sqlite_client):
    operations = [{"op": "test", "path": "/name", "value": "Thailand"}] * 1001
    assert send(sqlite_client, "TH", operations[:1000]).status_code == 200
    assert send(sqlite_client, "TH", operations).status_code == 413


@pytest.mark.parametrize(
    "form", ["text/plain", "application/xml", "application/geo+json", "", "multipart/form-data"]
)
def test_another_type_is_told_what_a_patch_is(sqlite_client, form):
    answer = sqlite_client.patch("/countries/TH", data="{}", content_type=form)
    assert (answer.status_code, answer.headers["Accept-Patch"]) == (415, PATCHES)


def test_accept_patch_stands_where_patch_is_offered(sqlite_client):
    assert sqlite_client.options("/countries/TH").headers["Accept-Patch"] == PATCHES
    assert sqlite_client.post("/countries/TH").headers["Accept-Patch"] == PATCHES
    assert "Accept-Patch" not in sqlite_client.options("/countries").headers
    assert "Accept-Patch" not in sqlite_client.post("/countries", data="x").headers


def test_an_array_as_plain_json_is_no_merge_patch(sqlite_client):
    for form in ("application/json", "application/merge-patch+json"):
        answer = sqlite_client.patch("/countries/TH", data="[]", content_type=form)
        assert answer.status_code == 422


def test_a_merge_patch_cannot_remove_what_is_no_field(client):
    for body in ({"populaton": None, "area": -1}, {"populaton": None, "area": -1, "dated": {}}):
        answer = client.patch("/countries/TH", json=body)
        assert answer.status_code == 422
        told = {
            detail["field"]: (detail["code"], detail["message"])
            for detail in answer.json["details"]
        }
        assert told["populaton"] == ("unknown", 'is not a field; did you mean "population"?')
        assert "area" in told
