"""Editing in the atlas, as people do it: with a mouse or with keys alone, beside others who write too."""

import json

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.web.conftest import LOOKS, find_barriers

HOSTILE = "<script>alert(1)</script> 🏴‍☠️ \"'&"


@pytest.fixture
def api(address):
    """The API beside the browser."""
    with httpx.Client(base_url=address, timeout=60) as client:
        yield client


def edit(visit, path: str, **context: object) -> Page:
    """A form, once it is there."""
    page = visit(path, **context)
    expect(page.locator("#edit")).to_be_visible()
    return page


def add_own(page: Page, name: str, value: str, type: str = "text") -> None:
    """A custom field, written into a new row."""
    page.get_by_role("button", name="Add a field of your own").click()
    row = page.get_by_role("group", name="Field of your own").last
    row.get_by_label("Name").fill(name)
    row.get_by_label("Type of Value").select_option(type)
    if type not in ("yes", "no"):
        row.get_by_label("Value", exact=True).fill(value)


def save(page: Page) -> None:
    """Through the review, into the register."""
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("button", name="Save", exact=True).click()


def test_a_value_is_changed_reviewed_saved_and_undone(visit, api):
    before = api.get("/countries/BG").json()
    page = edit(visit, "/explore/BG/edit")
    page.get_by_label("Area").fill("110000")
    page.get_by_role("button", name="Review and save").click()
    row = page.locator("dialog tbody tr")
    assert row.locator("th, td").all_inner_texts() == ["Area", "110879", "110000"]
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/explore/BG")
    last = api.get("/checkpoint").json()["entries"]
    expect(page.locator(".notice")).to_contain_text(f"Saved as entry {last}.")
    assert api.get("/countries/BG").json() == before | {"area": 110000}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_have_text("Undone.")
    assert api.get("/countries/BG").json() == before
    page.reload()
    assert not page.locator(".notice").count()


