"""Forms, made from the declarations of kinds; and the pages they stand on, as the server sends them."""

import re

import pytest

from terrafirma.register.model.kinds import COUNTRY, KINDS, MEMBERSHIP, SUBDIVISION
from terrafirma.web.forms import Control, list_controls, list_form, list_timelines, spell_any

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def ask(client, path):
    return client.get(path, headers=BROWSER)


def walk(controls):
    for control in controls:
        yield control
        yield from walk(control.parts)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_form_has_every_field_that_may_be_sent_once(kind):
    fields = [control.name for section in list_form(kind, {}) for control, _ in section.fields]
    sent = {name for name in kind.fields if name not in ("id", "extra", "flag", "year", "value")}
    assert sorted(fields) == sorted(sent)
    assert all(
        control.label and control.type
        for control in walk(list_controls(kind).values())
        if control.name
    )


def test_controls_say_what_the_declarations_say():
    controls = list_controls(COUNTRY)
    assert controls["area"] == Control(
        "area", "number", "Area", "Total area with inland waters.", "km²"
    )
    assert controls["driving_side"].choices == ("left", "right")
    assert (controls["withdrawn"].type, controls["landlocked"].type) == ("date", "boolean")
    assert [name for name, control in controls.items() if control.required] == ["name"]
    tender = controls["currencies"].parts[0]
    assert [(part.name, part.required) for part in tender.parts] == [("code", True)]
    assert tender.parts[0].suggested == "/currencies?fields=code,name"
    assert (
        controls["capitals"].parts[0].parts[1].parts[0].suggested
        == "/countries/facets?field=capitals.roles"
    )
    assert list_controls(MEMBERSHIP)["country"].suggested == "/countries?fields=alpha2,name"
    assert list_controls(SUBDIVISION)["parent"].suggested == "/subdivisions/facets?field=parent"


def test_a_capital_is_asked_for_in_one_spelling():
    def named(document):
        return {
            control.name
            for section in list_form(COUNTRY, document)
            for control, _ in section.fields
        }

    assert "capital" not in named({"capital": "Rome", "capitals": [{"name": "Rome", "roles": []}]})
    assert named({"capital": "Rome"}) >= {"capital", "capitals"}


def test_a_timeline_is_a_list_of_periods_with_values_of_its_field():
    [(currencies, _), (own, _)] = list_timelines(COUNTRY, {"currencies": [], "extra.team": []})
    period = currencies.parts[0]
    assert [part.name for part in period.parts] == ["value", "from", "to", "source"]
    assert period.parts[0].parts == list_controls(COUNTRY)["currencies"].parts
    assert own.parts[0].parts[0].type == "any"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (True, ("yes", "")),
        (1.5, ("number", "1.5")),
        (10**15, ("number", "1000000000000000")),
        ("5", ("text", "5")),
        ("two\nlines", ("json", '"two\\nlines"')),
        ({"a": None}, ("json", '{"a":null}')),
        (None, ("text", "")),
    ],
)
def test_a_value_of_no_declared_type_says_which_it_has(value, told):
    assert spell_any(value) == told


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_has_its_forms(shared_client, kind):
    id = shared_client.get(f"/{kind.plural}?limit=1&fields=id").json[0]["id"]
    page = ask(shared_client, f"/explore/list/{kind.plural}/{id}/edit")
    mark = re.search('data-match="([^"]+)"', page.text)[1]
    assert shared_client.get(f"/{kind.plural}/{id}").headers["ETag"].startswith(f'"{mark}-')
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    new = ask(shared_client, f"/explore/list/{kind.plural}/new").text
    assert f"<h1>New {kind.name}" in new
    assert "Delete…" not in new
    assert (
        f'href="/explore/list/{kind.plural}/new"'
        in ask(shared_client, f"/explore/list/{kind.plural}").text
    )


def test_a_new_form_is_filled_in_by_parameters(shared_client):
    page = ask(
        shared_client, "/explore/list/memberships/new?group=EU&country=%22%3E&borders=TH&nonsense=1"
    ).text
    assert re.search('data-name="group".*?value="EU"', page, re.DOTALL)
    assert 'value="&#34;&gt;"' in page
    assert ask(shared_client, "/explore/new?borders=TH&name=N").status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/explore/QQ/edit", 404),
        ("/explore/list/planets/new", 404),
        ("/explore/list/planets/1/edit", 404),
        ("/explore/list/groups/NONE/edit", 404),
        ("/explore/TH/revert", 400),
        ("/explore/TH/revert?entry=-1", 400),
        ("/explore/TH/revert?entry=999999999999999999", 404),
        ("/explore/TH/revert?entry=99999999999999999999", 400),
        ("/explore/list/planets/1/revert?entry=1", 404),
    ],
)
def test_what_is_wrong_with_an_address_is_said_on_a_page(shared_client, path, status):
    page = ask(shared_client, path)
    assert (page.status_code, page.mimetype) == (status, "text/html")


def test_a_way_back_tells_what_would_change_and_only_of_this_record(client):
    client.patch("/countries/TH", json={"area": 5, "extra": {"<b>": "<script>"}})
    page = ask(client, "/explore/TH/revert?entry=1").text
    assert re.search(r"<del>5</del> .*<ins>513,120</ins>", page)
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert ask(client, "/explore/TH/revert?entry=2").status_code == 404
    last = client.get("/").json["entries"]
    assert "it is so already" in ask(client, f"/explore/TH/revert?entry={last}").text


def test_a_deleted_record_has_a_way_back(client):
    id = client.post("/countries", json={"name": "Ruritania"}).json["id"]
    client.delete(f"/countries/{id}")
    last = client.get("/").json["entries"]
    page = ask(client, f"/explore/{id}/revert?entry={last}").text
    assert "It is deleted now" in page
    assert "<ins>Ruritania</ins>" in page
    assert 'data-match=""' in page


def test_nothing_that_was_written_becomes_markup_in_a_form(client):
    hostile = '"><script>alert(1)</script>'
    where = client.post(
        "/countries", json={"name": hostile, "extra": {hostile: [hostile]}}
    ).headers["Location"]
    page = ask(client, where.replace("countries", "explore") + "/edit").text
    assert "<script>alert" not in page
