"""Every value kept by hand names its source, and none names a source that nobody could look up."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from terrafirma.dataset.overrides import FACTS

VAGUE = re.compile(
    r"\b([Uu]sage|common|[Cc]ommonly|various|[Ww]ikipedia|[Ii]nternet|memory|general knowledge|"
    r"well known|web ?sites?|several sources|tradition|[Tt]heir constitutions|of the territory|maps of both)\b"
    r"|^Common English|^Constitutions(?! of)|^$"
)
"""Words that stand for a source without naming one."""

DEFERS = re.compile(r"named (for|with|by) (each|their|country)|^as in ", re.IGNORECASE)
"""A file's source that leaves it to each value, or to another file, to name one."""

OTHER_FILE = re.compile(r"as in (\w+\.toml)", re.IGNORECASE)


def read_facts() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every file of facts by its name."""
    for path in sorted(FACTS.rglob("*.toml")):
        yield path.relative_to(FACTS).as_posix(), tomllib.loads(path.read_text(encoding="utf-8"))


def list_sources(content: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(what it is the source of, the source) of a file, its exceptions, periods and quoted names."""
    if "source" in content:
        yield "the file", content["source"]
    for each in content.get("exceptions", []):
        yield each["country"], each.get("source", "")
    for each in content.get("quoted", []):
        yield ", ".join(each["names"]), each.get("source", "")
    for code, value in content.get("values", {}).items():
        for period in list_periods(value):
            if "source" in period:
                yield code, period["source"]


def list_periods(value: Any) -> list[dict[str, Any]]:
    """The periods of a timeline; none of another value."""
    found = value if isinstance(value, list) else []
    return [each for each in found if isinstance(each, dict) and {"from", "to"} & {*each}]


def list_unsourced(content: dict[str, Any]) -> list[str]:
    """The values that have no source, neither of their own nor their file's."""
    if "carried" in content:
        # The build checks the names of these tables (test_names.py).
        return []
    source = content.get("source", "")
    if (source and not DEFERS.search(source)) or OTHER_FILE.match(source):
        return []
    return [
        code
        for code, value in content.get("values", {}).items()
        if not list_periods(value)
        or any("value" in period and "source" not in period for period in list_periods(value))
    ]


def test_no_value_is_without_a_source() -> None:
    """A file that leaves naming to its values has one in each."""
    faults = {name: found for name, content in read_facts() if (found := list_unsourced(content))}
    assert not faults


def test_no_source_is_vague() -> None:
    """A source is a document, a body or a package."""
    faults = [
        f"{name}, {part}: {source}"
        for name, content in read_facts()
        for part, source in list_sources(content)
        if VAGUE.search(source)
    ]
    assert not faults


def test_a_source_in_another_file_is_there() -> None:
    """ "As in name_dated.toml" names a file of facts."""
    named = {
        other
        for _, content in read_facts()
        for other in OTHER_FILE.findall(content.get("source", ""))
    }
    assert named
    assert all(Path(FACTS, other).is_file() for other in named)
