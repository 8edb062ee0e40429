"""A page of another site, in a real browser of the user who runs the server: it writes and reads nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import find_chromium
from tests.operations.processes import Server, make_server

ATTACK = """async address => {
    const ask = async (path, options) => {
        try {
            const answer = await fetch(address + path, options)
            return [answer.type, answer.status, await answer.text()]
        } catch (error) { return ['blocked', 0, ''] }
    }
    const text = body => ({method: 'POST', mode: 'no-cors', body})
    await ask('/imports', text('name,area\\nEvilland,666\\n'))
    await ask('/countries', text('{"name": "Evilland"}'))
    await ask('/jobs/1/retry', text(''))
    const read = []
    for (const path of ['/jobs', '/metrics', '/keys', '/me']) read.push(await ask(path, {}))
    const json = {method: 'PATCH', body: '{"area": 666}', headers: {'Content-Type': 'application/json'}}
    read.push(await ask('/countries/1', json))
    return read
}"""
WRITE = """async () => {
    const headers = {'Content-Type': 'application/json'}
    return (await fetch('/countries/1', {method: 'PATCH', body: '{"area": 7}', headers})).status
}"""


class EvilPage(BaseHTTPRequestHandler):
    """Serves an empty page."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the starter register and without a key."""
    data: Path = tmp_path_factory.mktemp("foreign") / "data"
    settings = {"TERRAFIRMA_DATASET": "starter"}
    with make_server(data, **settings) as server:
        yield server


@pytest.fixture(scope="module")
def evil() -> Iterator[Page]:
    """A page at http://evil.test, in a browser that is not in the way of requests to this machine."""
    found = find_chromium()
    if found is None:
        pytest.skip("Chromium is not installed here")
    site = ThreadingHTTPServer(("127.0.0.1", 0), EvilPage)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    arguments = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP evil.test 127.0.0.1"]
    arguments += ["--disable-features=LocalNetworkAccessChecks"]
    with sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=found, args=arguments).new_page()
        page.goto(f"http://evil.test:{site.server_port}/")
        yield page
    site.shutdown()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"])
def test_a_page_of_another_site_neither_writes_nor_reads(
    server: Server, evil: Page, host: str
) -> None:
    with server.client() as client:
        before = client.get("/")["entries"]
        jobs = client.get("/jobs")
        *reads, me, patched = evil.evaluate(ATTACK, f"http://{host}:{server.port}")
        assert [read[0] for read in reads] == ["blocked"] * 3
        assert '"actor":null' in me[2]
        assert patched[0] == "blocked"
        assert client.get("/")["entries"] == before
        assert client.get("/jobs") == jobs == []


def test_a_page_of_the_server_itself_writes(server: Server, evil: Page) -> None:
    page = evil.context.browser.new_page()
    for host in ("127.0.0.1", "localhost"):
        page.goto(f"http://{host}:{server.port}/explore")
        assert page.evaluate(WRITE) == 200
