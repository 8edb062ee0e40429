"""Reference tables: ISO 4217 currencies and ISO 639 languages."""

import csv
from typing import Any
from xml.etree import ElementTree

from terrafirma.dataset.inputs import Inputs


def read_iso4217(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """Every active currency code: {code: {name, numeric, minor_units?}}; metals have no minor
    units."""
    root = ElementTree.fromstring(inputs.read_text("iso4217", "iso4217/table.xml"))  # noqa: S314 - pinned by hash
    currencies: dict[str, dict[str, Any]] = {}
    for entry in root.iter("CcyNtry"):
        code = entry.findtext("Ccy")
        if not code:
            continue
        digits = entry.findtext("CcyMnrUnts", "")
        currencies[code] = {"name": entry.findtext("CcyNm"), "numeric": entry.findtext("CcyNbr")}
        currencies[code] |= {"minor_units": int(digits)} if digits.isdigit() else {}
    return currencies


def read_iso639(inputs: Inputs) -> tuple[dict[str, str], dict[str, str]]:
    """ISO 639-3 codes of every two- and three-letter code ({"th": "tha", "tha": "tha"}), and their English names."""
    text = inputs.read_text("python-iso639", "iso639/_data/iso-639-3.tab")
    codes, names = {}, {}
    for row in csv.DictReader(text.lstrip("\ufeff").splitlines(), delimiter="\t"):
        for code in filter(None, (row["Id"], row["Part1"])):
            codes[code] = row["Id"]
            names[code] = row["Ref_Name"]
    return codes, names
