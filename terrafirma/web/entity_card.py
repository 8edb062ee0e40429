"""`/reconcile/view` and `/reconcile/preview`: the page and the card of an entity of the
reconciliation service."""

from typing import Any

from flask import Response, redirect, request

from terrafirma.errors import NotFound
from terrafirma.http.app.context import reading, state
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.request.arguments import read_day
from terrafirma.http.response.assets import CONTENT_SECURITY
from terrafirma.register.model.kinds import KINDS
from terrafirma.register.resolve.entities import CODES, Entity, EntityRegister
from terrafirma.storage.register.entries import read_head
from terrafirma.web.display import label_of, write_field
from terrafirma.web.links import record_page
from terrafirma.web.rendering import HTML, name_of, reply_page

door = Door("entity_card")

CARD_SECURITY = CONTENT_SECURITY.replace("frame-ancestors 'none'", "frame-ancestors *")
"""The policy of cards, the only pages that other sites may show in a frame: they have no form, no
script and no rights."""

SHOWN = ("official_name", "region", "capital", "country", "type", "status", "native_name", "symbol")
"""Fields that a card shows, beside name and codes."""


@door.route("GET", "/reconcile/view", Access.READ, gives=((HTML, str),), foreign=True)
def view_entity() -> Response:
    """Redirect to the page of an entity."""
    with reading() as connection:
        entity = find_entity(EntityRegister(connection, state().resolver, read_day("on")))
    address = record_page(entity.kind, code_of(entity))
    return Response(status=302, headers={"Location": redirect(address).location})


@door.route("GET", "/reconcile/preview", Access.READ, gives=((HTML, str),), foreign=True)
def preview_entity() -> Response:
    """Return an entity's card, for a frame of another site."""
    with reading() as connection:
        entity = find_entity(EntityRegister(connection, state().resolver, read_day("on")))
        mark = read_head(connection).mark
    response = reply_page("card.html", mark, **describe_card(entity))
    response.headers["Content-Security-Policy"] = CARD_SECURITY
    return response


@door.route("GET", "/reconcile/1.0-draft/preview", Access.READ, gives=((HTML, str),), foreign=True)
def preview_draft_entity() -> Response:
    """Return the same card at the address of the protocol's next version."""
    return preview_entity()


def find_entity(register: EntityRegister) -> Entity:
    """The entity that the address names. NotFound without one."""
    id = request.args.get("id", "")
    entity = register.find_entity(id)
    if entity is None:
        raise NotFound(f'No record has the id or code "{id[:80]}".')
    return entity


def describe_card(entity: Entity) -> dict[str, Any]:
    """The values of a card's template."""
    kind, document = KINDS[entity.kind], entity.document
    facts = [
        (label_of(name), write_field(document[name], name)) for name in SHOWN if document.get(name)
    ]
    return {
        "title": name_of(kind, document),
        "document": document,
        "kind": label_of(entity.kind),
        "code": code_of(entity),
        "facts": facts,
        "address": record_page(entity.kind, code_of(entity)),
    }


def code_of(entity: Entity) -> str:
    """The code of an entity, without its kind."""
    document = entity.document
    return str(next((document[name] for name in CODES if name in document), document["id"]))
