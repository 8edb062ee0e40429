"""`terrafirma mcp`: an assistant's own client reads the register through its tools."""

import asyncio
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

import terrafirma
from terrafirma.assistant.tools import build_server

KEPT = ("resolve", "search", "get", "list", "history", "members", "point")


@pytest.fixture(scope="module")
def folder(world_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("assistant")
    shutil.copyfile(world_file, folder / "register.sqlite")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Any]:
    with terrafirma.open(folder) as register:
        yield build_server(register)


def ask(server: Any, tool: str, **arguments: Any) -> Any:
    """What a tool answers; the sentence of an error."""

    async def call() -> Any:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    answer = asyncio.run(call())
    text = answer.content[0].text
    return text if answer.is_error else json.loads(text)


def test_every_tool_is_listed_as_reading_only(server: Any) -> None:
    async def call() -> Any:
        async with Client(server) as client:
            return (await client.list_tools()).tools

    tools = asyncio.run(call())
    assert [tool.name for tool in tools] == [*KEPT]
    assert all(tool.description and tool.annotations.read_only_hint for tool in tools)


@pytest.mark.parametrize(
    ("text", "outcome", "code"),
    [("Cote d'Ivoire", "matched", "CI"), ("Congo", "ambiguous", None), ("Atlantis", "none", None)],
)
def test_a_name_is_resolved(server: Any, text: str, outcome: str, code: str | None) -> None:
    answer = ask(server, "resolve", text=text)
    assert (answer["outcome"], (answer["record"] or {}).get("alpha2")) == (outcome, code)
    assert outcome != "ambiguous" or {each["alpha2"] for each in answer["candidates"]} >= {
        "CD",
        "CG",
    }


def test_a_record_is_read_as_it_was_on_a_day(server: Any) -> None:
    currency = {"fields": "currencies"}
    for on, code in (("2025-12-31", "BGN"), ("2026-01-01", "EUR")):
        answer = ask(server, "get", key="BG", on=on, **currency)
        assert [each["code"] for each in answer["currencies"]] == [code]
    assert "area" in ask(server, "get", key="BG", on="1990-01-01")["undated"]


def test_lists_are_filtered_sorted_and_counted(server: Any) -> None:
    answer = ask(
        server,
        "list",
        filters={"region": "Asia", "area[gte]": 1_000_000},
        sort="-area",
        fields="alpha2",
        limit=2,
    )
    assert answer["records"] == [{"alpha2": "CN"}, {"alpha2": "IN"}]
    assert answer["count"] > 2
    assert ask(server, "search", text="korea")["records"][0]["alpha2"] in ("KR", "KP")


def test_members_timelines_and_points(server: Any) -> None:
    assert len(ask(server, "members", group="EU", on="2003-12-31")["members"]) == 15
    assert ask(server, "history", country="BG")["timelines"]["currencies"][-1]["from"]
    assert ask(server, "point", latitude=13.75, longitude=100.5)["country"] == "TH"
    assert ask(server, "point", latitude=-40, longitude=-120)["country"] is None


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("get", {"key": "QQ"}, "QQ"),
        ("get", {"key": "TH", "on": "yesterday"}, "on must be a date"),
        ("get", {"key": "TH", "kind": "contries"}, "countries"),
        ("list", {"filters": {"regoin": "Asia"}}, "region"),
        ("list", {"limit": 0}, "limit must be"),
        ("point", {"latitude": 91, "longitude": 0}, "latitude must be"),
        ("point", {"latitude": "x", "longitude": 0}, "latitude"),
        ("resolve", {}, "text"),
    ],
)
def test_a_wrong_argument_is_named(server: Any, tool: str, arguments: Any, said: str) -> None:
    assert said in ask(server, tool, **arguments)


def test_the_documentation_is_a_resource(server: Any) -> None:
    async def read() -> Any:
        async with Client(server) as client:
            return (await client.read_resource("terrafirma://fields/country")).contents[0].text

    assert "capital" in json.loads(asyncio.run(read()))


def test_an_assistants_client_starts_the_command(folder: Path) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "terrafirma", "mcp", "--data", str(folder)]
    )

    async def call() -> Any:
        async with Client(stdio_client(command)) as client:
            return await client.call_tool("get", {"key": "TH", "fields": "capital"})

    assert json.loads(asyncio.run(call()).content[0].text) == {"capital": "Bangkok"}
