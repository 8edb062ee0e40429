"""`/locate`: the country that a point lies in."""

from typing import Annotated, Any

from flask import Response, request
from pydantic import Field, Strict, TypeAdapter, ValidationError

from terrafirma.errors import Detail, Invalid, Malformed
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.resolve.names import summarise
from terrafirma.register.resolve.points import DrawnPart
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head

door = Door("locate")

Degrees = Annotated[float, Strict()]
Point = Annotated[list[Degrees], Field(min_length=2, max_length=2)]
POINT: TypeAdapter[list[float]] = TypeAdapter(Point)


class Location(StrictModel):
    """Where a point lies."""

    longitude: float
    latitude: float
    outcome: str = Field(description="`matched`, or `none` at sea and where no country is.")
    record: dict[str, Any] = fact("The country: its id, codes and name.")
    part: str = fact("The part of the country, where borders draw parts.")
    claimed_by: list[str] = fact("Other countries that claim the part, alpha-2.")


@door.route("GET", "/locate", Access.READ, ("latitude", "longitude"), gives=Location)
def locate_point() -> Response:
    """Return the country that a point lies in."""
    place = [read_degrees("longitude", 180), read_degrees("latitude", 90)]
    with reading() as connection:
        return reply_json(show_places(connection, [place])[0], mark=read_head(connection).mark)


@door.route("POST", "/locate", Access.READ, takes=list[Point], gives=list[Location])
def locate_points() -> Response:
    """Return where each of many points lies, in their order. A point is `[longitude, latitude]`, as in GeoJSON."""
    body = read_json()
    if not isinstance(body, list):
        raise Invalid("The body must be an array of points, each [longitude, latitude].")
    places = [read_point(item, place) for place, item in enumerate(body)]
    with reading() as connection:
        return reply_json(show_places(connection, places))


def read_degrees(name: str, most: int) -> float:
    """A coordinate of the query."""
    text = request.args.get(name)
    if text is None:
        raise Malformed(f"{name} must be given, in degrees.")
    try:
        degrees = float(text)
    except ValueError:
        degrees = float("nan")
    if not -most <= degrees <= most:
        raise Malformed(f'{name} must be a number from -{most} to {most}, not "{text[:80]}".')
    return degrees


def read_point(item: Any, place: int) -> list[float]:
    """A point of the body."""
    try:
        longitude, latitude = POINT.validate_python(item)
    except ValidationError:
        raise refuse_point(place, "must be [longitude, latitude], two numbers") from None
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise refuse_point(place, "must be [longitude, latitude] within ±180 and ±90 degrees")
    return [longitude, latitude]


def refuse_point(place: int, message: str) -> Invalid:
    """The refusal of a point of the body."""
    return Invalid("The body is not valid.", [Detail(str(place), message, "range")])


def show_places(connection: Connection, places: list[list[float]]) -> list[dict[str, Any]]:
    """Points with what lies there."""
    index = state().resolver.find_index(connection, COUNTRY.name)
    day, known = today(), {}
    shown = []
    for longitude, latitude in places:
        part = state().borders.locate(longitude, latitude)
        if part not in known:
            code = part.country if part else None
            holders = [
                each for each in index.codes.get(code or "", ()) if each.start <= day < each.end
            ]
            record = summarise(index.records[holders[0].record], day) if holders else None
            known[part] = show_part(part, record)
        shown.append({"longitude": longitude, "latitude": latitude} | known[part])
    return shown


def show_part(part: DrawnPart | None, record: dict[str, Any] | None) -> dict[str, Any]:
    """The data of a part of the world, with its country's record in this register."""
    if part is None:
        return {"outcome": "none"}
    shown: dict[str, Any] = {"outcome": "matched" if record else "none", "part": part.name}
    if record:
        shown["record"] = record
    if part.claimed_by:
        shown["claimed_by"] = list(part.claimed_by)
    return shown
