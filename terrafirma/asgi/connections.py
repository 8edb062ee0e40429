"""The TCP connections that this process serves, as the kernel shows them."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress

OPEN_FILES = "/proc/self/fd" if sys.platform == "linux" else "/dev/fd"


def list_sockets() -> Iterator[socket.socket]:
    """Yield a copy of every socket of this process; empty where the system does not list them."""
    try:
        files = os.listdir(OPEN_FILES)
    except OSError:
        return
    for file in files:
        try:
            with socket.socket(fileno=os.dup(int(file))) as found:
                yield found
        except OSError:
            continue


def hang_up(address: str, port: int) -> None:
    """End the connection with a peer at once, whatever it has not read yet."""
    for found in list_sockets():
        with suppress(OSError):
            if found.getpeername()[:2] == (address, port):
                found.shutdown(socket.SHUT_RDWR)
                return


def end_silent_connections(port: int, seconds: int) -> None:
    """Have the kernel end each connection whose peer has not acknowledged data for this long."""
    if not hasattr(socket, "TCP_USER_TIMEOUT"):
        return
    for found in list_sockets():
        with suppress(OSError):
            is_listening = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if is_listening and found.getsockname()[1] == port:
                # Connections inherit it from the socket that accepts them.
                found.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
