"""`/country`: the second country, as in the tutorial."""

from flask import Response

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import reply_json
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.clock import today
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.storage.register import records

door = Door("country")


@door.route("GET", "/country", Access.READ, gives=COUNTRY.model)
def get_second() -> Response:
    """The second country by id, as the tutorial shows."""
    with reading() as connection:
        version = records.find_nth(connection, COUNTRY.name, 1, today())
    if version is None:
        raise NotFound("There is no second country yet.")
    return reply_json(decode(version.document), mark=version.mark)
