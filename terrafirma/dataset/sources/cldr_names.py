"""Unicode CLDR's names: of countries, languages and currencies."""

import json
import re
from typing import Any

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims

PACKAGE = "cldr-localenames-full"

# Where CLDR's own first choice spells out a political status that its short variant leaves open.
SHORT_NAMES = {"HK", "MM", "MO", "PS"}

# A language, perhaps in a script; and the codes for none, many or an unknown one.
LANGUAGE = "[a-z]{2,3}(?:-[A-Z][a-z]{3})?"
NO_LANGUAGES = {"mul", "und", "zxx"}
VARIANTS = ("short", "variant")


class CldrNames:
    """Territory names by locale, parsed when asked for."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.parsed: dict[str, dict[str, str]] = {}

    def list_locales(self) -> list[str]:
        """Every locale, sorted."""
        return sorted(member.split("/")[1] for member in self.texts)

    def find_name(self, locale: str, code: str) -> str | None:
        """The name of ``code`` in exactly this locale; None if CLDR has no such locale or no name in it."""
        member = f"main/{locale}/territories.json"
        if member not in self.texts:
            return None
        if locale not in self.parsed:
            main = json.loads(self.texts[member])["main"]
            self.parsed[locale] = main[locale]["localeDisplayNames"]["territories"]
        names = self.parsed[locale]
        name = names.get(f"{code}-alt-short") if code in SHORT_NAMES else None
        name = name or names.get(code)
        return None if name == code else name

    def list_variants(self, locale: str, code: str) -> list[str]:
        """The other names of ``code`` in a locale whose names were found before."""
        names = self.parsed[locale]
        found = (names.get(f"{code}-alt-{kind}") for kind in VARIANTS)
        return [name for name in found if name and name != self.find_name(locale, code)]


def open_names(inputs: Inputs) -> CldrNames:
    """The territory names of every locale."""
    return CldrNames(inputs.read_texts(PACKAGE, r"main/[^/]+/territories\.json"))


def read_english_names(names: CldrNames, codes: list[str]) -> Claims:
    """The English common name, and others that are in use."""
    claims: Claims = {}
    for code in codes:
        if name := names.find_name("en", code):
            claims[code] = {"name": spell_out(name)}
            if variants := names.list_variants("en", code):
                claims[code]["other_names"] = variants
    return claims


def spell_out(name: str) -> str:
    """An English name without abbreviations, and with the apostrophe people type."""
    return re.sub(r"\bSt\.? ", "Saint ", name).replace(" & ", " and ").replace("\u2019", "'")


def read_language_names(inputs: Inputs) -> tuple[dict[str, str], dict[str, str]]:
    """English names of languages, less their regional forms, and of scripts, by tag."""
    found = {
        kind: inputs.read_json(PACKAGE, f"main/en/{kind}.json")["main"]["en"]["localeDisplayNames"][
            kind
        ]
        for kind in ("languages", "scripts")
    }
    languages = {
        tag: name for tag, name in found["languages"].items() if re.fullmatch(LANGUAGE, tag)
    }
    return {tag: name for tag, name in languages.items() if tag not in NO_LANGUAGES}, found[
        "scripts"
    ]


def read_own_names(inputs: Inputs) -> dict[str, str]:
    """{tag: the language's name in itself} for CLDR's locales."""
    names = {}
    for member, text in inputs.read_texts(PACKAGE, rf"main/{LANGUAGE}/languages\.json").items():
        tag = member.split("/")[1]
        named: dict[str, str] = json.loads(text)["main"][tag]["localeDisplayNames"]["languages"]
        if named.get(tag, tag) != tag:
            names[tag] = named[tag]
    return names


def read_currency_names(inputs: Inputs) -> dict[str, dict[str, Any]]:
    """{code: {name, symbol?, minor_units}} of every currency in CLDR, past ones included."""
    main = inputs.read_json("cldr-numbers-full", "main/en/currencies.json")["main"]
    data = inputs.read_json("cldr-core", "supplemental/currencyData.json")["supplemental"][
        "currencyData"
    ]
    currencies = {}
    for code, entry in main["en"]["numbers"]["currencies"].items():
        symbol = entry.get("symbol-alt-narrow") or entry.get("symbol")
        fractions = data["fractions"].get(code, data["fractions"]["DEFAULT"])
        currency = {"name": entry["displayName"], "minor_units": int(fractions["_digits"])}
        currencies[code] = currency | ({"symbol": symbol} if symbol and symbol != code else {})
    return currencies


class Symbols:
    """Currency symbols by locale, parsed when asked for."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        self.parsed: dict[str, dict[str, dict[str, str]]] = {}

    def find_symbol(self, locale: str, code: str) -> str | None:
        """The symbol of a currency in exactly this locale; None if it only repeats the code."""
        member = f"main/{locale}/currencies.json"
        if member not in self.texts:
            return None
        if locale not in self.parsed:
            main = json.loads(self.texts[member])["main"]
            self.parsed[locale] = main[locale]["numbers"]["currencies"]
        # Marks that turn the direction of writing, and Cape Verde's zero-width space.
        symbol = re.sub("[\u200b-\u200f]", "", self.parsed[locale].get(code, {}).get("symbol", ""))
        return None if not symbol or symbol.endswith(code) else symbol


def open_symbols(inputs: Inputs) -> Symbols:
    """The currency symbols of every locale."""
    return Symbols(inputs.read_texts("cldr-numbers-full", r"main/[^/]+/currencies\.json"))
