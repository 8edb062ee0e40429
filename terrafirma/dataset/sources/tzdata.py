"""IANA time zones: by country, and how far from UTC."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

from terrafirma.dataset.inputs import Inputs
from terrafirma.dataset.model import Claims


def read_tzdata(inputs: Inputs) -> Claims:
    """The zones of zone.tab, sorted. Not zone1970.tab, which gives Germany Zurich's and Norway Berlin's."""
    zones: dict[str, list[str]] = {}
    for line in inputs.read_text("tzdata", "tzdata/zoneinfo/zone.tab").splitlines():
        if line and not line.startswith("#"):
            code, _, zone = line.split("\t")[:3]
            zones.setdefault(code, []).append(zone)
    return {code: {"timezones": sorted(names)} for code, names in zones.items()}


# In one of these months every place keeps its standard time. Where summer time is the standard one in law (Ireland),
# or a month of winter time is an exception (Morocco), the lesser offset of the two is what tables of time zones give.
INSTANTS = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 7)]
FOLDER = "tzdata/zoneinfo/"


def read_offsets(inputs: Inputs) -> dict[str, dict[str, str]]:
    """The standard offset from UTC of every zone, in 2026: {zone: {offset}}, such as "+05:45"."""
    names = inputs.read_text("tzdata", "tzdata/zones").split()
    files = inputs.read_files("tzdata", f"{FOLDER}.*")
    zones = {name: ZoneInfo.from_file(BytesIO(files[FOLDER + name])) for name in names}
    offsets = {
        name: min(instant.astimezone(zone).utcoffset() or timedelta() for instant in INSTANTS)
        for name, zone in zones.items()
    }
    return {name: {"offset": write_offset(offset)} for name, offset in offsets.items()}


def write_offset(offset: timedelta) -> str:
    """Hours and minutes east of Greenwich: "+01:00", "-09:30"."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
