"""`/timezones`: time zones with their offset from UTC on a day."""

from flask import Response
from pydantic import Field

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_day
from terrafirma.http.request.filter_values import read_reference
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document, StrictModel, fact
from terrafirma.register.model.validation import nearest
from terrafirma.register.model.zones import (
    find_offset,
    find_standard_offset,
    find_zone,
    list_aliases,
    list_zones,
    name_otherwise,
    noon,
    resolve_zone,
    saves_daylight,
    write_offset,
)
from terrafirma.storage.engine.database import Connection
from terrafirma.storage.register.entries import read_head
from terrafirma.storage.register.found import list_found
from terrafirma.storage.register.search import Search

door = Door("timezones")

MOST = 2**31 - 1


class TimeZone(StrictModel):
    """A time zone on a day."""

    name: str = Field(description="Its name in tzdata.")
    offset: str = Field(description="Ahead of UTC at noon of the day: `+05:45`.")
    standard_offset: str = Field(description="The same without daylight saving time.")
    dst: bool = Field(description="True if daylight saving time is in force.")
    abbreviation: str = fact("Letters that are used locally: `CET`; a number where there are none.")
    countries: list[str] = Field(description="Countries that use it today, alpha-2.")
    aliases: list[str] = Field(description="Other names of it.")


@door.route("GET", "/timezones", Access.READ, ("on", "of_country"), gives=list[TimeZone])
def list_timezones() -> Response:
    """Return all time zones, or those of a country, by name."""
    day = read_day("on") or today()
    with reading() as connection:
        country = read_reference(connection, "of_country", COUNTRY)
        users, mark = list_users(connection), read_head(connection).mark
    shown = [name for name in list_zones() if not country or country in users.get(name, ())]
    return reply_json([show_zone(name, day, users) for name in shown], mark=mark)


@door.route("GET", "/timezones/<path:name>", Access.READ, ("on",), gives=TimeZone)
def get_timezone(name: str) -> Response:
    """Return a time zone by its name or an older one: `Asia/Calcutta`."""
    day, zone = read_day("on") or today(), resolve_zone(name)
    if not zone:
        hint = nearest(name[:80], (*list_zones(), *list_aliases())) or "."
        raise NotFound(f'No time zone is called "{name[:80]}"{hint}')
    with reading() as connection:
        users, mark = list_users(connection), read_head(connection).mark
    return reply_json(show_zone(zone, day, users), mark=mark)


def list_users(connection: Connection) -> dict[str, list[str]]:
    """The countries of each zone today."""
    found: dict[str, list[str]] = {}
    for row in list_found(connection, Search(COUNTRY.name, today(), None), MOST):
        for zone in row.document.get("timezones", ()):
            if "alpha2" in row.document:
                found.setdefault(resolve_zone(zone) or zone, []).append(row.document["alpha2"])
    return found


def show_zone(name: str, day: str, users: dict[str, list[str]]) -> Document:
    """A zone on a day."""
    zone = find_zone(name)
    if zone is None:
        raise NotFound(f'No time zone is called "{name}".')
    return {
        "name": name,
        "offset": write_offset(find_offset(zone, day)),
        "standard_offset": write_offset(find_standard_offset(zone, day)),
        "dst": saves_daylight(zone, day),
        "abbreviation": noon(day).astimezone(zone).tzname(),
        "countries": sorted(users.get(name, [])),
        "aliases": name_otherwise().get(name, []),
    }
