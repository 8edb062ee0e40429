"""`/countries/{key}/names`: a country's names in other languages."""

from flask import Response

from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import MOMENT, read_moment
from terrafirma.http.response.responses import reply_json
from terrafirma.register.log.identifiers import find
from terrafirma.register.log.translations import find_names
from terrafirma.register.model.kinds import COUNTRY

door = Door("names")


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
