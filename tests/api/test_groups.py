"""Groups and memberships: who belongs to what, on which day, and as of which entry."""

import threading

import pytest

from terrafirma.register.log.verification import verify
from terrafirma.storage.engine.database import open_database

BREXIT = "2020-02-01"


def names(answer):
    assert answer.status_code == 200, answer.text
    return [each["name"] for each in answer.json]


@pytest.mark.parametrize(
    ("day", "count"), [("1958-01-01", 6), ("2004-05-01", 25), ("2019-12-31", 28), (BREXIT, 27)]
)
def test_members_on_a_day(shared_client, day, count):
    for address in (f"/groups/EU/members?on={day}", f"/countries?member_of=EU&on={day}"):
        answer = shared_client.get(address)
        assert len(answer.json) == count == int(answer.headers["X-Total-Count"])
        assert ("United Kingdom" in names(answer)) == ("1973-01-01" <= day < BREXIT)


def test_a_group_has_no_members_before_it_is_there(shared_client):
    assert shared_client.get("/groups/EU/members?on=1957-12-31").status_code == 404
    assert shared_client.get("/countries?member_of=EU&on=1957-12-31").json == []


def test_member_of_combines_with_everything(shared_client):
    nordic = shared_client.get(
        "/countries?member_of=EU&subregion=Northern Europe&sort=name&fields=name&q=land"
    )
    assert nordic.json == [{"name": "Finland"}, {"name": "Ireland"}]
    assert (
        shared_client.get("/countries?member_of=EU&format=csv&fields=alpha2&limit=2").text
        == "alpha2\r\nAT\r\nBE\r\n"
    )
    assert names(shared_client.get("/countries?member_of=EU&lang=de&limit=1")) == ["Österreich"]
    facets = shared_client.get("/countries/facets?field=region&member_of=UN").json["region"]
    assert sum(facet["count"] for facet in facets) == 193
    page = shared_client.get("/countries?member_of=EU&limit=20")
    assert len(shared_client.get(page.headers["Link"].partition(">")[0].lstrip("<")).json) == 7


def test_member_of_repeated_is_any_of(shared_client):
    either = set(names(shared_client.get("/countries?member_of=EU&member_of=EFTA")))
    assert either == set(names(shared_client.get("/countries?member_of=EU"))) | {
        "Iceland", "Liechtenstein", "Norway", "Switzerland",
    }  # fmt: skip
    both = names(shared_client.get("/groups/EU/members?member_of=NATO&sort=name&fields=name"))
    assert "Austria" not in both
    assert "Belgium" in both


@pytest.mark.parametrize(
    ("query", "words"), [("member_of=EUU", '"EUU"'), ("member_of=", '""'), ("member_of=0", '"0"')]
)
def test_an_unknown_group_is_named(shared_client, query, words):
    answer = shared_client.get(f"/countries?{query}")
    assert answer.status_code == 400
    assert answer.json["error"].startswith("member_of: No group")
    assert words in answer.json["error"]


def test_member_of_is_of_countries_only(shared_client):
    assert shared_client.get("/subdivisions?member_of=EU").status_code == 400
    assert shared_client.get("/countries?" + "&".join(["member_of=EU"] * 51)).status_code == 400


def test_only_full_members_count(shared_client):
    [observer] = shared_client.get("/memberships?role[exists]=true&group=CARICOM&limit=1").json
    members = shared_client.get("/groups/CARICOM/members?fields=alpha2").json
    assert {"alpha2": observer["country"]} not in members
    assert len(members) == len(
        shared_client.get("/groups/CARICOM/memberships?role[exists]=false").json
    )


def test_a_stated_full_role_counts(client):
    client.post("/memberships", json={"group": "EU", "country": "TH", "role": "member"})
    client.post("/memberships", json={"group": "EU", "country": "AU", "role": "candidate"})
    found = names(client.get("/groups/EU/members"))
    assert "Thailand" in found
    assert "Australia" not in found


def test_memberships_of_a_country_and_of_a_group(shared_client):
    before = shared_client.get("/countries/GB/memberships?on=2019-12-31&group=EU").json
    assert [(each["country"], each["from"], each["to"]) for each in before] == [
        ("GB", "1973-01-01", BREXIT)
    ]
    assert shared_client.get("/countries/gbr/memberships?group=EU").json == []
    assert len(shared_client.get("/groups/eu/memberships").json) == 27
    assert shared_client.get("/groups/NONE/memberships").status_code == 404
    assert shared_client.get("/countries/QQ/memberships").status_code == 404


def test_as_of_answers_as_then(client):
    entry = client.get("/ready").json["entries"]
    client.post("/groups", json={"code": "SALES", "name": "Sales"})
    client.post("/memberships", json={"group": "SALES", "country": "TH", "from": "2020"})
    assert names(client.get("/countries?member_of=SALES")) == ["Thailand"]
    assert names(client.get("/groups/SALES/members?on=2019-12-31")) == []
    assert client.get(f"/countries?member_of=SALES&as_of={entry}").status_code == 400
    assert client.get(f"/groups/SALES/members?as_of={entry}").status_code == 404
    assert client.get(f"/countries?member_of=SALES&as_of={entry + 1}").json == []
    assert names(client.get(f"/countries?member_of=SALES&as_of={entry + 2}")) == ["Thailand"]


