"""A page of the handbook: Markdown made HTML that needs no inline style or script.

Headings have the anchors that code forges give them, so links work there and here.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup, escape

from terrafirma.deferred import Deferred

markdown_it = Deferred("markdown_it")
pygments = Deferred("pygments")
lexers = Deferred("pygments.lexers")
formatters = Deferred("pygments.formatters")
pygments_errors = Deferred("pygments.util")

DEEPEST = 3
"""Headings down to this level are listed and found."""

Token = Any
Address = Callable[[str], str | None]
"""From the target of a link, as it is written, to an address; None if it is no part of the handbook."""


@dataclass(frozen=True)
class Heading:
    """A heading and the text below it, up to the next heading."""

    level: int
    title: str
    anchor: str
    text: str


@dataclass(frozen=True)
class RenderedPage:
    """A page: its title, its sections and its HTML."""

    title: str
    sections: tuple[Heading, ...]
    html: Markup


def render_document(text: str, address: Address) -> RenderedPage:
    """Make a page of Markdown; `address` turns the targets of its links and pictures."""
    parser = make_parser()
    tokens = parser.parse(text)
    sections = list(read_sections(tokens))
    set_anchors(tokens, sections)
    for token in tokens:
        turn_links(token.children or (), address)
    html = Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - escaped by it
    return RenderedPage(sections[0].title, tuple(sections), html)


@cache
def make_parser() -> Any:
    """The parser: CommonMark and tables; HTML in a text is shown as text."""
    parser = markdown_it.MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("fence", render_code)
    parser.add_render_rule("code_block", render_code)
    parser.add_render_rule("table_open", open_table)
    parser.add_render_rule("table_close", close_table)
    return parser


def render_code(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
    """A block of code, its words marked by classes."""
    code, language = tokens[index].content, tokens[index].info.strip()
    return f'<pre tabindex="0"><code>{highlight(code, language)}</code></pre>\n'


def highlight(code: str, language: str) -> str:
    """Code as HTML, highlighted if its language is known."""
    try:
        lexer = lexers.get_lexer_by_name(language) if language else None
    except pygments_errors.ClassNotFound:
        lexer = None
    if lexer is None:
        return str(escape(code))
    marked: str = pygments.highlight(code, lexer, formatters.HtmlFormatter(nowrap=True))
    return marked


def open_table(*_: Any) -> str:
    """The start of a table, which scrolls by itself on a narrow screen."""
    return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'


def close_table(*_: Any) -> str:
    """The end of such a table."""
    return "</table></div>\n"


def read_sections(tokens: Sequence[Token]) -> Iterator[Heading]:
    """The sections of a page in order. An anchor that is taken gets a number."""
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
    taken: dict[str, int] = {}
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        title = read_words(tokens[start + 1])
        anchor = slug(title)
        count = taken[anchor] = taken.get(anchor, -1) + 1
        text = " ".join(read_words(token) for token in tokens[start + 3 : end]).strip()
        level = int(tokens[start].tag[1:])
        yield Heading(level, title, f"{anchor}-{count}" if count else anchor, text)


def slug(title: str) -> str:
    """A heading as an anchor, by the rule of code forges."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return kept.replace(" ", "-")


def read_words(token: Token) -> str:
    """The text of a token without its marks."""
    if token.children is None:
        return str(token.content)
    words = (" " if each.type == "softbreak" else each.content for each in token.children)
    return "".join(words)


def set_anchors(tokens: Sequence[Token], sections: Sequence[Heading]) -> None:
    """Give headings their anchors."""
    headings = (token for token in tokens if token.type == "heading_open")
    for token, section in zip(headings, sections, strict=True):
        token.attrSet("id", section.anchor)


def turn_links(tokens: Sequence[Token], address: Address) -> None:
    """Turn the targets of links and pictures into addresses. A link that leads out of the handbook becomes its text."""
    opened = None
    for token in tokens:
        if token.type == "image":
            token.attrSet("src", address(str(token.attrGet("src"))) or "")
            token.attrSet("loading", "lazy")
        elif token.type == "link_open":
            opened = token
            turn_link(token, address)
        elif token.type == "link_close" and opened is not None:
            token.tag = opened.tag


def turn_link(token: Token, address: Address) -> None:
    """Turn the target of a link, or make it a plain span with the target as its title."""
    written = str(token.attrGet("href"))
    target = address(written)
    if target is None:
        token.tag, token.attrs = "span", {"class": "file", "title": written.lstrip("./")}
    else:
        token.attrSet("href", target)
