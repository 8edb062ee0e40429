"""The least that ASGI can do, which Terrafirma is served by: ready bytes by path."""

from collections.abc import Awaitable, Callable
from typing import Any

from bench.peers.ready import LIST, ONE

Send = Callable[[dict[str, Any]], Awaitable[None]]


def answer(body: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two messages of an answer."""
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    return (
        {"type": "http.response.start", "status": 200, "headers": headers},
        {"type": "http.response.body", "body": body, "more_body": False},
    )


ANSWERS = {"/countries": answer(LIST), "/countries/TH": answer(ONE)}


async def app(scope: dict[str, Any], _receive: object, send: Send) -> None:
    """Answer a GET."""
    for message in ANSWERS[scope["path"]]:
        await send(message)