def test_a_former_group_shows_its_last_members(client):
    client.post(
        "/groups", json={"code": "LEAGUE", "name": "League", "from": "1920", "to": "1946-04-20"}
    )
    client.post(
        "/memberships",
        json={"group": "LEAGUE", "country": "CH", "from": "1920", "to": "1946-04-20"},
    )
    client.post(
        "/memberships", json={"group": "LEAGUE", "country": "CR", "from": "1920", "to": "1925"}
    )
    assert names(client.get("/groups/LEAGUE/members?fields=name")) == ["Switzerland"]
    assert [each["country"] for each in client.get("/groups/LEAGUE/memberships").json] == ["CH"]
    assert client.get("/groups/LEAGUE/members?on=1950").status_code == 404
    assert client.get("/countries?member_of=LEAGUE").json == []


@pytest.mark.parametrize(
    ("period", "taken"),
    [
        ({"from": "2021"}, True),
        ({"to": "2020-06-01"}, True),
        ({"from": "2019", "to": "2022"}, True),
        ({}, True),
        ({"to": "2020"}, False),
        ({"from": "2022"}, False),
    ],
)
def test_two_periods_of_a_pair_do_not_overlap(client, period, taken):
    first = {"group": "EU", "country": "TH", "from": "2020", "to": "2022"}
    id = client.post("/memberships", json=first).json["id"]
    answer = client.post("/memberships", json={"group": "EU", "country": "TH"} | period)
    assert answer.status_code == (422 if taken else 201)
    if taken:
        [detail] = answer.json["details"]
        assert (detail["field"], detail["code"]) == ("from", "overlap")
        assert f"membership {id}, from 2020-01-01 to 2022-01-01" in detail["message"]
    assert (
        client.post("/memberships", json={"group": "EU", "country": "AU"} | period).status_code
        == 201
    )


def test_two_periods_in_an_array_do_not_overlap(client):
    first, second = (
        {"group": "EU", "country": "TH", "to": "2020"},
        {"group": "EU", "country": "TH", "from": "2019"},
    )
    answer = client.post("/memberships", json=[first, second])
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json["details"]] == [
        ("1.from", "overlap")
    ]
    client.post("/memberships", json=first)
    answer = client.post("/memberships", json=[second])
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json["details"]] == ["0.from"]


def test_a_pair_in_another_spelling_is_the_same_pair(client):
    id = client.post("/memberships", json={"group": "EU", "country": "TH", "from": "2020"}).json[
        "id"
    ]
    client.patch("/countries/TH?effective=2040", json={"alpha2": "QY"})
    for body in (
        {"group": "EU", "country": "QY", "from": "2030"},
        [{"group": "EU", "country": "QY"}],
    ):
        answer = client.post("/memberships", json=body)
        assert (answer.status_code, answer.json["details"][0]["code"]) == (422, "overlap")
    assert (
        client.post("/memberships", json={"group": "EU", "country": "QY", "to": "2020"}).status_code
        == 201
    )
    assert client.patch(f"/memberships/{id}", json={"country": "QY"}).json["country"] == "QY"


def test_a_membership_can_be_moved_within_its_own_days(client):
    made = client.post("/memberships", json={"group": "EU", "country": "TH", "from": "2020"}).json
    moved = client.patch(f"/memberships/{made['id']}", json={"from": "2021"})
    assert (moved.status_code, moved.json["from"]) == (200, "2021")


def test_of_two_writers_that_overlap_at_once_one_is_refused(open_app, world_url):
    body = {"group": "EU", "country": "TH", "from": "2020"}
    apps, statuses = [open_app(world_url), open_app(world_url)], []
    barrier = threading.Barrier(8)

    def write(app):
        client = app.test_client()
        barrier.wait()
        statuses.append(client.post("/memberships", json=body).status_code)

    writers = [threading.Thread(target=write, args=(apps[number % 2],)) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(statuses) == [201] + [422] * 7
    assert len(apps[0].test_client().get("/countries/TH/memberships?group=EU").json) == 1


def test_verify_sees_an_altered_membership(small_client, small_world_url):
    small_client.post("/groups", json={"code": "EU", "name": "Union"})
    for code in ("TH", "DE"):
        body = {"group": "EU", "country": code}
        assert small_client.post("/memberships", json=body).status_code == 201
    body = {"code": "TH-10", "country": "TH", "name": "Bangkok"}
    assert small_client.post("/subdivisions", json=body).status_code == 201
    database = open_database(small_world_url)
    with database.writing() as connection:
        connection.exec_driver_sql(
            "update versions set document = '{}' where kind = 'membership' and id = 1"
        )
        connection.exec_driver_sql(
            "update keys set key = 'EU+QQ' where kind = 'membership' and id = 2"
        )
        connection.exec_driver_sql("delete from terms where kind = 'subdivision' and id = 1")
    with database.reading() as connection:
        _, faults = verify(connection)
    database.close()
    assert len(faults) == 3
    assert [fault.split(" does")[0] for fault in sorted(faults)] == [
        "membership 1",
        "membership 2",
        "subdivision 1",
    ]
