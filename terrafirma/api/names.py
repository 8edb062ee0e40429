"""`/countries/{key}/names`: what a country is called in other languages."""

from flask import Response

from terrafirma.http.arguments import MOMENT, read_moment
from terrafirma.http.context import reading
from terrafirma.http.contracts import Access, Door
from terrafirma.http.replies import reply_json
from terrafirma.register.keys import find
from terrafirma.register.kinds import COUNTRY
from terrafirma.register.names import find_names

door = Door("names")


@door.route("GET", "/countries/<key:key>/names", Access.READ, MOMENT, gives=dict[str, str], kind=COUNTRY)
def get_names(key: str) -> Response:
    """A country's names by locale, each locale less what it inherits; none for a country of one's own."""
    with reading() as connection:
        moment = read_moment(connection)
        version = find(connection, COUNTRY, key, moment)
        mark, names = find_names(connection, COUNTRY, version.id, moment)
    return reply_json(names, mark=mark or version.mark)
