"""`/country`: the second country, as in the tutorial."""

from flask import Response

from terrafirma.errors import NotFound
from terrafirma.http.context import reading
from terrafirma.http.contracts import Access, Door
from terrafirma.http.replies import reply_json
from terrafirma.register.canonical import decode
from terrafirma.register.instants import today
from terrafirma.register.kinds import COUNTRY
from terrafirma.storage import records

door = Door("country")


@door.route("GET", "/country", Access.READ, gives=COUNTRY.model)
def get_second() -> Response:
    """The second country by id, as the tutorial shows how one object becomes JSON."""
    with reading() as connection:
        version = records.find_nth(connection, COUNTRY.name, 1, today())
    if version is None:
        raise NotFound("There is no second country yet.")
    return reply_json(decode(version.document), mark=version.mark)
