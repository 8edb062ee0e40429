"""`/keys`: API keys, for admins."""

from typing import Any, Literal

from flask import Response
from pydantic import Field

from terrafirma.config import MOST
from terrafirma.http.app.context import actor, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.bodies import read_json
from terrafirma.http.response.responses import reply_json
from terrafirma.register.access import api_keys
from terrafirma.register.access.roles import Role, Scope
from terrafirma.register.model.clock import HOUR
from terrafirma.register.model.records import StrictModel, fact
from terrafirma.register.model.request_models import read_part
from terrafirma.register.model.values import Alpha2, Text
from terrafirma.storage.auth.api_keys import Credential, list_credentials

door = Door("keys")


class KeyBody(StrictModel):
    """A key to be made."""

    role: Literal["reader", "editor", "admin"] = Field(description="What it may do.")
    note: Text = fact("What it is for.")
    expires: Text = fact("When it ends: a time from now (`90d`, `12h`), a day or an instant.")
    kinds: list[Text] = Field(
        default=[], description="The kinds of record it writes; none named: all."
    )
    countries: list[Alpha2] = Field(
        default=[], description="The countries it writes; none named: all."
    )
    requests: int = fact(
        "How many requests a minute it may send, if not as many as any key.", ge=1, le=MOST
    )
    writes: int = fact("How many of them may write, if not as many as any key's.", ge=1, le=MOST)


class RotationBody(StrictModel):
    """The overlap of a rotation."""

    overlap_hours: int = Field(
        default=24, ge=0, le=8760, description="How long the old one is taken still."
    )


class Key(StrictModel):
    """A key without its secret."""

    id: int
    prefix: str = Field(description="What it begins with.")
    role: str
    created: str
    created_by: str
    note: str | None = None
    expires: str | None = None
    kinds: list[str] | None = None
    countries: list[str] | None = None
    requests: int | None = None
    writes: int | None = None
    used: str | None = Field(
        default=None, description="When it was last used, give or take a minute."
    )
    revoked: str | None = None
    old_until: str | None = Field(
        default=None, description="Until when the one it was rotated from is taken."
    )


class NewKey(Key):
    """A key, shown this once."""

    key: str


@door.route("GET", "/keys", Access.ADMIN, gives=list[Key])
def list_keys() -> Response:
    """Every key there is or was."""
    with state().callers.vault.reading() as connection:
        return reply_json([api_keys.show(each) for each in list_credentials(connection)])


@door.route("POST", "/keys", Access.ADMIN, takes=KeyBody, gives=NewKey, statuses=(201,))
def add_key() -> Response:
    """Make a key. The answer shows it, once."""
    body = read_part(KeyBody, read_json(), "key")
    scope = Scope(frozenset(body.kinds), frozenset(body.countries))
    about = body.model_dump(include={"note", "expires", "requests", "writes"}, exclude_unset=True)
    callers = state().callers
    with callers.vault.writing() as connection:
        made = api_keys.create(connection, callers.secret, actor(), Role(body.role), scope, **about)
    return reply_new(*made, status=201)


@door.route("GET", "/keys/<number:id>", Access.ADMIN, gives=Key)
def get_key(id: int) -> Response:
    """A key by its id."""
    with state().callers.vault.reading() as connection:
        return reply_json(api_keys.show(api_keys.find_key(connection, id)))


@door.route("POST", "/keys/<number:id>/rotate", Access.ADMIN, takes=RotationBody, gives=NewKey)
def rotate_key(id: int) -> Response:
    """Give a key a new secret. Its id, role and scope stay, and the old secret stays valid for a
    while."""
    overlap = read_part(RotationBody, read_json(), "rotation").overlap_hours * HOUR
    callers = state().callers
    with callers.vault.writing() as connection:
        made = api_keys.rotate(connection, callers.secret, actor(), id, overlap)
    return reply_new(*made, status=200)


@door.route("DELETE", "/keys/<number:id>", Access.ADMIN, statuses=(204,))
def revoke_key(id: int) -> Response:
    """Take a key back. It stays in the list, because entries name it."""
    with state().callers.vault.writing() as connection:
        api_keys.revoke(connection, actor(), id)
    return Response(status=204)


def reply_new(credential: Credential, token: str, status: int) -> Response:
    """A key with its secret."""
    shown: dict[str, Any] = {**api_keys.show(credential), "key": token}
    response = reply_json(shown, status)
    if status == 201:
        response.headers["Location"] = f"/keys/{credential.id}"
    return response
