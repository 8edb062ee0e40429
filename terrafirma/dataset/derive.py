"""Derive ids, status and independence from the merged facts, and make the stored documents."""

from typing import Any

from terrafirma.dataset.former import is_former
from terrafirma.dataset.model import Merged

# The tutorial's three come first, as it numbers them.
FIRST = ["TH", "AU", "EG"]


def order_codes(codes: list[str]) -> list[str]:
    """Codes in the order of their ids: alpha-2 of today's countries, then alpha-4 of former
    countries."""
    return [*FIRST, *sorted(set(codes) - set(FIRST), key=lambda code: (is_former(code), code))]


def derive_fields(merged: Merged) -> None:
    """Add derived fields in place, unless facts give them."""
    some_landlocked = any("landlocked" in record for record in merged.values())
    for record in (record for code, record in merged.items() if not is_former(code)):
        if "independent" not in record:
            if "sovereign" in record:
                record["independent"] = (False, "derived")
            elif record["un_member"][0]:
                record["independent"] = (True, "derived")
        # A list of the landlocked says of every other country that it is not.
        if some_landlocked and "landlocked" not in record:
            record["landlocked"] = (False, "derived")


def render_documents(merged: Merged) -> list[dict[str, Any]]:
    """The stored documents, by id. Timelines stand under ``dated``; empty lists are absent."""
    documents = []
    for number, code in enumerate(order_codes(list(merged)), start=1):
        document: dict[str, Any] = {"id": number}
        for field, (value, _) in merged[code].items():
            if value == []:
                continue
            if field.startswith("dated."):
                document.setdefault("dated", {})[field.removeprefix("dated.")] = value
            else:
                document[field] = value
        documents.append(document)
    return documents


def summarise_provenance(merged: Merged) -> dict[str, Any]:
    """{"defaults": {field: [sources]}, "exceptions": {key: {field: source}}}.

    A field's default is the sources it comes from, the most frequent first; a record is an exception where its
    value does not come from the first of them.
    """
    counts: dict[str, dict[str, int]] = {}
    for record in merged.values():
        for field, (_, source) in record.items():
            tally = counts.setdefault(field.removeprefix("dated."), {})
            tally[source] = tally.get(source, 0) + 1
    defaults = {
        field: sorted(tally, key=lambda source: (-tally[source], source))
        for field, tally in counts.items()
    }
    exceptions = {
        code: {
            field.removeprefix("dated."): source
            for field, (_, source) in record.items()
            if defaults[field.removeprefix("dated.")][0] != source
        }
        for code, record in merged.items()
    }
    return {
        "defaults": defaults,
        "exceptions": {code: found for code, found in exceptions.items() if found},
    }
