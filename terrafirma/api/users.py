"""`/people`: users who have signed in, for admins."""

from typing import Any, Literal

from flask import Response
from pydantic import Field

from terrafirma.http.app.context import actor, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.responses import reply_json
from terrafirma.register.access import users
from terrafirma.register.model.records import StrictModel
from terrafirma.storage.auth.users import UserRow as Row
from terrafirma.storage.auth.users import list_users as read_people

door = Door("people")


class Person(StrictModel):
    """A user who signed in."""

    id: int
    role: Literal["reader", "editor", "admin"] | None = Field(
        description="What the settings give them now."
    )
    email: str | None = None
    name: str | None = None
    created: str
    seen: str = Field(description="When they last signed in.")
    blocked: str | None = Field(default=None, description="Since when they are kept out.")


@door.route("GET", "/people", Access.ADMIN, gives=list[Person])
def list_people() -> Response:
    """All users who ever signed in."""
    with state().callers.vault.reading() as connection:
        return reply_json([show(each) for each in read_people(connection)])


@door.route("DELETE", "/people/<number:id>", Access.ADMIN, statuses=(204,))
def block_person(id: int) -> Response:
    """Keep someone out and end their sessions, at once. They stay in the list, because entries name them."""
    with state().callers.vault.writing() as connection:
        users.block(connection, actor(), id)
    return Response(status=204)


@door.route("POST", "/people/<number:id>/admit", Access.ADMIN, gives=Person)
def admit_person(id: int) -> Response:
    """Let someone in again."""
    with state().callers.vault.writing() as connection:
        users.admit(connection, actor(), id)
        return reply_json(show(users.find(connection, id)))


def show(person: Row) -> dict[str, Any]:
    """Someone as JSON."""
    told = {
        name: getattr(person, name)
        for name in ("id", "email", "name", "created", "seen", "blocked")
    }
    kept = {name: value for name, value in told.items() if value is not None}
    return kept | {"role": users.role_of(state().callers.rules, person)}
