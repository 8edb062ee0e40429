"""Version 3: version 3.1 with flags as a list, and without `/independent`."""

from dataclasses import replace

from terrafirma.restcountries.translate import Record
from terrafirma.restcountries.v31 import V31


def list_flags(record: Record, _: object) -> Record:
    """A record of version 3: the addresses of its flag, SVG first."""
    flags = record["flags"]
    return record | {"flags": [address for address in (flags["svg"], flags["png"]) if address]}


V3 = replace(V31, name="v3", shape=list_flags, tells_independence=False)
