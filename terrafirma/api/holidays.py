"""`/countries/{key}/holidays`: the public holidays of a year, by the package holidays."""

from typing import Any

from flask import Response, request

from terrafirma.deferred import Deferred, check_extra
from terrafirma.errors import Invalid, Malformed, NotFound
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import reply_json
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.records import Document, StrictModel, fact
from terrafirma.register.model.values import Day, Text

package: Any = Deferred("holidays")

door = Door("holidays")

EXTRA = "holidays"
ENGLISH = "en_US"
YEARS = (1900, 2100)
"""The first and the last year that are worked out."""


class Holiday(StrictModel):
    """A public holiday in the whole country."""

    date: Day
    name: Text = fact("English name, or the local one where there is none.")
    local_name: Text = fact("Name in the language of the country.")


@door.route(
    "GET",
    "/countries/<key:key>/holidays",
    Access.READ,
    ("holiday_year",),
    kind=COUNTRY,
    gives=list[Holiday],
)
def list_holidays(key: str) -> Response:
    """Return the public holidays of a country in a year, by day; without `year`, in this one."""
    check_package()
    year = read_year_of_holidays()
    with reading() as connection:
        version = find(connection, COUNTRY, key, Moment(today()))
    country = decode(version.document)
    return reply_json(find_holidays(country, year), mark=version.mark)


def check_package() -> None:
    """Raise NotFound, with the way to install it, where the package is missing."""
    try:
        check_extra(EXTRA, EXTRA, "This list")
    except Invalid as missing:
        raise NotFound(missing.sentence) from None


def read_year_of_holidays() -> int:
    """`year`; without it, the current one."""
    text = request.args.get("year", today()[:4])
    if not (text.isascii() and text.isdigit() and YEARS[0] <= int(text[:9]) <= YEARS[1]):
        raise Malformed(f'year must be from {YEARS[0]} to {YEARS[1]}, not "{text[:80]}".')
    return int(text)


def find_holidays(country: Document, year: int) -> list[Document]:
    """The holidays of a country in a year, each under its English and its local name."""
    code = country.get("alpha2", "")
    try:
        english = package.country_holidays(code, years=year)
    except NotImplementedError:
        raise NotFound(
            f"The package holidays {package.__version__} knows no holidays of {country['name']}."
        ) from None
    local, own = english, english.default_language
    if ENGLISH in english.supported_languages:
        english = package.country_holidays(code, years=year, language=ENGLISH)
    if own:
        local = package.country_holidays(code, years=year, language=own)
    return [show_holiday(day.isoformat(), english[day], local[day]) for day in sorted(local)]


def show_holiday(day: str, name: str, local_name: str) -> Document:
    """A holiday; its local name where that is another."""
    shown = {"date": day, "name": name}
    return shown if local_name == name else shown | {"local_name": local_name}
