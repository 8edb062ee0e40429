"""A receiver of webhooks that takes whatever comes."""

from collections.abc import Callable
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """Read a message and say that it has come."""
    environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", "0")])
    return []
