"""The wording of docs and docstrings: counted per 1,000 words, as CONTRIBUTING asks for."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Words per 1,000 at most. `None`, a value of Python, is no word of prose.
MARKS = {
    "tell, say": ({"tell", "tells", "told", "say", "says", "said"}, 2),
    "what, who, whether": ({"what", "who", "whose", "whether", "whoever", "whatever"}, 5),
    "one, ones": ({"one", "ones"}, 4),
    "nobody, none, nothing": ({"nobody", "none", "nothing"}, 2),
}
FOR_YOU = 5
UNTOUCHED = frozenset(
    {
        "atlas.md", "graphql.md", "operations.md", "settings.md",
    }
)  # fmt: skip
"""Pages that are still to be rewritten; take a page out once it is."""

QUESTION = re.compile(r"(What|Who|Whose|Whether|Which)\b")


def count(text: str, words: set[str]) -> float:
    """How often any of the words stands in a text, per 1,000 words."""
    found = [word if word == "None" else word.lower() for word in re.findall(r"[A-Za-z']+", text)]
    return 1000 * sum(word in words for word in found) / max(len(found), 1)


def read_docs() -> str:
    """All prose for users that was rewritten, without code."""
    pages = [*sorted((ROOT / "docs").rglob("*.md")), *sorted(ROOT.glob("*.md"))]
    text = "\n".join(
        page.read_text(encoding="utf-8") for page in pages if page.name not in UNTOUCHED
    )
    return re.sub(r"`[^`\n]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def find_docstrings(path: Path) -> Iterator[tuple[int, str]]:
    """The docstrings of a file, those of constants and attributes included, with their lines."""
    bodies = (getattr(node, "body", ()) for node in ast.walk(ast.parse(path.read_bytes())))
    for statement in chain.from_iterable(body for body in bodies if isinstance(body, list)):
        match statement:
            case ast.Expr(value=ast.Constant(value=str(text))):
                yield statement.lineno, text


def read_docstrings() -> str:
    files = sorted((ROOT / "terrafirma").rglob("*.py"))
    return "\n".join(text for path in files for _, text in find_docstrings(path))


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("read", [read_docs, read_docstrings])
def test_words_stay_below_their_marks(read, name):
    words, most = MARKS[name]
    assert count(read(), words) <= most


def test_docs_speak_to_you():
    assert count(read_docs(), {"you", "your"}) >= FOR_YOU


def test_docstrings_begin_with_a_verb_or_a_noun():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "terrafirma").rglob("*.py"))
        for line, text in find_docstrings(path)
        if QUESTION.match(text.strip())
    ]
    assert not found


def test_words_are_counted():
    assert count("Who said None of this? One did.", {"who", "none", "one"}) == pytest.approx(
        2000 / 7
    )
