"""`/me`: the caller's own identity."""

from typing import Literal

from flask import Response
from pydantic import Field

from terrafirma.http.app.context import state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.middleware.authorization import identify, list_quotas
from terrafirma.http.middleware.session_cookies import find_known
from terrafirma.http.response.responses import reply_json
from terrafirma.register.access.roles import Role
from terrafirma.register.model.records import StrictModel
from terrafirma.storage.auth.users import find_user

door = Door("me")


class Limit(StrictModel):
    """A rate limit per minute."""

    limit: int
    left: int
    seconds: int = Field(description="When the next minute begins.")


class Me(StrictModel):
    """The caller's identity and rights."""

    actor: str | None = Field(description="What the log calls them; null for nobody in particular.")
    name: str | None = Field(
        default=None, description="What a person's provider calls them; absent for others."
    )
    role: Literal["reader", "editor", "admin"] | None = Field(
        description="null: they may not even read."
    )
    kinds: list[str] | None = Field(
        default=None, description="The kinds of record they write; absent: all."
    )
    countries: list[str] | None = Field(
        default=None, description="The countries they write; absent: all."
    )
    limits: dict[str, Limit] | None = Field(
        default=None, description="By `requests` and `writes`; absent: none."
    )


@door.route("GET", "/me", Access.OPEN, gives=Me)
def get_me() -> Response:
    """Your identity and rights."""
    found = identify()
    anyone = Role.READER if state().settings.reads == "open" else None
    limits = {
        quota.name: {name: getattr(quota, name) for name in Limit.model_fields}
        for quota in list_quotas(found)
    }
    narrower = {
        "name": find_name(),
        "kinds": sorted(found.scope.kinds),
        "countries": sorted(found.scope.countries),
        "limits": limits,
    }
    shown = {"actor": found.actor or None, "role": found.role or anyone}
    return reply_json(shown | {name: part for name, part in narrower.items() if part})


def find_name() -> str | None:
    """The name or address of the session's user; None for other principals."""
    known = find_known()
    if known is None or known.session is None:
        return None
    with state().callers.vault.reading() as connection:
        person = find_user(connection, known.session.person)
    return (person.name or person.email) if person else None
