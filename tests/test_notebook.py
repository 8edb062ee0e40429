"""The notebook in docs/: each cell is run, and answers what the notebook shows."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pandas")

NOTEBOOK = Path(__file__).parents[1] / "docs" / "countries.ipynb"


def run(source: str, names: dict[str, Any]) -> str | None:
    """Run a cell as Jupyter does; the text of its last expression."""
    *before, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        before, last = [*before, last], ast.Expr(ast.Constant(None))
    exec(compile(ast.Module(before, []), str(NOTEBOOK), "exec"), names)
    value = eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)
    return None if value is None else repr(value)


def test_cells_answer_what_the_notebook_shows():
    cells = [
        each for each in json.loads(NOTEBOOK.read_text())["cells"] if each["cell_type"] == "code"
    ]
    names: dict[str, Any] = {}
    for cell in cells:
        [output] = cell["outputs"]
        assert run("".join(cell["source"]), names) == "".join(output["data"]["text/plain"])
    assert len(cells) >= 8
