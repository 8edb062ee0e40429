"""Values as text in which every noun is a link: a currency, a language, a region, a country, a group."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from terrafirma.register.model.derived import load_reference
from terrafirma.register.model.kinds import (
    COUNTRY,
    CURRENCY,
    FIELD,
    FIGURE,
    GROUP,
    LANGUAGE,
    MEMBERSHIP,
    REGION,
    SUBDIVISION,
    Kind,
)
from terrafirma.register.model.records import Document
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.catalogues import name_language, write_day
from terrafirma.web.display import display_value, label_of, write_field
from terrafirma.web.links import link, record_page


@dataclass(frozen=True)
class Text:
    """A piece of text, and where it leads."""

    text: str
    href: str = ""
    code: str = ""
    """Shown small beside it."""
    country: Document | None = None
    """The country of its flag."""
    lang: str = ""
    """The language it is in, where that is not the page's."""
    note: str = ""


Countries = dict[str, Document]
"""Countries by the code that names them in another record."""


class Noun(NamedTuple):
    """A value of a field, and the records that it may name."""

    field: str
    value: Any
    named: Countries


Writer = Callable[[Noun], Text]

REGIONS = ("region", "subregion", "intermediate_region")
DAYS = ("from", "to", "withdrawn")
NAMING = ("borders", "predecessors", "successors", "sovereign")
"""Fields of a country that name other countries."""
SHARED = (
    "continents",
    "timezones",
    "driving_side",
    "landlocked",
    "independent",
    "un_member",
    "status",
)
"""Fields of a country whose values lead to all countries that share them."""


def write_texts(kind: Kind, field: str, value: Any, countries: Countries) -> list[Text]:
    """The value of a field as pieces of text; empty where it is absent."""
    if value is None or value == []:
        return []
    write = WRITERS.get((kind.name, field))
    if field in DAYS:
        return [Text(write_day(str(value)))]
    if write is None:
        return [Text(write_field(value, field))]
    return [
        write(Noun(field, each, countries))
        for each in (value if isinstance(value, list) else [value])
    ]


def write_code(plural: Kind) -> Writer:
    """A writer of values that are codes of a kind, with their names."""

    def write(noun: Noun) -> Text:
        return Text(
            str(noun.value.get("name", noun.value["code"])),
            record_page(plural.name, noun.value["code"]),
            noun.value["code"],
        )

    return write


def write_region(noun: Noun) -> Text:
    """A region, which leads to its page, or to its countries where the register has no such region."""
    code = region_codes().get(noun.value)
    return Text(
        _(noun.value), record_page(REGION.name, code) if code else filtered(noun.field, noun.value)
    )


@cache
def region_codes() -> dict[str, str]:
    """The codes of the dataset's regions by name."""
    return {each["name"]: code for code, each in load_reference(REGION.plural).items()}


def write_country(noun: Noun) -> Text:
    """A country by its code."""
    country = noun.named.get(noun.value)
    return Text(
        str(country["name"]) if country else noun.value,
        record_page(COUNTRY.name, noun.value),
        country=country,
    )


def write_shared(noun: Noun) -> Text:
    """A value that leads to the countries that share it."""
    word = _(
        STATUS.get(noun.value, display_value(noun.value))
        if isinstance(noun.value, str)
        else display_value(noun.value)
    )
    return Text(
        word, filtered(noun.field, {True: "true", False: "false"}.get(noun.value, noun.value))
    )


STATUS = {
    "assigned": "assigned by ISO 3166",
    "user-assigned": "user-assigned in ISO 3166",
    "former": "former country",
}
"""Words for the standing of a country's codes."""


def filtered(field: str, value: str) -> str:
    """The page of the countries with a value."""
    return link("explore.explore", **{field: value})


def write_capital(noun: Noun) -> Text:
    """A capital and what it is the seat of."""
    roles = [role for role in noun.value.get("roles", []) if role != "official"]
    return Text(noun.value["name"], code=", ".join(map(_, roles)))


def write_native(noun: Noun) -> Text:
    """A name in a language of the country."""
    tag = noun.value["language"]
    return Text(noun.value["name"], code=name_language(tag), lang=tag)


def write_demonym(noun: Noun) -> Text:
    """The demonym in a language."""
    tag, words = (
        noun.value["language"],
        [noun.value[name] for name in ("noun", "adjective") if name in noun.value],
    )
    return Text(", ".join(dict.fromkeys(words)), code=name_language(tag), lang=tag)


