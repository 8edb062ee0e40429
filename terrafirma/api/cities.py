"""`/cities`: the cities of GeoNames above 15,000 people. They are read only and have no history."""

from flask import Response, request
from pydantic import Field

from terrafirma.errors import Malformed, NotFound
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_limit
from terrafirma.http.request.filter_values import read_reference
from terrafirma.http.response.lists import TOTAL
from terrafirma.http.response.responses import link_next, reply_json
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY, SUBDIVISION
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.model.values import Alpha2, Count, Latitude, Longitude, Text
from terrafirma.storage.register.entries import read_head

door = Door("cities")

LISTED = ("q", "subdivision", "limit", "after")


class PlacedCity(StrictModel):
    """A city of more than 15,000 people, or a capital."""

    id: int = Field(description="Its id in GeoNames.")
    name: Text = Field(description="The name most in use in English.")
    country: Alpha2 = Field(description="Its country, alpha-2.")
    subdivision: Text = fact("ISO 3166-2 code, where GeoNames uses ISO's codes.")
    latitude: Latitude = Field(description="WGS 84.")
    longitude: Longitude = Field(description="WGS 84.")
    population: Count = fact("Inhabitants.", unit="persons")
    timezone: Text = Field(description="IANA time zone.")
    capital: bool = Field(description="True for a capital of its country.")
    names: list[Text] = fact("Further names, of large cities and capitals.")


@door.route("GET", "/cities", Access.READ, ("of_country", *LISTED), gives=list[PlacedCity])
def list_cities() -> Response:
    """Return cities from the largest; with `q`, those of that name first."""
    with reading() as connection:
        country = read_reference(connection, "of_country", COUNTRY)
        subdivision = read_reference(connection, "subdivision", SUBDIVISION)
        mark = read_head(connection).mark
    return reply_cities(country, subdivision, mark)


@door.route("GET", "/cities/<number:id>", Access.READ, gives=PlacedCity)
def get_city(id: int) -> Response:
    """Return a city by its id in GeoNames."""
    with reading() as connection:
        mark = read_head(connection).mark
    if city := state().cities.by_id.get(id):
        return reply_json(city.show(), mark=mark)
    raise NotFound(f"No city has the id {id}; ids are those of GeoNames.")


@door.route(
    "GET",
    "/countries/<key:key>/cities",
    Access.READ,
    LISTED,
    kind=COUNTRY,
    gives=list[PlacedCity],
)
def list_cities_of_country(key: str) -> Response:
    """Return the cities of a country, from the largest."""
    with reading() as connection:
        version = find(connection, COUNTRY, key, Moment(today()))
        subdivision = read_reference(connection, "subdivision", SUBDIVISION)
        mark = read_head(connection).mark
    return reply_cities(decode(version.document).get("alpha2", "-"), subdivision, mark)


def reply_cities(country: str, subdivision: str, mark: str) -> Response:
    """A page of the cities of a country, of a subdivision, or of all."""
    found = state().cities.search(request.args.get("q", ""), country, subdivision)
    first, limit = read_after([city.id for city in found]), read_limit()
    answer = reply_json([city.show() for city in found[first : first + limit]], mark=mark)
    answer.headers[TOTAL] = str(len(found))
    if first + limit < len(found):
        link_next(answer, after=found[first + limit - 1].id)
    return answer


def read_after(ids: list[int]) -> int:
    """The place behind the city that `after` names; 0 without it."""
    text = request.args.get("after")
    if text is None:
        return 0
    try:
        return ids.index(int(text)) + 1
    except ValueError:
        raise Malformed(f'after must be a cursor of this list, not "{text[:80]}".') from None
