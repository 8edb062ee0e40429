"""Who may do what, decided in one place before any view runs.

While no keys exist, writing is for people and programs on the server's own machine: the peer is a
loopback address, nothing was forwarded, and no web page of another site sent it.
"""

from ipaddress import ip_address
from typing import Any

from flask import Flask, request

from terrafirma.errors import Forbidden
from terrafirma.http.context import state
from terrafirma.http.contracts import Access

FORWARDING = (
    "HTTP_FORWARDED",
    "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST",
    "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_REAL_IP",
    "HTTP_VIA",
)
"""Signs of a proxy: the peer's address is then not the sender's."""

REMOTE = (
    "Writing is open only to this server's own machine while no keys exist; "
    "send the request from there, to 127.0.0.1 or localhost."
)
FOREIGN = "A page of another site may not write here."


def guard(app: Flask) -> None:
    """Check every request of an app; a route without a contract is closed."""

    @app.before_request
    def check() -> None:
        if request.endpoint is None or request.method == "OPTIONS":
            return
        contract = state().contracts.get(request.endpoint)
        if contract is None:
            raise Forbidden("This address is not open to anyone.")
        if contract.access is Access.WRITE:
            check_local(request.environ)


def check_local(environ: dict[str, Any]) -> None:
    """Forbidden unless a request comes from this machine, by intent of someone there."""
    if any(name in environ for name in FORWARDING) or not is_loopback(environ.get("REMOTE_ADDR", "")):
        raise Forbidden(REMOTE)
    # A name that resolves to 127.0.0.1 may be another site's (DNS rebinding); an address or localhost is not.
    if not is_local_name(environ.get("HTTP_HOST", "")):
        raise Forbidden(REMOTE)
    if environ.get("HTTP_SEC_FETCH_SITE", "none") not in ("none", "same-origin"):
        raise Forbidden(FOREIGN)


def is_loopback(address: str) -> bool:
    """Whether an IP address is of this machine only."""
    try:
        parsed = ip_address(address.strip("[]"))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback


def is_local_name(host: str) -> bool:
    """Whether a Host header names this machine by address or as localhost."""
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    return name.lower() in ("localhost", "") or is_loopback(name)
