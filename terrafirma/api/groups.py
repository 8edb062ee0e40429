"""`/groups/{key}/members`: the countries of a group."""

from flask import Response

from terrafirma.api.collections import gives, query_of
from terrafirma.api.lists import list_records
from terrafirma.http.app.routes import Access, Door
from terrafirma.register.log.memberships import choose_members
from terrafirma.register.model.kinds import COUNTRY, GROUP

door = Door("members")


@door.route(
    "GET",
    "/groups/<key:key>/members",
    Access.READ,
    query_of(COUNTRY),
    kind=COUNTRY,
    keyed=GROUP,
    filtered=True,
    gives=gives(COUNTRY, many=True),
)
def list_group_members(key: str) -> Response:
    """The countries that are full members of a group on a day and match; of a former group, those of its last day."""
    return list_records(COUNTRY, choose_members(key))
