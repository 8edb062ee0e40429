"""The key facts a country's page opens with, each with its unit and its rank among all countries of the day."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document
from terrafirma.register.model.series import name_year
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.display import label_of, present_of, unit_of, write_field
from terrafirma.web.nouns import Text, write_texts
from terrafirma.web.table import rank

RANKED = ("population", "area", "density", "gdp_per_head")
YEARS = {"gdp_per_head": "gdp"}
"""Fields of the year of another figure."""


@dataclass(frozen=True)
class KeyFact:
    """A key fact: its value, its unit, and a line about it."""

    label: str
    texts: list[Text] = field(default_factory=list)
    unit: str = ""
    note: str = ""


def list_key_facts(document: Document, everyone: Sequence[Document]) -> list[KeyFact]:
    """The key facts of a country; `everyone` holds all countries of the same day."""
    facts = [make_ranked(name, document, everyone) for name in RANKED]
    facts += [make_capital(document), make_currency(document)]
    return [each for each in facts if each is not None]


def make_ranked(name: str, document: Document, everyone: Sequence[Document]) -> KeyFact | None:
    """A number with its rank."""
    present = present_of(name, everyone)
    value = present_of(name, [document]).get(document["id"])
    if value is None:
        return None
    year = document.get(name_year(YEARS.get(name, name)))
    notes = [str(year) if year else "", write_rank(value, list(present.values()))]
    return KeyFact(
        label_of(name),
        [Text(write_field(value, name))],
        unit_of(name),
        " · ".join(each for each in notes if each),
    )


def write_rank(value: float, values: Sequence[float]) -> str:
    """The rank of a value among others in words; empty where there are none to compare with."""
    place = rank(values).get(value)
    return (
        _("rank %(rank)s of %(all)s") % {"rank": place, "all": len(values)}
        if place and len(values) > 1
        else ""
    )


def make_capital(document: Document) -> KeyFact | None:
    """The capital; the others, with what they are the seat of, in the line about it."""
    capitals = document.get("capitals", [])
    name = document.get("capital") or (capitals[0]["name"] if capitals else None)
    if not name:
        return None
    others = [
        text.text + (f" ({text.code})" if text.code else "") for text in capitals_after(document)
    ]
    return KeyFact(
        label_of("capital"),
        [Text(str(name))],
        note=_("also %(names)s") % {"names": ", ".join(others)} if others else "",
    )


def capitals_after(document: Document) -> list[Text]:
    """The capitals beside the first."""
    return write_texts(COUNTRY, "capitals", document.get("capitals", [])[1:], {})


def make_currency(document: Document) -> KeyFact | None:
    """The legal tender, each a link."""
    currencies = document.get("currencies", [])
    if not currencies:
        return None
    signs = [each["symbol"] for each in currencies if "symbol" in each]
    return KeyFact(
        label_of("currencies.code"),
        write_texts(COUNTRY, "currencies", currencies, {}),
        note=", ".join(signs),
    )
