"""IANA time zones by country."""

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
