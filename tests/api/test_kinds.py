"""What the addresses of every kind have in common: queries, forms, changes, history, each the same way."""

import json

import pytest

from terrafirma.dataset.files import read_file
from terrafirma.register.model.kinds import CITED, COUNTRY, FIGURE, KINDS, MEMBERSHIP, Kind

SAMPLES = {
    "country": {"name": "Sealand", "alpha2": "XS", "area": 0.004},
    "subdivision": {"code": "TH-ZZ", "country": "TH", "name": "Made-up", "type": "Province"},
    "group": {"code": "SALES-EAST", "name": "Sales region east", "website": "https://example.com/"},
    "membership": {
        "group": "EU",
        "country": "TH",
        "role": "observer",
        "from": "2020-05",
        "source": "Test",
    },
    "figure": {
        "country": "TH",
        "indicator": "internet_users",
        "unit": "percent",
        "values": {"2020": 77.8, "2021": 85},
    },
    "currency": {"code": "XZZ", "name": "Galactic credit", "minor_units": 3},
    "language": {"code": "qaa-Latn", "name": "Own language", "alpha3": "qaa"},
    "region": {"code": "998", "name": "Moon", "parent": "001"},
}
"""A record of each kind that the world does not have."""

CODED = [kind for kind in KINDS.values() if kind.keys]
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
every_coded_kind = pytest.mark.parametrize("kind", CODED, ids=[kind.name for kind in CODED])
every_new_kind = pytest.mark.parametrize(
    "kind",
    [kind for kind in KINDS.values() if kind is not COUNTRY],
    ids=[name for name in KINDS if name != "country"],
)


def make(client, kind: Kind) -> dict:
    """The sample of a kind, made."""
    answer = client.post(f"/{kind.plural}", json=SAMPLES[kind.name])
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == f"/{kind.plural}/{answer.json['id']}"
    return answer.json


@every_kind
def test_a_kind_is_declared_soundly(kind):
    assert kind.keys_told.startswith("id")
    assert set(kind.light) <= set(kind.fields)
    assert (
        set(kind.keys)
        <= set(kind.unique)
        <= set(kind.catalog.paths) | {"group+country", "country+indicator"}
    )
    assert set(kind.searched) <= set(kind.catalog.paths)
    assert {each.field for each in kind.references} <= set(kind.fields)
    assert {each.kind for each in kind.references} <= KINDS.keys()
    assert all(
        kind.patterns[field].fullmatch(SAMPLES[kind.name].get(field, "XS"))
        for field in kind.keys[:1]
    )


@every_new_kind
def test_the_world_has_every_record_of_the_file(shared_client, kind):
    content = read_file(kind.plural)
    rows = (
        content
        if isinstance(content, list)
        else [{"code": code} | row for code, row in content.items()]
    )
    expected = [
        {"id": id} | {name: row[name] for name in row if name in kind.fields}
        for id, row in enumerate(rows, 1)
    ]
    before = shared_client.get(
        f"/{kind.plural}?fields=*&format=ndjson&on=0001-01-01"
    ).text.splitlines()
    answer = shared_client.get(f"/{kind.plural}?fields=*&format=ndjson")
    shown = {row["id"]: row for row in map(json.loads, [*before, *answer.text.splitlines()])}
    today = [row for row in expected if row["id"] in shown]
    assert [drop_made(kind, shown[row["id"]]) for row in today] == today
    assert all("from" in row or "to" in row for row in expected if row["id"] not in shown)
    assert int(answer.headers["X-Total-Count"]) == len(answer.text.splitlines()) > 20


def drop_made(kind: Kind, row: dict) -> dict:
    """A record without what the server makes, but its id."""
    fields = kind.model.model_fields
    return {
        name: row[name]
        for name in row
        if name == "id" or not (name in fields and fields[name].exclude)
    }


@every_kind
def test_a_list_shows_light_fields_or_those_asked_for(shared_client, kind):
    [light] = shared_client.get(f"/{kind.plural}?limit=1").json
    assert light.keys() <= set(kind.light)
    field = kind.light[1]
    assert shared_client.get(f"/{kind.plural}?limit=1&fields={field}").json == [
        {field: light[field]}
    ]
    [whole] = shared_client.get(f"/{kind.plural}?limit=1&fields=*").json
    assert whole.items() >= light.items()
    assert whole == shared_client.get(f"/{kind.plural}/{light['id']}").json


