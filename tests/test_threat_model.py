"""docs/threat-model.md names tests: they are there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
ROW = re.compile(r"^\| (?!-|threat \||risk \|)(.+) \|$", re.MULTILINE)


def list_functions(path: Path) -> set[str]:
    return {
        node.name
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.FunctionDef)
    }


def test_the_tests_it_names_exist():
    missing = [
        f"{file}::{name}"
        for file, name in NAMED.findall(TEXT)
        if not (ROOT / file).is_file() or (name and name not in list_functions(ROOT / file))
    ]
    assert not missing


def test_every_threat_names_a_test():
    section = TEXT.partition("## STRIDE")[2].partition("## What is left")[0]
    rows = [row for row in ROW.findall(section) if not row.startswith("-")]
    assert len(rows) > 30
    assert not [row for row in rows if not NAMED.search(row)]
    for threat in ("Spoofing", "Tampering", "Repudiation", "Information", "Denial", "Elevation"):
        assert f"| **{threat}" in section
    assert [f"API{number} " in section for number in range(1, 11)] == [True] * 10
