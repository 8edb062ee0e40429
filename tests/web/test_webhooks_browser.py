"""Webhooks in a real browser: made and shown once, tried out, paused, replayed, and what failed sent again."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask import Flask
from playwright.sync_api import expect

from terrafirma.http.app.context import EXTENSION
from terrafirma.work.webhook_sender import WebhookSender
from tests.conftest import make_key
from tests.web.admin_pages import serve_desk
from tests.web.conftest import DESK, PHONE, find_barriers
from tests.work.receivers import Receiver, answer, receiving
from tests.work.webhooks import LOCAL, Clock

pytestmark = pytest.mark.slow

HERE = "/explore/admin/webhooks"
EVIL = "<script>document.title='evil'</script>"


@pytest.fixture(scope="module")
def desk(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """A server with a courier that may send to this machine, and its app."""
    with serve_desk(tmp_path_factory.mktemp("webhooks"), world_file, webhook_networks=LOCAL) as (
        address,
        app,
    ):
        state, stop = app.extensions[EXTENSION], threading.Event()
        courier = WebhookSender(
            state.database, state.callers.vault, state.callers.secret, (ip_network(LOCAL),)
        )
        thread = threading.Thread(target=courier.run, args=(stop,))
        thread.start()
        yield address, app
        stop.set()
        thread.join()


@pytest.fixture
def address(desk: tuple[str, Flask]) -> str:
    return desk[0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def admin(desk: tuple[str, Flask]) -> dict[str, str]:
    """Headers of an admin."""
    return make_key(desk[1], "admin")


@pytest.fixture
def enter(visit: Any, admin: dict[str, str]) -> Any:
    """Opens a page for that admin."""

    def make(path: str, **context: Any) -> Any:
        page = visit("/explore/static/icon.svg", **context)
        page.evaluate(
            "key => sessionStorage.setItem('terrafirma-key', key)", admin["Authorization"][7:]
        )
        page.goto(page.url.replace("/explore/static/icon.svg", path))
        return page

    return make


def add(desk: tuple[str, Flask], admin: dict[str, str], receiver: Receiver, **more: Any) -> str:
    """A new webhook's page."""
    made = httpx.post(f"{desk[0]}/webhooks", json={"url": receiver.url, **more}, headers=admin)
    return f"{HERE}/{made.json()['id']}"


def write(desk: tuple[str, Flask], admin: dict[str, str], gini: float) -> None:
    assert (
        httpx.patch(f"{desk[0]}/countries/TH", json={"gini": gini}, headers=admin).status_code
        == 200
    )


def test_a_webhook_is_made_and_tried_out(enter, receiver):
    page = enter(HERE)
    page.get_by_label("Address for messages").fill("http://10.0.0.1/hook")
    page.get_by_role("button", name="Make a webhook").click()
    expect(page.locator(".refusal")).to_contain_text("leads to 10.0.0.1, which is not public")
    page.get_by_label("Address for messages").fill(receiver.url)
    page.get_by_label("Purpose").fill(EVIL)
    page.get_by_text("Only some changes").click()
    page.get_by_role("checkbox", name="countries").check()
    page.get_by_label("Where a field of these differs").fill("gini, area")
    page.get_by_role("button", name="Make a webhook").click()
    expect(page.locator("#made")).to_be_focused()
    secret = page.locator("#made code").inner_text()
    expect(page.get_by_role("row", name=receiver.url)).to_contain_text(EVIL)
    page.get_by_role("link", name="Try it out").click()
    expect(page.locator("dl")).to_contain_text("kinds: country; fields: gini, area")
    assert secret not in page.content()
    assert page.title() != "evil"
    page.get_by_role("button", name="Send a test").click()
    row = page.get_by_role("row", name="webhook.test")
    expect(row).to_contain_text("delivered", timeout=15_000)
    expect(row).to_contain_text("status 204")
    assert receiver.received[-1].check(secret)["type"] == "webhook.test"


def test_a_webhook_is_paused_goes_on_replays_rotates_and_ends(enter, desk, admin, receiver):
    write(desk, admin, 40.1)
    page = enter(add(desk, admin, receiver))
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("dl")).to_contain_text("paused")
    write(desk, admin, 40.2)
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("dl")).to_contain_text("active")
    wait = "country.changed"
    for _ in range(20):
        page.reload()
        expect(page.locator("dl")).to_be_visible()
        if page.get_by_role("row", name=wait).count():
            break
        page.wait_for_timeout(300)
    assert [message.json["data"]["after"]["gini"] for message in receiver.received] == [40.2]
    before = page.get_by_label("Send again the entries after")
    before.fill(str(receiver.received[0].entry - 1))
    page.get_by_role("button", name="Replay").click()
    expect(page.locator("dl")).to_contain_text("behind")
    for _ in range(50):
        if len(receiver.received) == 2:
            break
        page.wait_for_timeout(200)
    assert receiver.received[1].id == receiver.received[0].id
    page.get_by_role("button", name="Rotate the secret").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#made")).to_contain_text("rotated")
    expect(page.locator("dl")).to_contain_text("The old secret signs until")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"**{HERE}")
    expect(page.locator("#webhooks > *")).to_be_visible()
    expect(page.get_by_role("row", name=receiver.url)).to_have_count(0)


def test_what_never_arrived_is_sent_again_by_hand(enter, desk, admin, receiver, monkeypatch):
    clock = Clock()
    monkeypatch.setattr("terrafirma.register.model.clock.moment", clock)
    receiver.reply = answer(500, b"<b>broken</b>")
    path = add(desk, admin, receiver)
    write(desk, admin, 41)
    page = enter(path)
    for _ in range(40):
        if page.get_by_text("failing").count():
            break
        page.wait_for_timeout(300)
        page.reload()
        expect(page.locator("dl")).to_be_visible()
    row = page.get_by_role("row", name="country.changed")
    expect(row).to_contain_text("status 500")
    row.get_by_text("Answer").click()
    expect(row.locator("pre")).to_have_text("<b>broken</b>")
    clock.ahead = timedelta(days=4)
    again = page.get_by_role("button", name="Try message 1 again")
    for _ in range(40):
        if again.count():
            break
        page.wait_for_timeout(300)
        page.reload()
        expect(page.locator("dl")).to_be_visible()
    receiver.reply = answer(204)
    again.click()
    expect(row).to_contain_text("delivered", timeout=20_000)


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)])
def test_pages_of_webhooks_fit_a_phone_and_bar_nobody(enter, desk, admin, receiver, scheme, size):
    path = add(desk, admin, receiver, description="long " * 20)
    for each in (HERE, path):
        page = enter(each, color_scheme=scheme, viewport=size)
        expect(page.locator("#webhooks table, dl").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert not find_barriers(page)