@every_kind
def test_a_list_is_filtered_sorted_searched_and_paged(shared_client, kind):
    field = kind.light[1]
    [first] = shared_client.get(f"/{kind.plural}?limit=1&sort={field}&fields=*").json
    found = shared_client.get(
        f"/{kind.plural}", query_string={field: first[field], "fields": "*"}
    ).json
    assert first in found
    assert (
        first
        in shared_client.get(
            f"/{kind.plural}", query_string={"q": first[field], "fields": "*"}
        ).json
    )
    assert shared_client.get(f"/{kind.plural}?{field}[exists]=false").json == []
    ids, address = [], f"/{kind.plural}?limit=10&sort=-{field}&fields=id"
    for _ in range(3):
        answer = shared_client.get(address)
        ids += [row["id"] for row in answer.json]
        address = (
            answer.headers["Link"].partition(">")[0].lstrip("<")
            if "Link" in answer.headers
            else address
        )
    assert ids[:20] == [
        row["id"]
        for row in shared_client.get(f"/{kind.plural}?limit=20&sort=-{field}&fields=id").json
    ]


@every_kind
def test_facets_count_values(shared_client, kind):
    field = kind.light[-1] if kind is not COUNTRY else "region"
    [found] = shared_client.get(f"/{kind.plural}/facets?field={field}&limit=1").json.values()
    filtered = (
        shared_client.get(f"/{kind.plural}", query_string={field: found[0]["value"], "limit": 1})
        if found
        else None
    )
    assert not found or filtered.headers["X-Total-Count"] == str(found[0]["count"])


@every_kind
def test_forms(shared_client, kind):
    address = f"/{kind.plural}"
    head, first = shared_client.get(
        f"{address}?format=csv&limit=1&fields=id,{kind.light[1]}"
    ).text.splitlines()
    [row] = shared_client.get(f"{address}?limit=1").json
    assert (head, first) == (f"id,{kind.light[1]}", f"{row['id']},{row[kind.light[1]]}")
    located = "latitude" in kind.fields
    assert shared_client.get(f"{address}?format=geojson&limit=1").status_code == (
        200 if located else 400
    )
    disposition = shared_client.get(f"{address}/1?format=csv").headers["Content-Disposition"]
    [key] = [str(shared_client.get(f"{address}/1").json[field]) for field in kind.keys[:1]] or ["1"]
    assert disposition == f'attachment; filename="{kind.name}-{key}.csv"'


@every_kind
@pytest.mark.parametrize(
    "query", ["nme=x", "name[foo]=x", "fields=nme", "sort=nme", "format=xml", "on=never", "limit=0"]
)
def test_a_query_that_means_nothing_is_refused(shared_client, kind, query):
    answer = shared_client.get(f"/{kind.plural}?{query}")
    assert answer.status_code == 400
    assert answer.json["error"]


@every_kind
def test_a_record_lives(client, kind):
    sample = SAMPLES[kind.name]
    made = make(client, kind)
    address = f"/{kind.plural}/{made['id']}"
    assert made.items() >= sample.items()
    assert client.get(address).json == made

    etag = client.get(address).headers["ETag"]
    patched = client.patch(address, json={"extra": {"mine": 1}}, headers={"If-Match": etag})
    assert (patched.status_code, patched.json) == (200, made | {"extra": {"mine": 1}})
    assert (
        client.patch(address, json={"extra": None}, headers={"If-Match": etag}).status_code == 412
    )
    operations = [{"op": "replace", "path": "/extra/mine", "value": 2}]
    media = {"content_type": "application/json-patch+json"}
    assert client.patch(address, data=json.dumps(operations), **media).json["extra"] == {"mine": 2}
    assert client.put(address, json=sample).json == made
    assert client.put(address, json=client.get(address).json).json == made

    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    entries = client.get(f"{address}/entries").json
    assert [entry["action"] for entry in entries] == [
        "create",
        "patch",
        "patch",
        "replace",
        "delete",
    ]
    assert {entry["kind"] for entry in entries} == {kind.name}
    assert client.get(f"{address}?as_of={entries[0]['number']}").json == made
    assert client.post(f"/{kind.plural}", json=sample).json["id"] == made["id"] + 1


@every_coded_kind
def test_a_code_names_a_record_in_any_case(client, kind):
    made = make(client, kind)
    code = made[kind.keys[0]]
    for spelling in (code, code.lower(), code.upper()):
        assert client.get(f"/{kind.plural}/{spelling}").json == made
    refused = client.post(f"/{kind.plural}", json=SAMPLES[kind.name] | {"name": "Another"})
    assert refused.status_code == 409
    assert refused.json["details"][0]["field"] == kind.keys[0]


