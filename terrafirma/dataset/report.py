"""The build report: the source of each value, and every disagreement between sources."""

from dataclasses import dataclass

from terrafirma.dataset.merge import PRECEDENCE
from terrafirma.dataset.names import LocaleNames
from terrafirma.dataset.reference import Documents


@dataclass(frozen=True)
class BuildFindings:
    """Observations of the build."""

    disagreements: list[tuple[str, str, str, str]]
    changes: list[str]
    placed: int
    misplaced: list[str]
    names: LocaleNames
    locales: dict[str, str | None]
    subdivisions: list[str]


def write_report(documents: Documents, findings: BuildFindings) -> str:
    """The report as Markdown."""
    lines = ["# Build report", "", "Written by the dataset build; do not edit.", ""]
    lines += [
        "## How many of the countries have each field",
        "",
        "| field | countries |",
        "| --- | --- |",
    ]
    lines += [f"| {field} | {count} |" for field, count in count_fields(documents)]
    lines += ["", "## What changed with time", "", *list_times(documents)]
    lines += ["", "## Capitals inside their country's borders", ""]
    inside = findings.placed - len(findings.misplaced)
    lines += [
        f"{inside} of {findings.placed} capitals with coordinates lie inside, by country-coder's borders.",
        "",
    ]
    lines += [f"- {line}" for line in findings.misplaced]
    lines += ["", "## Names in other languages", "", *list_languages(findings)]
    lines += ["", "## Subdivisions", "", *findings.subdivisions]
    lines += ["", "## Facts kept by hand that stand above the sources", ""]
    lines += [f"- {line}" for line in findings.changes]
    lines += ["", "## Where sources disagree", ""]
    lines += ["Areas are told from 3 % on, populations from 15 %.", ""]
    lines += list_disagreements(findings.disagreements)
    return "\n".join(lines) + "\n"


def list_languages(findings: BuildFindings) -> list[str]:
    """Numbers of names and locales, and locales with too few names."""
    counts: dict[str, int] = {}
    for names in findings.names.values():
        for locale in names:
            counts[locale] = counts.get(locale, 0) + 1
    few = [
        f"{locale} {counts[locale]}" for locale in sorted(counts.keys() - findings.locales.keys())
    ]
    told = f"{sum(counts.values())} names in {len(counts)} locales, each less what it inherits."
    return [
        told,
        "",
        f"These name fewer than half of the countries, and are not offered: {', '.join(few)}.",
    ]


def list_times(documents: Documents) -> list[str]:
    """Numbers of ended, renamed and dated countries, and of timelines by field."""
    gone = [document for document in documents if "alpha4" in document]
    renamed = [document for document in documents if "alpha4" in document.get("dated", {})]
    begun = [document for document in documents if "from" in document and "alpha4" not in document]
    entries = f"{len(gone) + len(renamed)} entries of ISO 3166-3: {len(gone)} that are gone, {len(renamed)} renamed."
    told = f"{entries} {len(begun)} countries of today begin on a known day."
    periods: dict[str, list[int]] = {}
    for document in documents:
        for field, timeline in document.get("dated", {}).items():
            periods.setdefault(field, []).append(len(timeline))
    table = [
        f"| {field} | {len(counts)} | {sum(counts)} |" for field, counts in sorted(periods.items())
    ]
    return [told, "", "| timeline | countries | periods |", "| --- | --- | --- |", *table]


def count_fields(documents: Documents) -> list[tuple[str, int]]:
    """The number of documents with each field, plain or dated."""
    counts: dict[str, int] = {}
    for document in documents:
        for field in {*document, *document.get("dated", {})} - {"dated"}:
            counts[field] = counts.get(field, 0) + 1
    return sorted(counts.items())


def list_disagreements(disagreements: list[tuple[str, str, str, str]]) -> list[str]:
    """A table per field."""
    lines: list[str] = []
    heading = ""
    for field, code, taken, others in disagreements:
        if field != heading:
            heading = field
            order = ", then ".join(PRECEDENCE.get(field, []))
            lines += [
                "",
                f"### {field}",
                "",
                f"In order of trust: facts{', then ' + order if order else ''}.",
                "",
            ]
            lines += ["| country | taken | others say |", "| --- | --- | --- |"]
        lines.append(f"| {code} | {escape_cell(taken)} | {escape_cell(others)} |")
    return lines


def escape_cell(text: str) -> str:
    """Text that stays inside its cell."""
    return text.replace("|", "\\|")
