"""Decide if a request is ours: from a program of the user who runs this server, or from its own
pages.

Every right without a key depends on these answers. No answer follows from the absence of a header:
a request without proof is not ours.
"""

from enum import Enum
from functools import lru_cache
from ipaddress import ip_address

from terrafirma.config import Settings
from terrafirma.http.app.prefix import split_public_url
from terrafirma.http.middleware.peers import is_own_peer
from terrafirma.http.middleware.proxies import PROXIED
from terrafirma.telemetry import SAFE, Environ

FORWARDED = (
    "HTTP_X_FORWARDED",
    "HTTP_X_ORIGINAL",
    "HTTP_X_ENVOY",
    "HTTP_X_AMZN",
    "HTTP_X_AZURE",
    "HTTP_X_APPENGINE",
    "HTTP_CF_",
    "HTTP_CDN_",
    "HTTP_FASTLY_",
    "HTTP_FLY_",
    "HTTP_NGROK_",
)
"""Prefixes of headers that only proxies add, such as `X-Forwarded-For`."""
FORWARDING = (
    PROXIED,
    # Of another scheme than ours, such as a proxy asks people for.
    "HTTP_AUTHORIZATION",
    "HTTP_FORWARDED",
    "HTTP_VIA",
    "HTTP_X_REAL_IP",
    "HTTP_X_CLIENT_IP",
    "HTTP_X_CLUSTER_CLIENT_IP",
    "HTTP_TRUE_CLIENT_IP",
    "HTTP_CLIENT_IP",
    "HTTP_PROXY_CLIENT_IP",
    "HTTP_WL_PROXY_CLIENT_IP",
    "HTTP_X_CLOUD_TRACE_CONTEXT",
)
"""Signs of a proxy: the peer is then not the sender."""


class PageOrigin(Enum):
    """The page that sent a request, as far as the browser reports it."""

    OWN = "own"
    """The browser reports a page of this server, or of a site that may write here."""
    NONE = "none"
    """The browser reports no page: a program, or a typed address."""
    LINKED = "linked"
    """Someone followed a link on another site."""
    FOREIGN = "foreign"
    """A page of another site."""


def judge_page(environ: Environ, settings: Settings) -> PageOrigin:
    """Tell which page sent a request, by `Origin` and `Sec-Fetch-Site`; if they disagree, it is not ours."""
    site, origin = environ.get("HTTP_SEC_FETCH_SITE"), environ.get("HTTP_ORIGIN")
    if origin is not None:
        if origin in settings.origins:
            return PageOrigin.OWN
        return (
            PageOrigin.OWN
            if is_own_origin(origin, environ, settings) and site in (None, "same-origin")
            else PageOrigin.FOREIGN
        )
    if site is None or site == "none":
        return PageOrigin.NONE
    if site == "same-origin":
        return PageOrigin.OWN
    is_link = environ["REQUEST_METHOD"] in SAFE and environ.get("HTTP_SEC_FETCH_MODE") == "navigate"
    return PageOrigin.LINKED if is_link else PageOrigin.FOREIGN


def is_own_origin(origin: str, environ: Environ, settings: Settings) -> bool:
    """Return True if an origin is this server's public address, or the address of the request."""
    scheme, _, host = origin.partition("://")
    if not host or scheme not in ("http", "https"):
        return False
    own, _prefix = split_public_url(settings.public_url)
    return origin == own or host.lower() == environ.get("HTTP_HOST", "").lower()


def is_own_program(environ: Environ) -> bool:
    """Return True if a program of the user who runs the server sent a request directly from this
    machine.

    A browser is such a program; its page is checked separately.
    """
    return (
        environ.get("SERVER_PROTOCOL") == "HTTP/1.1"
        and is_loopback(environ.get("REMOTE_ADDR", ""))
        # A name that resolves to 127.0.0.1 may be another site's (DNS rebinding); an address or localhost is not.
        and is_local_name(environ.get("HTTP_HOST", ""))
        and not any(name in FORWARDING or name.startswith(FORWARDED) for name in environ)
        and is_own_peer(environ)
    )


@lru_cache(maxsize=1000)
def is_loopback(address: str) -> bool:
    """Return True for an IP address of this machine only. Browsers treat an IPv4-mapped address as
    another site's, and a zone (`::1%name`) may be any text."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return (
        parsed.is_loopback and "%" not in address and getattr(parsed, "ipv4_mapped", None) is None
    )


def is_local_name(host: str) -> bool:
    """Return True if a Host header names this machine: by a loopback address, or as localhost."""
    name = name_host(host)
    return name == "localhost" or is_loopback(
        name.removeprefix("[").removesuffix("]") if name[:1] == "[" else name
    )


def name_host(host: str) -> str:
    """Return the name in a Host header: in lower case, without the port and the root's dot."""
    # An IPv6 address without brackets, as settings have it, has no port.
    bare = host.endswith("]") or (host.count(":") > 1 and not host.startswith("["))
    return (host if bare else host.rsplit(":", 1)[0]).lower().removesuffix(".")
