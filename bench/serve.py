"""Granian over one peer, with the settings Terrafirma runs under: `MODULE INTERFACE PORT`."""

import sys

from granian import Granian
from granian.constants import Interfaces

from bench.load import HOST
from bench.servers import THREADS


def main() -> None:
    """Serve until SIGTERM."""
    module, interface, port = sys.argv[1:]
    wsgi = {"blocking_threads": THREADS} if interface == "wsgi" else {}
    Granian(
        f"{module}:app",
        address=HOST,
        port=int(port),
        interface=Interfaces(interface),
        workers=1,
        log_enabled=False,
        **wsgi,
    ).serve()


if __name__ == "__main__":
    main()
