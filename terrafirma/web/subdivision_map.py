"""The map of a subdivision: the outline of its country, in which its own cities or its middle are marked."""

from dataclasses import dataclass

from terrafirma.http.app.context import state
from terrafirma.http.request.languages import localise, read_language
from terrafirma.register.log.identifiers import Moment
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document
from terrafirma.storage.engine.database import Connection
from terrafirma.web.catalogues import gettext as _
from terrafirma.web.outline import Outline, draw_outline
from terrafirma.web.related import find_countries_by_key, find_related

MOST_CITIES = 12
"""Cities of a subdivision that are marked."""


@dataclass(frozen=True)
class SubdivisionMap:
    """The outline of a country with the places of a subdivision, and a note of what they are."""

    outline: Outline
    country: Document
    note: str


def draw_subdivision(
    connection: Connection, document: Document, moment: Moment
) -> SubdivisionMap | None:
    """The map of a subdivision; None if the dataset has no outline of its country."""
    countries = find_countries_by_key(connection, [document], moment)
    country = countries.get(document.get("country", ""))
    if country is None:
        return None
    alpha2 = country.get("alpha2")
    neighbours = find_related(connection, COUNTRY, "borders", alpha2, moment)
    localise(connection, COUNTRY, [country, *neighbours], read_language(), moment)
    places, note = list_places(document, country)
    middle = (country.get("longitude", 0.0), country.get("latitude", 0.0))
    outline = draw_outline(state().shapes, country | {"capitals": places}, middle, neighbours)
    return SubdivisionMap(outline, country, note) if outline else None


def list_places(document: Document, country: Document) -> tuple[list[Document], str]:
    """The places to mark, of which only those with a name are labelled, and what they are.

    Where neither cities nor a middle are known, the country's capital gives a point to go by.
    """
    found = state().cities.of_country(country.get("alpha2", ""))
    cities = [each for each in found if each.subdivision == document["code"]][:MOST_CITIES]
    marked = [{**each.show(), "name": ""} for each in cities]
    if "latitude" in document and "longitude" in document:
        middle = {name: document[name] for name in ("name", "latitude", "longitude")}
        note = _("The points are its largest cities.") if cities else ""
        return [*marked, middle], note
    if cities:
        return [cities[0].show(), *marked[1:]], _("The points are its largest cities.")
    return country.get("capitals", []), _("Where it lies in the country is not known here.")
