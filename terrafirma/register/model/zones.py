"""IANA time zones on a day, from the package tzdata, so that the answer does not depend on the system's copy."""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

HALF_A_YEAR = timedelta(days=182)
LINK = "L "
"""How a line of tzdata.zi begins that gives a zone another name."""
OFFSET = re.compile(
    "(?P<name>UTC|GMT|Z)?((?P<sign>[-+\N{MINUS SIGN}])?(?P<hours>[0-9]{1,2})(:?(?P<minutes>[0-9]{2}))?)?"
)
TABLE, RULES = "zone.tab", "tzdata.zi"


@cache
def find_zone(name: str) -> ZoneInfo | None:
    """The zone of a name that zone.tab has."""
    if name not in list_zones():
        return None
    with (resources.files("tzdata") / "zoneinfo" / name).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def list_zones() -> dict[str, str]:
    """The zones that countries have, each with the country that tzdata gives it, alpha-2."""
    rows = (line.split("\t") for line in read_lines(TABLE) if line and not line.startswith("#"))
    return dict(sorted((row[2], row[0]) for row in rows))


@cache
def list_aliases() -> dict[str, str]:
    """Other names of zones, of old and of other systems: `Asia/Calcutta` is Asia/Kolkata."""
    links = dict(line.split()[2:0:-1] for line in read_lines(RULES) if line.startswith(LINK))
    zones, found = list_zones(), {}
    for name in sorted(links):
        meant = name
        while meant not in zones and meant in links:
            meant = links[meant]
        if name not in zones and meant in zones:
            found[name] = meant
    return found


@cache
def name_otherwise() -> dict[str, list[str]]:
    """The other names of each zone that has some."""
    found: dict[str, list[str]] = {}
    for alias, zone in list_aliases().items():
        found.setdefault(zone, []).append(alias)
    return found


def read_lines(name: str) -> list[str]:
    """The lines of a text of tzdata."""
    return (resources.files("tzdata") / "zoneinfo" / name).read_text("utf-8").splitlines()


def resolve_zone(text: str) -> str:
    """The name of the zone that a name means, in any case; empty if there is none."""
    return index_names().get(text.lower(), "")


@cache
def index_names() -> dict[str, str]:
    """Zones by all their names, in small letters."""
    zones = {name.lower(): name for name in list_zones()}
    return zones | {name.lower(): zone for name, zone in list_aliases().items()}


def list_zones_at(text: str, day: str) -> frozenset[str]:
    """The zones whose standard time has an offset on a day: `UTC+07:00`, `GMT-3`, `+05:45`; empty for another text."""
    found = OFFSET.fullmatch("".join(text.upper().split()))
    if not found or (found["sign"] is None and found["name"] is None):
        return frozenset()
    minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0)
    wanted = timedelta(minutes=-minutes if found["sign"] in ("-", "\N{MINUS SIGN}") else minutes)
    zones = ((name, find_zone(name)) for name in list_zones())
    return frozenset(
        name for name, zone in zones if zone and find_standard_offset(zone, day) == wanted
    )


def noon(day: str) -> datetime:
    """The middle of a day, UTC."""
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC)


def find_offset(zone: ZoneInfo, day: str) -> timedelta:
    """How far clocks are ahead of UTC at noon of a day."""
    return noon(day).astimezone(zone).utcoffset() or timedelta()


def saves_daylight(zone: ZoneInfo, day: str) -> bool:
    """Return True if clocks are ahead of the zone's standard time on a day."""
    return find_offset(zone, day) > find_standard_offset(zone, day)


def find_standard_offset(zone: ZoneInfo, day: str) -> timedelta:
    """The offset of winter; Ireland's law calls summer time the standard, and tzdata follows it."""
    here = noon(day).astimezone(zone)
    offset, saving = here.utcoffset() or timedelta(), here.dst() or timedelta()
    if saving:
        return offset - max(saving, timedelta())
    before = max(noon(day), noon("0002-01-01")) - HALF_A_YEAR
    return offset + min(before.astimezone(zone).dst() or timedelta(), timedelta())


def write_offset(offset: timedelta) -> str:
    """Hours and minutes ahead of Greenwich: `+01:00`, `-09:30`; seconds of local mean time are rounded."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
