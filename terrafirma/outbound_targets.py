"""Addresses that users chose for requests of this server: those of the public internet, unless the
settings allow more networks."""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit

from terrafirma.config import Network
from terrafirma.errors import Detail, Invalid

PORTS = {"http": 80, "https": 443}
FIRST_FREE_PORT = 1024
SERVICES = frozenset(
    {
        1433, 1521, 2049, 3306, 3389, 5060, 5061, 5432, 5672, 5900, 6000, 6379, 6566, *range(6665, 6670),
        6697, 9042, 9092, 11211, 27017,
    }
)  # fmt: skip
"""Higher ports of databases, queues, mail, chat and desktops, which take commands in plain text."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
SPECIAL = tuple(
    map(
        ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2001::/23", "3fff::/20")
    )
)
"""Networks that older Pythons take for public, and the address of a cloud's own services."""
NAT64 = IPv6Network("64:ff9b::/96")
"""Where a translator reaches every IPv4 address."""

Address = IPv4Address | IPv6Address


class TargetRefused(Exception):
    """A refused address, with the rule it breaks."""


class OutboundTarget(NamedTuple):
    """A parsed address: host, port and path."""

    scheme: str
    host: str
    port: int
    netloc: str
    path: str


def check_target(field: str, url: str, networks: Sequence[Network]) -> None:
    """Raise Invalid, with field and rule, for a refused address."""
    try:
        find_addresses(parse_target(url), networks)
    except TargetRefused as refused:
        raise Invalid(
            "The webhook is not valid.", [Detail(field, str(refused), "invalid")]
        ) from None


def parse_target(url: str) -> OutboundTarget:
    """Parse an address. Raise TargetRefused if it is malformed or has more than a host, port and
    path."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise TargetRefused("must be a web address, such as https://example.org/hook") from None
    if parts.scheme not in PORTS or not host or port == 0:
        raise TargetRefused("must be a web address, such as https://example.org/hook")
    if port is not None and not is_web_port(port):
        raise TargetRefused(f"must not lead to port {port}, which other services have")
    if "@" in parts.netloc:
        raise TargetRefused("must not hold a user name or password")
    if not url.isascii() or not url.isprintable() or any(sign in url for sign in " \\#"):
        raise TargetRefused(
            "must be plain ASCII without blanks, backslashes or a fragment; write names in their xn-- form"
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return OutboundTarget(parts.scheme, host, port or PORTS[parts.scheme], parts.netloc, path)


def is_web_port(port: int) -> bool:
    """Return True for a port that may have a web server."""
    return port in PORTS.values() or (port >= FIRST_FREE_PORT and port not in SERVICES)


def find_addresses(target: OutboundTarget, networks: Sequence[Network]) -> list[str]:
    """Resolve a name. Raise TargetRefused if it has no address, or one that is not allowed."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise TargetRefused(f"names {target.host[:80]}, which has no address") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    for text in addresses:
        if not is_allowed(ip_address(text), networks):
            raise TargetRefused(
                f"leads to {text}, which is not public; TERRAFIRMA_WEBHOOK_NETWORKS names networks allowed too"
            )
    return addresses


def is_allowed(address: Address, networks: Sequence[Network]) -> bool:
    """Return True if an address is public or in any of these networks."""
    meant = unwrap(address)
    if any(meant in network for network in networks):
        return True
    if isinstance(meant, IPv6Address) and meant not in GLOBAL_UNICAST:
        return False
    if any(meant in network for network in SPECIAL):
        return False
    return meant.is_global and not meant.is_multicast


def unwrap(address: Address) -> Address:
    """The IPv4 address embedded in an IPv6 address, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
