"""`/docs`: the API reference page, generated from `/openapi.json`."""

import re
from functools import lru_cache
from typing import Any

from flask import Response, current_app, request
from markupsafe import Markup, escape

from terrafirma.http.app.api_client import call_api
from terrafirma.http.app.routes import Access, Door
from terrafirma.http.response.assets import reply_static_page
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import KINDS
from terrafirma.web.catalogues import page_language
from terrafirma.web.links import here, origin
from terrafirma.web.operations import list_tags
from terrafirma.web.rendering import ENVIRONMENT
from terrafirma.web.schema_words import Schema, list_schema_members

door = Door("reference")

PLACE = "/docs"
DESCRIPTION = "/openapi.json"
FAULTY = ("Error", "Problem", "Fault")
SENT = ("Body", "Patch")
"""Suffixes of components that operations show themselves."""


@door.route("GET", PLACE, Access.READ, gives=(("text/html", str),))
def get_docs() -> Response:
    """The reference page: every operation in words, with examples that run against this server."""
    description = b"".join(call_api(current_app, DESCRIPTION).pieces)
    return reply_static_page(
        make_page(description, origin() + request.script_root, here(), page_language())
    )


@lru_cache(maxsize=8)
def make_page(text: bytes, where: str, *place: str) -> bytes:  # noqa: ARG001
    """The page, made once of a description for each `place`: its address and language, which the header shows."""
    description: dict[str, Any] = decode(text.decode())
    components = description["components"]
    shown = {name: each for name, each in components["schemas"].items() if is_shown(name)}
    page = ENVIRONMENT.get_template("reference.html").render(
        about=description["info"],
        where=where,
        place=PLACE,
        sections=list_tags(description),
        kinds=KINDS.values(),
        errors={status: list_problems(each) for status, each in components["responses"].items()},
        faults=list_faults(components["schemas"]["Fault"]),
        components={
            name: (each.get("description", ""), list_schema_members(each))
            for name, each in shown.items()
        },
        mark=mark,
        lead=lambda told: lead_to(told, shown),
    )
    return page.encode()


def is_shown(name: str) -> bool:
    """Return True if a component has its own section: not if operations or the list of errors show
    it."""
    return not name.endswith(SENT) and name not in FAULTY


def list_problems(response: Schema) -> dict[str, str]:
    """The possible errors of an answer with this status: a sentence by code."""
    return {
        code: each["value"]["error"]
        for code, each in response["content"]["application/json"]["examples"].items()
    }


def list_faults(schema: Schema) -> list[str]:
    """The possible faults of a field, one per code."""
    told: str = schema["properties"]["code"]["description"]
    return told.removeprefix("Stable. ").removesuffix(".").split("; ")


def mark(told: str) -> Markup:
    """Words in which code is marked as such."""
    return lead_to(told, {})


def lead_to(told: str, components: dict[str, Schema]) -> Markup:
    """The same, and the names of components lead to their fields."""
    pieces = re.split(r"`([^`]+)`", told)
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if place % 2 else link_names(piece, components)
        for place, piece in enumerate(pieces)
    )


def link_names(told: str, components: dict[str, Schema]) -> Markup:
    """Plain words, of which those that name a component are links."""
    return Markup("").join(
        Markup('<a href="#fields-{0}">{0}</a>').format(word) if word in components else escape(word)
        for word in re.split(r"\b", told)
    )
