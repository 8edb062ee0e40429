"""`/me`: who the server takes a caller for."""

from typing import Literal

from flask import Response
from pydantic import Field

from terrafirma.http.access import identify
from terrafirma.http.context import state
from terrafirma.http.contracts import Access, Door
from terrafirma.http.replies import reply_json
from terrafirma.register.records import Part
from terrafirma.register.roles import Role

door = Door("me")


class Me(Part):
    """Who someone is here, and what they may do."""

    actor: str | None = Field(description="What the log calls them; null for nobody in particular.")
    role: Literal["reader", "editor", "admin"] | None = Field(description="null: they may not even read.")
    kinds: list[str] | None = Field(default=None, description="The kinds of record they write; absent: all.")
    countries: list[str] | None = Field(default=None, description="The countries they write; absent: all.")


@door.route("GET", "/me", Access.OPEN, gives=Me)
def get_me() -> Response:
    """Who you are here, and what you may do."""
    found = identify()
    anyone = Role.READER if state().settings.reads == "open" else None
    scope = {"kinds": sorted(found.scope.kinds), "countries": sorted(found.scope.countries)}
    shown = {"actor": found.actor or None, "role": found.role or anyone}
    return reply_json(shown | {name: part for name, part in scope.items() if part})
