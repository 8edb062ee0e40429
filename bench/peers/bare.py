"""The least that WSGI can do: ready bytes by path. This is 1.00."""

from collections.abc import Callable
from typing import Any

from bench.peers.ready import LIST, ONE


def answer(body: bytes) -> tuple[list[tuple[str, str]], list[bytes]]:
    """Headers and body."""
    return [("Content-Type", "application/json"), ("Content-Length", str(len(body)))], [body]


ANSWERS = {"/countries": answer(LIST), "/countries/TH": answer(ONE)}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Answer a GET."""
    headers, body = ANSWERS[environ["PATH_INFO"]]
    start_response("200 OK", headers)
    return body
