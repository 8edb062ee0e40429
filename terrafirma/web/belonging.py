"""The records that belong to one: the countries that use a currency, the parts of a region, the members of a group."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from terrafirma.http.request.languages import localise, read_language
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.log.sort_keys import fold
from terrafirma.register.model.kinds import (
    COUNTRY,
    CURRENCY,
    GROUP,
    LANGUAGE,
    REGION,
    SUBDIVISION,
    Kind,
)
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.links import link, record_page
from terrafirma.web.nouns import REGIONS, Text
from terrafirma.web.related import find_any, find_countries_by_key, find_members, find_related
from terrafirma.web.rendering import span_words

USED_BY = {CURRENCY.name: "currencies.code", LANGUAGE.name: "languages.code"}
"""The field in which countries name records of a kind."""
MOST_ABOVE = 5
"""Steps up a tree."""


@dataclass(frozen=True)
class Link:
    """A link beside a list."""

    text: str
    href: str
    needs: str = ""
    """The role that it needs."""


@dataclass(frozen=True)
class Belonging:
    """Records under one heading; of countries there is a map too."""

    title: str
    items: list[Text]
    countries: list[Document] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


def list_belonging(
    connection: Connection, kind: Kind, document: Document, moment: Moment
) -> list[Belonging]:
    """The records that belong to a record, each group under a heading; those without any are left out."""
    lists: list[Belonging] = []
    if kind is GROUP:
        lists = [list_members(connection, document, moment)]
    elif kind.name in USED_BY:
        lists = [list_users(connection, USED_BY[kind.name], document["code"], moment)]
    elif kind is REGION:
        lists = [
            list_within(connection, document, moment),
            list_parts(connection, REGION, document, moment),
        ]
    elif kind is SUBDIVISION:
        lists = [
            list_parts(connection, SUBDIVISION, document, moment),
            list_beside(connection, document, moment),
        ]
    return [each for each in lists if each.items or each.links]


def list_members(connection: Connection, group: Document, moment: Moment) -> Belonging:
    """The members of a group, with their days and roles."""
    memberships = find_members(connection, group["code"], moment)
    countries = find_countries_by_key(connection, memberships, moment)
    localise(connection, COUNTRY, list(countries.values()), read_language(), moment)
    items = [
        replace(
            name_country(countries.get(each["country"], {}), each["country"]), note=span_words(each)
        )
        for each in memberships
    ]
    drawn = [countries[each["country"]] for each in memberships if each["country"] in countries]
    links = [
        Link(_("On the map"), link("explore.explore", colour=f"member_of.{group['code']}")),
        Link(_("In the table"), link("explore.explore", member_of=group["code"])),
        Link(_("Compare them"), link("charts.compare", member_of=group["code"])),
        Link(
            _("Add a member"),
            link("edit.new_record", plural="memberships", group=group["code"]),
            "editor",
        ),
    ]
    return Belonging(_("Members"), sort_items(items), drawn, links)


def list_users(connection: Connection, path: str, code: str, moment: Moment) -> Belonging:
    """The countries that name a code in a field."""
    return list_countries(connection, _("Countries"), path, code, moment)


def list_within(connection: Connection, region: Document, moment: Moment) -> Belonging:
    """The countries of a region, whichever of its levels it is."""
    for path in REGIONS:
        found = list_countries(connection, _("Countries"), path, region["name"], moment)
        if found.items:
            return found
    return Belonging(_("Countries"), [])


def list_countries(
    connection: Connection, title: str, path: str, value: str, moment: Moment
) -> Belonging:
    """The countries with a value in a field."""
    countries = find_any(connection, COUNTRY, path, [value], moment)
    localise(connection, COUNTRY, countries, read_language(), moment)
    items = [name_country(each, "") for each in countries]
    links = [Link(_("In the table"), link("explore.explore", **{path: value}))] if countries else []
    if 1 < len(countries) <= MOST_SIDE_BY_SIDE:
        links.append(Link(_("Compare them"), link("charts.compare", **{path: value})))
    return Belonging(title, sort_items(items), countries, links)


MOST_SIDE_BY_SIDE = 30
"""Countries that are compared at once."""


def list_parts(connection: Connection, kind: Kind, document: Document, moment: Moment) -> Belonging:
    """The records right under one in the tree of their kind."""
    parts = find_related(connection, kind, "parent", document["code"], moment)
    return Belonging(_("Parts"), sort_items([name_record(kind, each) for each in parts]))


def list_beside(connection: Connection, document: Document, moment: Moment) -> Belonging:
    """The subdivisions of the same country under the same parent."""
    every = find_related(connection, SUBDIVISION, "country", document.get("country"), moment)
    beside = [
        each
        for each in every
        if each.get("parent") == document.get("parent") and each["id"] != document["id"]
    ]
    return Belonging(
        _("Beside it"), sort_items([name_record(SUBDIVISION, each) for each in beside])
    )


def name_country(country: Document, key: str) -> Text:
    """A country as a link with its flag."""
    code = country.get("alpha2") or country.get("alpha4") or country.get("id") or key
    return Text(
        str(country.get("name", key)), record_page(COUNTRY.name, code), country=country or None
    )


def name_record(kind: Kind, document: Document) -> Text:
    """A record of a kind with a code as a link."""
    name = str(document.get("name") or document["code"])
    return Text(name, record_page(kind.name, document["code"]), document["code"])


def sort_items(items: Sequence[Text]) -> list[Text]:
    """Items by their text."""
    return sorted(items, key=lambda each: fold(each.text))


def list_above(
    connection: Connection, kind: Kind, document: Document, moment: Moment
) -> list[Text]:
    """The records above one, the highest first: its country, then its parents."""
    above: list[Text] = []
    here = document
    while len(above) < MOST_ABOVE and "parent" in here:
        found = find_related(connection, kind, "code", here["parent"], moment)
        if not found:
            break
        here = found[0]
        above.insert(
            0, Text(str(here.get("name", here["code"])), record_page(kind.name, here["code"]))
        )
    countries = (
        find_countries_by_key(connection, [document], moment)
        if isinstance(document.get("country"), str)
        else {}
    )
    return [name_country(each, "") for each in list(countries.values())[:1]] + above
