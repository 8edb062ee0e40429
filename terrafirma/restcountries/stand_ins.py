"""Values for fields that the register lacks and the old service always had.

A territory takes them from the country that administers it, as the old service did; two more are
given here.
"""

from typing import Any

from terrafirma.register.model.records import Document

LENT = ("car_sign", "tlds", "languages", "demonyms")
"""Fields that a territory without a value of its own takes from its sovereign."""

OWN: dict[str, Document] = {
    # The administration moves between the atolls every year. Its time zone is named after Fakaofo.
    "TK": {"capitals": [{"name": "Fakaofo", "latitude": -9.38, "longitude": -171.22}]},
    # The islands are administered from there.
    "UM": {"capitals": [{"name": "Washington, D.C."}]},
    # A region with traffic laws of its own, and no sign of its own that is notified.
    "MO": {"car_sign": ""},
    # ISO 3166 reserves the code; the domain was never delegated.
    "EH": {"tlds": [".eh"]},
}
"""Values of single countries, by alpha-2 code, each with its reason."""


LIKE_THE_UNITED_STATES = {
    "measurement": frozenset(("LR", "MM", "US")),
    "temperature": frozenset(("BS", "BZ", "KY", "PR", "PW", "US")),
}
"""Countries that measure in miles, or in degrees Fahrenheit, as Unicode CLDR has it."""


def stand_in(document: Document, sovereign: Document) -> Document:
    """Return a country with values for fields that it lacks: its own stand-ins, then its sovereign's."""
    lent: dict[str, Any] = {name: sovereign[name] for name in LENT if sovereign.get(name)}
    own = OWN.get(document.get("alpha2", ""), {}) if document.get("status") == "assigned" else {}
    known = {name: value for name, value in document.items() if value not in ([], "")}
    return document | {name: value for name, value in (lent | own).items() if name not in known}