def test_names_in_other_languages_are_written_and_undone(visit, api):
    before = api.get("/countries/RO/names").json()
    page = visit("/explore/RO/edit")
    page.get_by_role("link", name="Names in other languages").click()
    expect(page.locator("#names")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#refused")).to_have_text("There are no changes yet.")
    page.get_by_label("Filter").fill("german")
    expect(page.locator("#known label:visible")).not_to_have_count(len(before))
    page.get_by_label("German de", exact=True).fill(HOSTILE)
    page.get_by_label("Another language").fill("xx_bad!")
    page.keyboard.press("Enter")
    page.keyboard.type("Wallachia")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#refused")).to_contain_text("must be a language tag")
    bad = page.locator("[aria-invalid=true]")
    expect(bad).to_have_value("Wallachia")
    assert not find_barriers(page)
    bad.fill("")
    page.get_by_label("Another language").fill("tlh")
    page.get_by_role("button", name="Add the language").click()
    page.keyboard.type("romanya")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/explore/RO")
    expect(page.locator(".notice")).to_contain_text("The names are saved.")
    assert api.get("/countries/RO/names").json() == before | {"de": HOSTILE, "tlh": "romanya"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_have_text("Undone.")
    assert api.get("/countries/RO/names").json() == before


def test_every_control_writes_what_the_api_takes(visit, api):
    page = edit(visit, "/explore/RO/edit")
    page.get_by_label("Driving side").select_option("left")
    page.get_by_label("Landlocked").select_option("–")
    page.get_by_label("Exists from").fill("1859")
    page.get_by_role("button", name="Add to Continents").click()
    page.keyboard.type("Asia")
    page.get_by_role("group", name="Currencies").get_by_label("Code").last.fill("EUR")
    page.get_by_label("Regex").fill("")
    for name, value, type in (
        ("note", HOSTILE, "text"),
        ("__proto__", "1.50", "number"),
        ("set", '{"a": [1, null]}', "json"),
        ("eu", "", "yes"),
        ("eu.since", "2007", "number"),
    ):
        add_own(page, name, value, type)
    save(page)
    page.wait_for_url("**/explore/RO")
    said = api.get("/countries/RO").json()
    assert said["extra"] == {
        "note": HOSTILE,
        "__proto__": 1.5,
        "set": {"a": [1, None]},
        "eu": True,
        "eu.since": 2007,
    }
    assert (said["driving_side"], said["from"], said["continents"]) == (
        "left",
        "1859",
        ["Europe", "Asia"],
    )
    assert [each["code"] for each in said["currencies"]] == ["EUR"]
    assert "landlocked" not in said
    assert list(said["postal_code"]) == ["format"]
    expect(page.get_by_text(HOSTILE).first).to_be_visible()


def test_what_is_wrong_is_said_at_its_field(visit, api):
    page = edit(visit, "/explore/HU/edit")
    page.get_by_label("Alpha-3").fill("hu")
    page.get_by_label("Official name").first.fill("é" * 501)
    page.get_by_label("Area").fill("1e999")
    page.get_by_label("Population persons").fill("-1")
    page.get_by_role("button", name="Add to Internet domains").click()
    page.keyboard.type("hu")
    add_own(page, "n", "many", "number")
    page.get_by_role("button", name="Review and save").click()
    own = page.get_by_role("group", name="Field of your own")
    expect(own.locator(".fault")).to_have_text("must be a number")
    own.get_by_label("Value", exact=True).fill("7")
    save(page)
    expect(page.get_by_role("alert")).to_have_text("The country is not valid.")
    assert page.locator("[aria-invalid]").count() == 5
    alpha3 = page.get_by_label("Alpha-3")
    expect(page.get_by_label("Official name").first).to_be_focused()
    expect(alpha3).to_have_accessible_description(
        "ISO 3166-1 alpha-3 code. must be three capital letters A-Z, such as THA"
    )
    expect(page.get_by_label("Area")).to_have_accessible_description(
        "Total area with inland waters. must be a number"
    )
    wrong = page.locator("[data-name=tlds] li").last
    expect(wrong).to_contain_text("must be a top-level domain")
    assert "extra" not in api.get("/countries/HU").json()


def test_two_who_write_choose_side_by_side(visit, api):
    api.patch("/countries/CZ", json={"extra": {"old": "was"}})
    page = edit(visit, "/explore/CZ/edit")
    page.get_by_label("Area").fill("78000")
    page.get_by_label("Car sign").fill("CSK")
    page.get_by_label("Region", exact=True).fill("Middle Europe")
    add_own(page, "mine", "1")
    theirs = {
        "area": 79000,
        "region": "Central Europe",
        "official_name": "Czechlands",
        "extra": {"theirs": 2, "old": None},
    }
    api.patch("/countries/CZ", json=theirs).raise_for_status()
    save(page)
    expect(page.get_by_role("dialog", name="Yours or theirs?")).to_be_visible()
    rows = {
        row.split("\t")[0]: row.split("\t")[1:]
        for row in page.locator("dialog tbody tr").all_inner_texts()
    }
    assert [text.strip() for text in rows["Area"]] == ["78867", "78000", "79000"]
    assert [text.strip() for text in rows["Official name"]] == [
        "Czech Republic",
        "Czech Republic",
        "Czechlands",
    ]
    assert [text.strip() for text in rows["mine"]] == ["–", "1", "–"]
    assert page.locator("dialog [type=radio]").count() == 4
    page.get_by_role("row", name="Region").get_by_label("Central Europe").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/explore/CZ")
    said = api.get("/countries/CZ").json()
    assert (said["area"], said["car_sign"], said["region"]) == (78000, "CSK", "Central Europe")
    assert (said["official_name"], said["extra"]) == ("Czechlands", {"mine": "1", "theirs": 2})


def test_a_timeline_that_others_took_away_is_kept_if_it_was_edited(visit, api):
    api.patch(
        "/countries/SK?effective=2020-01-01", json={"extra": {"lead": "Eva"}}
    ).raise_for_status()
    page = edit(visit, "/explore/SK/edit")
    page.locator("summary", has_text="Lead").click()
    page.locator("[data-name='extra.lead']").get_by_role("textbox", name="From").fill("2019")
    api.patch("/countries/SK", json={"dated": {"extra.lead": None}}).raise_for_status()
    save(page)
    expect(page.get_by_role("dialog", name="Yours or theirs?")).to_contain_text("Timeline: Lead")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/explore/SK")
    assert api.get("/countries/SK?include=dated").json()["dated"]["extra.lead"] == [
        {"from": "2019", "value": "Eva"}
    ]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([("", "x", "text")], "must have a name"),
        ([("n", "1", "text"), ("n", "2", "text")], "is there already"),
        ([("n", "1e999", "number")], "must be a number"),
        ([("n", "{", "json")], "must be JSON"),
        ([("n", '{"a": null}', "json")], "must not contain null"),
    ],
)
def test_what_no_request_could_say_is_told_before(visit, rows, told):
    page = edit(visit, "/explore/new")
    for row in rows:
        add_own(page, *row)
    page.get_by_role("button", name="Review and save").click()
    fault = page.get_by_role("group", name="Field of your own").last.locator(".fault")
    expect(fault).to_contain_text(told)
    assert not page.get_by_role("dialog").count()


