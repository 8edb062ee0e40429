"""A picture of tables: a bar for each row, on a scale where each step is ten times the last."""

from html import escape
from math import log10

from bench.report import Table

WIDTH, LABEL, VALUE = 760, 190, 90
LINE, HEAD = 22, 34
OURS, OTHERS = "#0b7285", "#adb5bd"


def draw(tables: list[Table], about: str) -> str:
    """Tables as SVG, with a line about the machine and the day."""
    most = max(row.value for table in tables for row in table.rows)
    pieces, y = [], 24
    for table in tables:
        pieces.append(text(0, y + 14, table.title, bold=True))
        y += HEAD
        for row in table.rows:
            pieces += bar(y, row.name, row.value, most)
            y += LINE
        y += LINE // 2
    pieces.append(text(0, y + 8, f"{about} Each step of the scale is ten times the last."))
    size = f'width="{WIDTH}" height="{y + 20}" viewBox="-8 0 {WIDTH + 16} {y + 20}"'
    style = "text{font:13px sans-serif;fill:#212529}.b{font-weight:600}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><style>{style}</style>'
    ground = f'<rect x="-8" width="{WIDTH + 16}" height="{y + 20}" fill="#fff"/>'
    return "\n".join([head, ground, *pieces, "</svg>"]) + "\n"


def bar(y: int, name: str, value: float, most: float) -> list[str]:
    """A row: its name, a bar as long as its number has digits, the number."""
    room = WIDTH - LABEL - VALUE
    length = max(2.0, room * log10(max(value, 1.0) + 1) / log10(most + 1))
    colour = OURS if name.startswith("Terrafirma") else OTHERS
    shape = f'<rect x="{LABEL}" y="{y}" width="{length:.0f}" height="16" rx="2" fill="{colour}"/>'
    number = text(LABEL + round(length) + 6, y + 13, f"{value:,.0f}")
    return [text(0, y + 13, name), shape, number]


def text(x: int, y: int, words: str, *, bold: bool = False) -> str:
    """A line of text."""
    kind = ' class="b"' if bold else ""
    return f'<text x="{x}" y="{y}"{kind}>{escape(words)}</text>'
