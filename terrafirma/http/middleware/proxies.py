"""The original sender of a forwarded request, from the headers of trusted proxies."""

from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address

from terrafirma.config import Network
from terrafirma.http.app.prefix import accept_prefix
from terrafirma.telemetry import Environ

PROXIED = "terrafirma.proxied"
"""Set in a request's environ: a proxy that is believed passed it on, so its sender is elsewhere."""

SOCKET = ""
"""The peer's address at a Unix socket."""


def believe(networks: tuple[Network, ...]) -> Callable[[Environ], None]:
    """A function that restores the sender's address and scheme in requests from trusted networks."""

    @lru_cache(maxsize=10_000)
    def is_believed(address: str) -> bool:
        try:
            parsed = ip_address(address)
        except ValueError:
            # A Unix socket has no addresses: only programs of the server's own user may connect to it.
            return address == SOCKET
        mapped = getattr(parsed, "ipv4_mapped", None) or parsed
        return any(mapped in network for network in networks)

    def restore(environ: Environ) -> None:
        if not is_believed(environ.get("REMOTE_ADDR", "")):
            return
        environ[PROXIED] = True
        # Each proxy appends whom it heard; what stands before the first stranger may be the stranger's invention.
        told = map(strip_port, environ.get("HTTP_X_FORWARDED_FOR", "").split(","))
        sender = next((part for part in reversed([*told]) if not is_believed(part)), "")
        if is_address(sender):
            environ["REMOTE_ADDR"] = sender
        if (scheme := last(environ, "HTTP_X_FORWARDED_PROTO")) in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme
        if host := last(environ, "HTTP_X_FORWARDED_HOST"):
            environ["HTTP_HOST"] = host
        accept_prefix(environ)

    return restore


def strip_port(text: str) -> str:
    """Return an address without the port that some proxies add: `192.0.2.1:4711`, `[2001:db8::1]:80`."""
    text = text.strip()
    if text.startswith("["):
        return text[1:].partition("]")[0]
    address, _, port = text.rpartition(":")
    return address if port.isdecimal() and "." in address and ":" not in address else text


def last(environ: Environ, name: str) -> str:
    """The last value of a header, which the nearest proxy gave."""
    return str(environ.get(name, "")).rpartition(",")[2].strip()


def is_address(text: str) -> bool:
    """Return True if a text is an IP address."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
