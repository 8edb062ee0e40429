"""`/mcp`: an assistant's own client uses the tools over HTTP, with the keys of the API."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from terrafirma.assistant import routes
from tests.conftest import make_key, serve_app

EDIT = {"key": "TH", "changes": {"extra": {"sales_region": "APAC-2"}}}


def use(address: str, headers: dict[str, str], act: Callable[[Client], Any]) -> Any:
    """What a client of the SDK gets that connects with headers."""

    async def connect() -> Any:
        async with (
            httpx2.AsyncClient(headers=headers) as http,
            Client(streamable_http_client(f"{address}/mcp", http_client=http)) as client,
        ):
            return await act(client)

    return asyncio.run(connect())


def call(address: str, headers: dict[str, str], tool: str, **arguments: Any) -> Any:
    """What a tool answers; the sentence of an error."""
    answer = use(address, headers, lambda client: client.call_tool(tool, arguments))
    text = answer.content[0].text
    return text if answer.is_error else json.loads(text)


def list_tools(address: str, headers: dict[str, str]) -> set[str]:
    """The names of the tools that are offered."""
    listed = use(address, headers, lambda client: client.list_tools())
    return {tool.name for tool in listed.tools}


def test_tools_and_documentation_are_read_without_a_key(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url)
    make_key(app, "admin")
    with serve_app(app) as address:
        assert "patch" not in list_tools(address, {})
        asked = {"key": "BG", "on": "2025-12-31", "fields": "currencies"}
        assert call(address, {}, "get", **asked)["currencies"][0]["code"] == "BGN"
        assert call(address, {}, "resolve", text="Cote d'Ivoire")["record"]["alpha2"] == "CI"
        fields = use(
            address, {}, lambda client: client.read_resource("terrafirma://fields/country")
        )
        assert "capital" in fields.contents[0].text
        assert "QQ" in call(address, {}, "get", key="QQ")


def test_an_editor_changes_a_record_after_a_dry_run(client):
    app = client.application
    editor, reader = make_key(app), make_key(app, "reader")
    with serve_app(app) as address:
        assert "patch" in list_tools(address, editor)
        assert "patch" not in list_tools(address, reader)
        head = client.get("/checkpoint").json["entries"]
        tried = call(address, editor, "patch", **EDIT)
        change = {"extra": {"before": None, "after": {"sales_region": "APAC-2"}}}
        assert (tried["written"], tried["changed"]) == (False, change)
        assert client.get("/checkpoint").json["entries"] == head
        assert "extra" not in client.get("/countries/TH").json

        written = call(address, editor, "patch", **EDIT, confirm=tried["confirm"])
        assert (written["written"], written["changed"]) == (True, change)
        assert client.get("/countries/TH").json["extra"] == {"sales_region": "APAC-2"}
        assert client.get("/countries/TH/entries").json[-1]["actor"].startswith("key:")
        # The record has changed since the dry run.
        assert "confirm belongs" in call(address, editor, "patch", **EDIT, confirm=tried["confirm"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"key": "TH", "changes": {"populaton": 5}}, 'did you mean "population"'),
        ({"key": "TH", "changes": {"area": -1}}, "area must be at least 0"),
        ({"key": "QQ", "changes": {}}, "QQ"),
        ({"key": "TH/entries", "changes": {}}, "no record"),
        ({"key": "TH", "changes": {"area": 1}, "effective": "soon"}, "effective"),
        ({"key": "TH", "changes": [1]}, "changes"),
    ],
)
def test_a_wrong_change_is_refused_with_a_sentence(open_app, sqlite_world_url, arguments, sentence):
    app = open_app(sqlite_world_url)
    with serve_app(app) as address:
        assert sentence in call(address, make_key(app), "patch", **arguments)


def test_scopes_and_pages_of_other_sites_are_judged_as_on_every_address(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url)
    narrow = make_key(app, countries=["DE"])
    with serve_app(app) as address:
        assert "writes only what belongs to DE" in call(address, narrow, "patch", **EDIT)
        foreign = make_key(app) | {"Origin": "https://elsewhere.example"}
        assert "another site" in call(address, foreign, "patch", **EDIT)


def test_closed_reading_takes_a_key(open_app, sqlite_world_url):
    app = open_app(sqlite_world_url, reads="key")
    client, message = app.test_client(), {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    reader = make_key(app, "reader")
    assert client.post("/mcp", json=message).status_code == 401
    with serve_app(app) as address:
        assert "get" in list_tools(address, reader)


def test_what_is_no_message_is_refused(sqlite_client, monkeypatch):
    accept = {"Accept": "application/json, text/event-stream"}
    for body in (b"", b"[]", b"\xff", b'{"jsonrpc":"2.0"}', b"null", b"[1e999]"):
        answer = sqlite_client.post(
            "/mcp", data=body, headers=accept, content_type="application/json"
        )
        assert 400 <= answer.status_code < 500, body
    assert sqlite_client.get("/mcp").status_code == 405
    monkeypatch.setattr(routes, "find_spec", lambda _: None)
    answer = sqlite_client.post("/mcp", json={})
    assert answer.status_code == 404
    assert "terrafirma[mcp]" in answer.json["error"]


def test_language_models_find_the_contents(sqlite_client):
    answer = sqlite_client.get("/llms.txt")
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert answer.text.startswith("# Terrafirma\n\n> ")
    pages = [line.split("(")[1].rstrip(")") for line in answer.text.splitlines() if ".md)" in line]
    assert len(pages) > 20
    for page in pages:
        path = page.removeprefix("http://127.0.0.1:5000")
        assert sqlite_client.get(path).text.startswith("# "), page
