"""Requests that this program makes of itself: an export is what a list answers, in a file."""

from collections.abc import Iterator
from typing import NamedTuple

from flask import Flask

from terrafirma.errors import Malformed, Unusable
from terrafirma.http.context import CALLER
from terrafirma.register.canonical import decode
from terrafirma.register.roles import Caller, Role

READER = Caller("export", Role.READER)


class Inside(NamedTuple):
    """An answer: its headers, and its bytes as they are made."""

    headers: dict[str, str]
    pieces: Iterator[bytes]


def ask_inside(app: Flask, address: str) -> Inside:
    """What an app answers to a GET. Malformed or Unusable, with the answer's own sentence, where that is a refusal."""
    with app.test_request_context(address, environ_overrides={CALLER: READER}):
        response = app.full_dispatch_request()
        if response.status_code >= 400:
            sentence = decode(response.get_data())["error"]
            raise Malformed(sentence) if response.status_code < 500 else Unusable(sentence)
        return Inside(dict(response.headers), response.iter_encoded())
