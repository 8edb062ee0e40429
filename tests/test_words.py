"""The wording of docs and docstrings: counted per 1,000 words, as CONTRIBUTING asks for."""

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from terrafirma.http.app.parameters import PARAMETERS
from terrafirma.register.model.kinds import EVERY_KIND
from terrafirma.web.forms import list_controls

ROOT = Path(__file__).parent.parent

# Words per 1,000 at most. `None`, a value of Python, is no word of prose.
MARKS = {
    "tell, say": ({"tell", "tells", "told", "say", "says", "said"}, 2),
    "what, who, whether": ({"what", "who", "whose", "whether", "whoever", "whatever"}, 5),
    "one, ones": ({"one", "ones"}, 4),
    "nobody, none, nothing": ({"nobody", "none", "nothing"}, 2),
}
FOR_YOU = 5
UNTOUCHED: frozenset[str] = frozenset()
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


STANDARD = re.compile("must be one of|[Nn]othing was (changed|written)")


def find_texts(node: ast.AST) -> Iterator[str]:
    """The texts in an expression, also those around the values of an f-string."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def read_help() -> str:
    """The help of the options of the command line; that of commands is in their docstrings."""
    return "\n".join(
        text
        for path in sorted((ROOT / "terrafirma" / "commands").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.keyword) and node.arg == "help"
        for text in find_texts(node.value)
    )


def read_errors() -> str:
    """The sentences of all errors where they are raised, but for two phrases that clients know."""
    return "\n".join(
        STANDARD.sub("", " ".join(find_texts(node.exc)))
        for path in sorted((ROOT / "terrafirma").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Raise) and node.exc
    )


LABEL_WORDS = 28
"""Words of MARKS in the labels of the pages. It may fall, not rise: a label is translated five times."""


def read_labels() -> str:
    """The English texts of the pages, as translators get them, without descriptions of fields."""
    fields = [each for kind in EVERY_KIND.values() for each in list_controls(kind).values()]
    parts = [each for field in fields for part in field.parts for each in (part, *part.parts)]
    described = {control.help for control in (*fields, *parts)}
    with (ROOT / "terrafirma" / "web" / "locales" / "de.po").open("rb") as file:
        messages = [each.id for each in read_po(file) if each.id and each.id not in described]
    return "\n".join(id if isinstance(id, str) else " ".join(id) for id in messages)


def read_meanings() -> str:
    """The descriptions of query parameters in the API description."""
    return "\n".join(parameter.meaning for parameter in PARAMETERS.values())


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize(
    "read", [read_docs, read_docstrings, read_help, read_errors, read_meanings]
)
def test_words_stay_below_their_marks(read, name):
    words, most = MARKS[name]
    assert count(read(), words) <= most


def test_labels_get_plainer():
    words = set().union(*(words for words, _ in MARKS.values()))
    found = re.findall(r"[A-Za-z']+", read_labels())
    assert sum(word.lower() in words for word in found) <= LABEL_WORDS


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
