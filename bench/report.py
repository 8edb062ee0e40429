"""What was measured, as a table for people and as JSON for programs."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One line: a value in a unit, its ratio to something, and the mark it is held to."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    to: str = ""
    mark: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Table:
    """Lines that belong together."""

    title: str
    rows: list[Row] = field(default_factory=list)


def show(table: Table) -> str:
    """A table as text."""
    lines = ["", table.title, "-" * len(table.title)]
    for row in table.rows:
        ratio = "" if row.ratio is None else f"{write_ratio(row.ratio)} of {row.to}"
        verdict = "" if row.met is None else f"{row.mark}: {'met' if row.met else 'MISSED'}"
        value = f"{row.value:,.0f}" if row.value >= 100 else f"{row.value:.2f}"
        lines.append(
            f"{row.name:<46}{value:>10} {row.unit:<5} {ratio:<20} {verdict:<24} {row.note}".rstrip()
        )
    return "\n".join(lines)


def write_ratio(ratio: float) -> str:
    """Two decimals, or as many as show two digits of less than a tenth."""
    return f"{ratio:.2f}" if ratio >= 0.1 else f"{ratio:.2g}"


def to_json(tables: list[Table]) -> list[dict[str, Any]]:
    """Tables as plain values."""
    return [asdict(table) for table in tables]