@every_coded_kind
def test_put_makes_a_record_of_an_unknown_code(client, kind):
    field = kind.keys[0]
    body = {name: value for name, value in SAMPLES[kind.name].items() if name != field}
    code = SAMPLES[kind.name][field]
    answer = client.put(f"/{kind.plural}/{code.lower()}", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json[field].upper() == code.upper()
    assert client.put(f"/{kind.plural}/{code}", json=body).status_code == 200
    assert client.put(f"/{kind.plural}/987654", json=SAMPLES[kind.name]).status_code == 404


@every_coded_kind
def test_arrays_make_and_put_many(client, kind):
    sample = SAMPLES[kind.name] | {"name": "First"}
    [made] = client.post(f"/{kind.plural}", json=[sample]).json
    put = client.put(f"/{kind.plural}", json=[sample | {"name": "Second"}])
    assert put.status_code == 200, put.text
    assert put.json == [made | {"name": "Second"}]


@every_kind
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"nme": 1}, "nme"),
        ({"from": "2020", "to": "2019"}, "to"),
        ({"to": "2020-13"}, "to"),
        ({"extra": []}, "extra"),
    ],
)
def test_a_body_is_refused_by_field(shared_client, kind, change, field):
    answer = shared_client.post(f"/{kind.plural}", json=SAMPLES[kind.name] | change)
    assert answer.status_code == 422
    assert [detail["field"] for detail in answer.json["details"]] == [field]
    assert kind.name in answer.json["error"]


@every_kind
def test_what_is_required_is_asked_for(shared_client, kind):
    required = [name for name, field in kind.model.model_fields.items() if field.is_required()]
    answer = shared_client.post(f"/{kind.plural}", json={})
    assert [detail["field"] for detail in answer.json["details"]] == required
    assert {detail["code"] for detail in answer.json["details"]} == {"required"}


@every_new_kind
def test_a_field_may_be_dated_unless_it_names_the_record(client, kind):
    datable = {MEMBERSHIP: "role", FIGURE: "unit"}.get(kind, "name")
    value = SAMPLES[kind.name][datable]
    body = {
        name: each for name, each in SAMPLES[kind.name].items() if name not in (datable, "from")
    }
    timeline = [{"value": value, "to": "2020"}, {"value": value * 2, "from": "2020"}]
    made = client.post(f"/{kind.plural}", json=body | {"dated": {datable: timeline}})
    assert made.status_code == 201, made.text
    assert client.get(f"/{kind.plural}/{made.json['id']}?on=2019-12-31").json[datable] == value
    assert client.get(f"/{kind.plural}/{made.json['id']}").json[datable] == value * 2
    naming = next(
        name
        for name in sorted(kind.undated)
        if name in SAMPLES[kind.name] and name not in ("from", "to")
    )
    refused = client.post(f"/{kind.plural}", json=body | {"dated": {naming: []}})
    assert refused.status_code == 422


def test_a_list_of_memberships_cannot_be_put(shared_client):
    answer = shared_client.put("/memberships", json=[SAMPLES["membership"]])
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST")


def test_only_what_is_named_by_others_knows_dependents(shared_client):
    for kind in KINDS.values():
        answer = shared_client.delete(f"/{kind.plural}/987654?dependents=remove")
        assert answer.status_code == (404 if CITED[kind.name] else 400), kind.name
    assert not CITED[MEMBERSHIP.name]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("/groups/EU", {"code": "EUN"}),
        ("/subdivisions/TH-10", {"country": "LA"}),
        ("/memberships/1", {"group": "UN"}),
        ("/currencies/EUR", {"code": "EUX"}),
    ],
)
def test_what_a_record_is_known_by_has_no_timeline_either_way(client, address, body):
    [field], record = body, client.get(address).json
    timeline = {
        field: [{"value": record[field], "to": "2040"}, {"value": body[field], "from": "2040"}]
    }
    for answer in (
        client.patch(f"{address}?effective=2040-01-01", json=body),
        client.put(f"{address}?effective=2040-01-01", json=record | body),
        client.patch(address, json={"dated": timeline}),
    ):
        assert (answer.status_code, [each["field"] for each in answer.json["details"]]) == (
            422,
            [field],
        )
    assert client.get(address).json == record
