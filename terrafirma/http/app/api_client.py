"""In-process requests to the API: an export is the answer of a list, in a file."""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import urlencode

from flask import Flask

from terrafirma.errors import ConfigurationError, Malformed
from terrafirma.http.app.context import PRINCIPAL
from terrafirma.register.access.roles import Principal, Role
from terrafirma.register.model.canonical_json import decode
from terrafirma.register.model.kinds import KINDS

READER = Principal("export", Role.READER)
EXPORT = "terrafirma.export"
"""In the environ of a request for all rows of a list: the function that is told of how many."""

ReportRows = Callable[[int], None]
"""Receives the number of rows written so far."""


class InProcessAnswer(NamedTuple):
    """An answer: its headers, and its bytes as they are made."""

    headers: dict[str, str]
    pieces: Iterator[bytes]


def address_of(kind: str, query: str, form: str, **more: str | int) -> str:
    """The address of the list that an export is made of."""
    asked = "&".join(part for part in (query, urlencode({"format": form, **more})) if part)
    return f"/{KINDS[kind].plural}?{asked}"


def call_api(app: Flask, address: str, report: ReportRows | None = None) -> InProcessAnswer:
    """The app's answer to a GET; with a function for reports, all rows of a list. Raise Malformed or
    ConfigurationError with the answer's message if it is an error."""
    with app.test_request_context(address, environ_overrides={PRINCIPAL: READER, EXPORT: report}):
        response = app.full_dispatch_request()
        if response.status_code >= 400:
            sentence = decode(response.get_data())["error"]
            raise (
                Malformed(sentence) if response.status_code < 500 else ConfigurationError(sentence)
            )
        return InProcessAnswer(dict(response.headers), response.iter_encoded())
