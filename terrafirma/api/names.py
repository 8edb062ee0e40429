"""`/countries/{key}/names`: a country's names in other languages."""

from collections.abc import Iterable

from flask import Response
from pydantic import RootModel

from terrafirma.errors import Detail, Invalid, NotJSON
from terrafirma.formats.json import JSON
from terrafirma.http.app.context import actor, reading, writing
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, read_moment
from terrafirma.http.request.bodies import JSON_PATCH, MERGE_PATCH, read_patch
from terrafirma.http.response.responses import check_match, reply_json
from terrafirma.register.log.identifiers import Moment, find
from terrafirma.register.log.translations import change_names, find_names
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.languages import OWN, canonical
from terrafirma.register.model.request_models import read_part
from terrafirma.register.model.values import Text

door = Door("names")


class NamesPatch(RootModel[dict[str, Text | None]]):
    """A JSON Merge Patch of a country's names by locale (RFC 7396); null takes a name away."""


@door.route(
    "GET", "/countries/<key:key>/names", Access.READ, MOMENT, gives=dict[str, str], kind=COUNTRY
)
def get_names(key: str) -> Response:
    """A country's names by locale, without inherited names; empty for custom countries."""
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, COUNTRY, key, moment)
        mark, names = find_names(connection, COUNTRY, version.id, moment)
    return reply_json(names, mark=mark or version.mark)


@door.route(
    "PATCH",
    "/countries/<key:key>/names",
    Access.WRITE,
    takes=((JSON.media, NamesPatch), (MERGE_PATCH, NamesPatch)),
    gives=dict[str, str],
    kind=COUNTRY,
)
def patch_names(key: str) -> Response:
    """Change a country's names in other languages; those that the patch does not name stay."""
    form, body = read_patch()
    if form == JSON_PATCH:
        raise NotJSON(f"Names take {MERGE_PATCH} or {JSON.media}, not {JSON_PATCH}.")
    names = read_part(NamesPatch, body, "patch of names").root
    check_locales(names)
    with writing() as connection:
        moment = Moment(today())
        version = find(connection, COUNTRY, key, moment)
        check_match(find_names(connection, COUNTRY, version.id, moment)[0] or version.mark)
        change_names(connection, COUNTRY, actor(), version.id, names)
        mark, shown = find_names(connection, COUNTRY, version.id, moment)
    return reply_json(shown, mark=mark or version.mark)


def check_locales(locales: Iterable[str]) -> None:
    """Raise Invalid unless all are tags as CLDR writes them, of other languages than the records' own."""
    faults = []
    for locale in locales:
        tag = canonical(locale)
        if tag is None:
            rule = "must be a language tag (BCP 47) such as de, pt-PT or zh-Hant"
            faults.append(Detail(locale[:80], rule, "pattern"))
        elif tag == OWN:
            rule = "is the record's own language; change its name itself"
            faults.append(Detail(locale, rule, "choice"))
        elif tag != locale:
            faults.append(Detail(locale[:80], f"must be written {tag}", "pattern"))
    if faults:
        raise Invalid("The patch of names is not valid.", faults)