def test_a_country_goes_with_what_names_it_and_comes_back(visit, api):
    before = {
        path: api.get(path).json()
        for path in ("/countries/LU", "/countries/LU/subdivisions", "/groups/EU/members")
    }
    page = edit(visit, "/explore/LU/edit")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Back").click()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(
        page.get_by_role("dialog", name="Delete records that name Luxembourg too?")
    ).to_contain_text("15 subdivisions")
    page.get_by_role("button", name="Delete all of it").click()
    page.wait_for_url("**/explore")
    assert api.get("/countries/LU").status_code == 404
    expect(page.locator(".notice")).to_contain_text("Luxembourg is deleted.")
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url("**/explore/LU")
    assert {path: api.get(path).json() for path in before} == before


def test_an_earlier_entry_is_gone_back_to(visit, api):
    first = api.get("/countries/PT/entries").json()[0]["number"]
    api.patch("/countries/PT", json={"area": 1, "driving_side": "left"})
    page = visit("/explore/PT")
    page.get_by_role("link", name="Go back to this").last.click()
    page.wait_for_url(f"**/explore/PT/revert?entry={first}")
    expect(page.locator(".differences li")).to_have_text(
        ["Area: 1 → 92,090", "Driving side: left → right"]
    )
    api.patch("/countries/PT", json={"area": 2})
    page.get_by_role("button", name="Go back to this").click()
    expect(page.get_by_role("alert")).to_contain_text("Someone has changed this record")
    expect(page.locator(".differences li").first).to_have_text("Area: 2 → 92,090")
    page.get_by_role("button", name="Go back to this").click()
    page.wait_for_url("**/explore/PT")
    assert api.get("/countries/PT").json()["area"] == 92090
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_have_text("Undone.")
    assert api.get("/countries/PT").json()["area"] == 2


def test_a_new_country_is_made_and_unmade_by_keys_alone(visit, api):
    page = edit(visit, "/explore/new")
    page.get_by_label("Name required", exact=False).first.focus()
    page.keyboard.type("Ruritania")
    page.keyboard.press("Tab")
    page.keyboard.type("Kingdom of Ruritania")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Kingdom of Ruritania")
    page.keyboard.press("Escape")
    expect(page.get_by_label("Official name").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore/2*")
    made = api.get("/countries?q=Ruritania&fields=id,name,official_name").json()
    assert [each["official_name"] for each in made] == ["Kingdom of Ruritania"]
    expect(page.locator(".notice")).to_contain_text(f"Its id is {made[0]['id']}.")
    undo = page.get_by_role("button", name="Undo")
    undo.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore")
    assert not api.get("/countries?name=Ruritania").json()


def test_a_value_holds_since_a_day_or_has_always_held(visit, api):
    page = edit(visit, "/explore/AT/edit")
    page.get_by_label("Driving side").select_option("left")
    page.get_by_role("button", name="Review and save").click()
    page.get_by_role("dialog").get_by_label("First day").fill("2020-05-01")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/explore/AT")
    days = {
        day: api.get(f"/countries/AT?on={day}").json()["driving_side"]
        for day in ("2020-04-30", "2020-05-01")
    }
    assert days == {"2020-04-30": "right", "2020-05-01": "left"}
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Exists from").fill("1955")
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("dialog")).to_contain_text("1955")
    assert not page.get_by_role("group", name="Holds since").count()


def test_a_timeline_is_edited_period_by_period(visit, api):
    page = edit(visit, "/explore/EE/edit")
    page.locator("summary", has_text="Currencies").click()
    periods = page.locator("[data-name=dated] [data-name=currencies] > .rows > li")
    count = periods.count()
    last = periods.last
    last.get_by_role("textbox", name="From").fill("2011-13")
    save(page)
    expect(last.locator(".fault")).to_have_text("is not a day of the calendar")
    last.get_by_role("textbox", name="From").fill("2011-01-02")
    last.get_by_role("textbox", name="Source").fill("by hand")
    page.get_by_role("button", name="Remove from Currencies").last.click()
    expect(periods).to_have_count(count - 1)
    page.get_by_role("button", name="Add to Currencies").last.click()
    last.get_by_role("button", name="Add to Value").click()
    page.keyboard.type("EUR")
    last.get_by_role("textbox", name="From").fill("2011-01-02")
    save(page)
    page.wait_for_url("**/explore/EE")
    [*_, written] = api.get("/countries/EE?include=dated").json()["dated"]["currencies"]
    assert written["from"] == "2011-01-02"
    assert [each["code"] for each in written["value"]] == ["EUR"]


