"""Sign-in in a real browser, with a real provider, each a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.http.middleware.providers import run_provider
from tests.operations.processes import Server, make_server
from tests.postgres_server import find_free_port

WRITE = """async address => {
    const headers = {'Content-Type': 'application/json'}
    const sent = {method: 'PATCH', credentials: 'include', body: '{"area": 7}', headers}
    try { return (await fetch(address + '/countries/TH', sent)).status } catch { return 'refused' }
}"""


@pytest.fixture
def issuer() -> Iterator[str]:
    """The address of a provider that knows Ann."""
    with run_provider() as address:
        yield address


@pytest.fixture
def server(data: Path, issuer: str) -> Iterator[Server]:
    """A server where Ann is an editor."""
    port = find_free_port()
    settings = {
        "OIDC_ISSUER": issuer,
        "OIDC_CLIENT_ID": "terrafirma",
        "OIDC_CLIENT_SECRET": "hush-hush",
    }
    settings |= {
        "OIDC_ROLES": "ann@example.org=editor",
        "PUBLIC_URL": f"http://localhost:{port}",
        "LOG": "all",
    }
    with make_server(
        data, port=port, **{f"TERRAFIRMA_{name}": text for name, text in settings.items()}
    ) as server:
        yield server


def test_someone_signs_in_writes_and_signs_out(
    server: Server, issuer: str, browser: Browser
) -> None:
    address = f"http://localhost:{server.port}"
    visitor = browser.new_context()
    page = visitor.new_page()
    page.goto(f"{address}/login?next=/docs/swagger")
    assert page.url.startswith(issuer)
    page.get_by_role("button", name="ann").click()
    page.wait_for_url(f"{address}/docs/swagger")
    assert page.evaluate("document.cookie") == "", "no script sees the cookie"
    assert page.evaluate("fetch('/me').then(answer => answer.json())")["actor"] == "person:1"
    assert page.evaluate(WRITE, "") == 200
    with server.client() as client:
        entry = client.get("/countries/TH/entries")[-1]
        assert (entry["actor"], entry["after"]["area"]) == ("person:1", 7)
        assert client.send("PATCH", "/countries/TH", {"area": 8}).status == 401

    stranger = visitor.new_page()
    stranger.goto(issuer)
    assert stranger.evaluate(WRITE, address) == "refused"
    with server.client() as client:
        assert client.get("/countries/TH/entries")[-1]["number"] == entry["number"]

    assert page.evaluate("fetch('/logout', {method: 'POST'}).then(answer => answer.status)") == 204
    assert page.evaluate("fetch('/me').then(answer => answer.json())")["actor"] is None
    assert page.evaluate(WRITE, "") == 401
    told = server.read_log()
    assert "/login/callback" in told
    assert not [secret for secret in ("hush-hush", "code=", "state=", "ann@") if secret in told]
