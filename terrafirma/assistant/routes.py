"""The address `/mcp`: the tools for assistants over streamable HTTP, with the keys of the API.

Each request is complete in itself: the SDK's own application answers it in a loop of its own and keeps no session. An
editor also gets the tool `patch`, which sends a PATCH to the API with the rights of the request.
"""

import asyncio
import hashlib
from http import HTTPStatus
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, urlencode

from flask import Response, request

from terrafirma.assistant.tools import Answer, build_server, find_named_kind
from terrafirma.deferred import Deferred
from terrafirma.errors import Invalid, NotFound
from terrafirma.http.app.api_client import dispatch, make_environ
from terrafirma.http.app.context import DRY_RUN, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.middleware.authorization import identify
from terrafirma.http.request.bodies import MERGE_PATCH, read_bytes
from terrafirma.library import OpenRegister, Register
from terrafirma.register.access.roles import Role
from terrafirma.register.model.canonical_json import decode, encode

security = Deferred("mcp.server.transport_security")

door = Door("mcp")

PLACE = "/mcp"
MISSING = "This server has no tools for assistants: `pip install 'terrafirma[mcp]'` brings them."
KEPT_HEADERS = ("content-type", "allow")

Message = dict[str, Any]


@door.route("POST", PLACE, Access.READ, foreign=True)
def call_tools() -> Response:
    """Answer a message of the Model Context Protocol."""
    if find_spec("mcp") is None:
        raise NotFound(MISSING)
    here = state()
    register = Register(here.database, OpenRegister(here.database, here.resolver))
    tools = (patch,) if identify().may(Role.EDITOR) else ()
    return asyncio.run(answer(build_server(register, tools), read_bytes()))


async def answer(server: Any, body: bytes) -> Response:
    """The answer of the SDK's application to this request."""
    # Pages of other sites and foreign host names are judged by our own rules, on every address alike.
    trusted = security.TransportSecuritySettings(enable_dns_rebinding_protection=False)
    app = server.streamable_http_app(
        stateless_http=True, json_response=True, transport_security=trusted
    )
    response = Response()

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            response.status_code = message["status"]
            names = {name.decode(): text.decode() for name, text in message["headers"]}
            response.headers.update({name: names[name] for name in names if name in KEPT_HEADERS})
        else:
            response.set_data(response.get_data() + message.get("body", b""))

    async with server.session_manager.run():
        await app(make_scope(), receive, send)
    return response


def make_scope() -> Message:
    """This request as an ASGI application gets it."""
    headers = [(name.lower().encode(), text.encode("latin-1")) for name, text in request.headers]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": request.scheme,
        "path": PLACE,
        "raw_path": PLACE.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
    }


def patch(
    key: str,
    changes: dict[str, Any],
    kind: str = "countries",
    effective: str = "",
    confirm: str = "",
) -> Answer:
    """Change fields of a record; null removes a field. The first call writes nothing: it returns what would change.

    Show that to the user. To write, repeat the call with `confirm` from its answer. With `effective` (YYYY-MM-DD)
    the change holds from that day on; without it, it corrects the values of today.
    """
    if "/" in key:
        raise Invalid(f"There is no record {key!r}.")
    address = f"/{find_named_kind(kind).plural}/{quote(key)}"
    before, mark = call("GET", address)
    token = hashlib.blake2b(encode([mark, changes, effective]), digest_size=8).hexdigest()
    if confirm and confirm != token:
        raise Invalid(
            "confirm belongs to other changes, or the record has changed since: leave it out to see."
        )
    query = f"?{urlencode({'effective': effective})}" if effective else ""
    after, _ = call("PATCH", address + query, changes, mark, trial=not confirm)
    # A planned change does not show in the record of today.
    shown = changes | {"from": effective} if effective else compare(before, after)
    return {"written": bool(confirm), "changed": shown} | ({} if confirm else {"confirm": token})


def compare(before: Answer, after: Answer) -> Answer:
    """The fields that differ, with both values; an absent value is null."""
    fields = sorted(before.keys() | after.keys())
    return {
        field: {"before": before.get(field), "after": after.get(field)}
        for field in fields
        if before.get(field) != after.get(field)
    }


def call(
    method: str, address: str, body: Answer | None = None, mark: str = "", *, trial: bool = False
) -> tuple[Answer, str]:
    """The answer of the API to a request with the rights of this one, and its ETag. Raise Invalid with its sentence."""
    data = None if body is None else encode(body)
    environ = make_environ(method, address, data, MERGE_PATCH)
    if trial:
        environ[DRY_RUN] = True
    if mark:
        environ["HTTP_IF_MATCH"] = f'"{mark}"'
    response = dispatch(environ)
    value = decode(response.get_data())
    if response.status_code >= HTTPStatus.BAD_REQUEST:
        raise Invalid(explain(value))
    return value, response.get_etag()[0] or ""


def explain(error: Answer) -> str:
    """The sentence of an error with the faults of its fields."""
    faults = [f"{each['field']} {each['message']}." for each in error.get("details", ())]
    return " ".join([error["error"], *faults])