def test_nobody_leaves_by_mistake(visit):
    page = edit(visit, "/explore/FI/edit")
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.get_by_label("Area").fill("1")
    page.get_by_label("Area").fill("338145")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/explore/FI")
    assert not asked
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Area").fill("1")
    page.get_by_role("link", name="Cancel").click()
    page.wait_for_url("**/explore/FI")
    assert asked == ["beforeunload"]


def test_codes_and_regions_are_suggested(visit):
    page = edit(visit, "/explore/SE/edit")
    region = page.get_by_label("Region", exact=True)
    region.focus()
    expect(page.locator(f"#{region.get_attribute('list')} option[value=Asia]")).to_have_count(1)
    code = page.get_by_role("group", name="Currencies").get_by_label("Code").first
    code.focus()
    expect(page.locator(f"#{code.get_attribute('list')} option[value=EUR]")).to_have_attribute(
        "label", "Euro"
    )


def test_raw_json_is_loaded_when_it_is_opened(visit, api):
    page = visit("/explore/NO")
    raw = page.locator("#raw pre")
    expect(raw).to_have_text("")
    page.get_by_text("Raw JSON").click()
    expect(raw).to_contain_text('"sources"')
    assert json.loads(raw.inner_text()) == api.get("/countries/NO?include=dated,sources").json()


def test_without_scripts_a_page_says_what_editing_needs(visit, api):
    first = api.get("/countries/DK/entries").json()[0]["number"]
    api.patch("/countries/DK", json={"area": 1})
    page = visit("/explore/DK/edit", java_script_enabled=False)
    assert "Editing needs JavaScript" in page.locator("noscript").text_content()
    assert not page.locator("#edit").is_visible()
    page = visit(f"/explore/DK/revert?entry={first}", java_script_enabled=False)
    expect(page.locator(".differences")).to_contain_text("Area")
    assert not page.get_by_role("button").count()


def test_what_is_sent_again_after_the_answer_was_lost_is_done_once(visit, api):
    page = edit(visit, "/explore/new")
    page.get_by_label("Name required").first.fill("Sylvania")
    page.route("**/countries", lambda route: (route.fetch(), route.abort()))
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
    page.unroute("**/countries")
    save(page)
    page.wait_for_url("**/explore/2*")
    assert len(api.get("/countries?q=Sylvania").json()) == 1


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_forms_and_dialogs_fit_and_bar_nobody(visit, api, scheme, size):
    api.patch("/countries/HR", json={"extra": {"note": "long " * 90, "set": [1]}})
    page = edit(visit, "/explore/HR/edit", color_scheme=scheme, viewport=size)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")

    def check():
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert not find_barriers(page)

    check()
    page.get_by_label("Alpha-3").fill(HOSTILE * 9)
    page.get_by_role("button", name="Review and save").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[aria-invalid]")).to_be_visible()
    check()
    page.get_by_label("Alpha-3").fill("HRX")
    api.patch("/countries/HR", json={"alpha3": f"HR{scheme[0].upper()}"})
    save(page)
    expect(page.get_by_role("dialog", name="Yours or theirs?")).to_be_visible()
    check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog", name="Delete Croatia?")).to_be_visible()
    check()
    for path in ("/explore/HR/revert?entry=99", "/explore/list/groups/new"):
        page = visit(path, color_scheme=scheme, viewport=size)
        check()


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the focus is where it should be."""
    # Looked up once: by its role it takes longer to find than all the rest.
    wanted = target.element_handle()
    for _ in range(150):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"No key leads to {target}.")


def test_keys_alone_edit_delete_and_bring_back_a_record_of_any_name(visit, api):
    where = api.post("/countries", json={"name": HOSTILE, "tlds": [".a", ".b"]}).headers["Location"]
    page = visit(where.replace("countries", "explore"))
    tab_to(page, page.get_by_role("link", name="Edit", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator("#edit")).to_be_visible()
    tab_to(page, page.get_by_role("button", name="Remove from Internet domains").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove from Internet domains")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Add to Internet domains"))
    page.keyboard.press("Enter")
    page.keyboard.type(".c")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator("td")).to_have_text([".a, .b", ".b, .c"])
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text("Saved as entry")
    tab_to(page, page.get_by_role("link", name="Edit", exact=True))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("button", name="Delete…"))
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name=f"Delete {HOSTILE}?")
    expect(dialog).to_be_visible()
    # A button that destroys does not have the focus.
    tab_to(page, dialog.get_by_role("button", name="Delete", exact=True))
    page.keyboard.press("Enter")
    expect(page.locator(".notice")).to_contain_text(f"{HOSTILE} is deleted.")
    tab_to(page, page.get_by_role("button", name="Undo"))
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(HOSTILE)
    assert api.get(where).json()["tlds"] == [".b", ".c"]
