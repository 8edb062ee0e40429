"""The path that this server stands under, such as /geo: from the settings or from a trusted proxy.

Flask makes addresses below SCRIPT_NAME by itself; this middleware sets it and completes redirects that name a path.
"""

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from terrafirma.telemetry import WSGI, Environ, StartResponse

PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+", re.ASCII)
FORWARDED = "HTTP_X_FORWARDED_PREFIX"


def split_public_url(url: str) -> tuple[str, str]:
    """The origin of a public URL, `https://example.org`, and its path, `/geo`; both empty without a URL."""
    if not url:
        return "", ""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path


class PrefixMiddleware:
    """WSGI middleware: requests below a path, whether the proxy in front strips it or not."""

    def __init__(self, app: WSGI, prefix: str) -> None:
        self._app = app
        self._prefix = prefix

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        if self._prefix:
            enter(environ, self._prefix)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            # The prefix that a trusted proxy names is known only once the app has run.
            root = environ.get("SCRIPT_NAME", "")
            if root:
                headers = [(name, below(root, name, value)) for name, value in headers]
            if exc_info:
                return start_response(status, headers, exc_info)
            return start_response(status, headers)

        return self._app(environ, start)


def enter(environ: Environ, prefix: str) -> None:
    """Put a request below a prefix; a proxy that does not strip it sends it as part of the path."""
    environ["SCRIPT_NAME"] = prefix
    path = environ.get("PATH_INFO", "")
    if path == prefix or path.startswith(f"{prefix}/"):
        environ["PATH_INFO"] = path.removeprefix(prefix) or "/"


def accept_prefix(environ: Environ) -> None:
    """Put a request below the prefix that a trusted proxy names; one that is no path is ignored."""
    prefix = str(environ.get(FORWARDED, "")).rpartition(",")[2].strip().rstrip("/")
    if PREFIX.fullmatch(prefix):
        enter(environ, prefix)


def below(root: str, name: str, value: str) -> str:
    """A header's value; a redirect to a path of this server leads below the prefix."""
    if name.lower() != "location" or not value.startswith("/") or value.startswith("//"):
        return value
    return value if value == root or value.startswith(f"{root}/") else root + value
