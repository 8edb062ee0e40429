"""The first parts of the old service's addresses."""

REST = "/rest"
"""Stood before the version while the service was `restcountries.eu`."""

NAMES = ("v3.1", "v3", "v2")
REST_NAMES = ("rest/v2", "rest/v1")
V5 = "v5"
PAID = "/countries/v5"
"""Where the paid service has version 5, under a host of its own."""

VERSIONED = ("/v", "/rest/")
"""How the addresses of all versions start."""

FLAGS = ("/flags/", "/data/", "/explore/flags/")
"""Addresses of pictures, which records lead to."""


def version_of(path: str) -> str:
    """Return the name of the version that an address belongs to; empty if to none."""
    first, _, rest = path[1:].partition("/")
    name = f"{first}/{rest.partition('/')[0]}" if first == "rest" else first
    return name if name in (*NAMES, *REST_NAMES, V5) else ""


def names_version(path: str) -> bool:
    """Return True if an address belongs to the old service."""
    return path.startswith(VERSIONED) and bool(version_of(path))


def names_flag(path: str) -> bool:
    """Return True if an address is that of a flag."""
    return path.startswith(FLAGS)