def write_postal_code(noun: Noun) -> Text:
    """The format of postal codes, and what its signs mean."""
    form = noun.value.get("format")
    signs = [word for sign, word in SIGNS.items() if sign in (form or "")]
    return Text(form or noun.value.get("regex", ""), code=", ".join(map(_, signs)))


SIGNS = {"#": "# is a digit", "@": "@ is a letter"}
"""Signs in formats of postal codes."""


def write_address(noun: Noun) -> Text:
    """The lines of an address, with the parts of each in words."""
    lines = [PLACE.sub(lambda part: _(label_of(part[1])), line) for line in noun.value["lines"]]
    return Text(" · ".join(lines))


PLACE = re.compile(r"\{(\w+)\}")
"""A part of an address in its format: `{street_address}`."""


def write_clock(noun: Noun) -> Text:
    """The clock of a country: of 12 or of 24 hours."""
    return Text(_("12-hour clock") if noun.value == "h12" else _("24-hour clock"))


def write_locale(noun: Noun) -> Text:
    """A locale by the name of its language and territory."""
    return Text(name_language(noun.value), code=noun.value)


def write_label(noun: Noun) -> Text:
    """A value that is a word of the register's own, such as the name of a field."""
    return Text(_(label_of(noun.value)))


def write_unit(noun: Noun) -> Text:
    """The unit of a figure, in the words of the country's page."""
    return Text(_(SHORT_UNITS.get(noun.value, noun.value)))


SHORT_UNITS = {"persons": "people", "0 to 100": "of 100, more is less equal"}
"""Units of figures whose declaration is shorter."""


def write_item(site: str) -> Writer:
    """A writer of ids on another site, which lead there."""

    def write(noun: Noun) -> Text:
        return Text(str(noun.value), f"{site}{noun.value}")

    return write


def write_weekday(noun: Noun) -> Text:
    """A day of the week as a word."""
    return Text(_(str(noun.value).capitalize()))


def write_named(kind: Kind) -> Writer:
    """A writer of codes of a kind whose names come with `countries`."""

    def write(noun: Noun) -> Text:
        found = noun.named.get(f"{kind.name} {noun.value}")
        return Text(
            str(found["name"]) if found else noun.value,
            record_page(kind.name, noun.value),
            noun.value if found else "",
        )

    return write


def write_figures(noun: Noun) -> Text:
    """Figures by year, the newest first."""
    years = sorted(noun.value, reverse=True)
    return Text("; ".join(f"{year}: {display_value(noun.value[year])}" for year in years))


def write_website(noun: Noun) -> Text:
    """A website, which leads out of the register."""
    return Text(
        noun.value, noun.value if str(noun.value).startswith(("https://", "http://")) else ""
    )


WRITERS: dict[tuple[str, str], Writer] = {
    (COUNTRY.name, "currencies"): write_code(CURRENCY),
    (COUNTRY.name, "languages"): write_code(LANGUAGE),
    (COUNTRY.name, "capitals"): write_capital,
    (COUNTRY.name, "native_names"): write_native,
    (COUNTRY.name, "demonyms"): write_demonym,
    (COUNTRY.name, "postal_code"): write_postal_code,
    (COUNTRY.name, "first_day_of_week"): write_weekday,
    (COUNTRY.name, "weekend"): write_weekday,
    (COUNTRY.name, "address_format"): write_address,
    (COUNTRY.name, "hour_cycle"): write_clock,
    (COUNTRY.name, "default_locale"): write_locale,
    (COUNTRY.name, "wikidata"): write_item("https://www.wikidata.org/wiki/"),
    (COUNTRY.name, "geonames"): write_item("https://www.geonames.org/"),
    **{(COUNTRY.name, field): write_region for field in REGIONS},
    **{(COUNTRY.name, field): write_country for field in NAMING},
    **{(COUNTRY.name, field): write_shared for field in SHARED},
    (SUBDIVISION.name, "country"): write_country,
    (SUBDIVISION.name, "parent"): write_named(SUBDIVISION),
    (MEMBERSHIP.name, "country"): write_country,
    (FIGURE.name, "country"): write_country,
    (FIGURE.name, "indicator"): write_label,
    (FIGURE.name, "unit"): write_unit,
    (FIGURE.name, "values"): write_figures,
    (MEMBERSHIP.name, "group"): write_named(GROUP),
    (REGION.name, "type"): write_label,
    (REGION.name, "parent"): write_named(REGION),
    (GROUP.name, "website"): write_website,
    (FIELD.name, "kind"): write_label,
    (FIELD.name, "type"): write_label,
}
"""Fields whose values are more than plain text, by kind and field."""
