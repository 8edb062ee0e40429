"""The user of the program at the other end of a local connection.

A loopback address alone proves little: a proxy on the same machine has it too, whoever its client
is. So the kernel is asked which user owns the peer's socket. No answer means no.
"""

import os
import platform
import socket
import struct
from contextlib import suppress
from ipaddress import ip_address
from itertools import islice
from typing import Any

from terrafirma.deferred import Deferred
from terrafirma.telemetry import Environ

psutil: Any = Deferred("psutil")

INSIDE = "terrafirma.inside"
"""Set in the environ of a request that code in this process makes: there is no peer then."""

IS_LINUX = platform.system() == "Linux"
ANY = ("0.0.0.0", "::")  # noqa: S104 - it is looked for, not listened on
"""A server that listens everywhere is reached from this machine at the address that its client has."""
ESTABLISHED = 1
NETLINK_SOCK_DIAG = 4
SOCK_DIAG_BY_FAMILY = 20
NLM_F_REQUEST = 1
NO_COOKIE = b"\xff" * 8
HEADER = struct.Struct("=IHHII")
"""`struct nlmsghdr`: length, type, flags, sequence, sender."""
QUERY = struct.Struct("=BBBxI")
"""The head of `struct inet_diag_req_v2`: family, protocol, extensions, states."""
PORTS = struct.Struct("!HH")
ANSWER = struct.Struct("=xB2x48x12xII")
"""`struct inet_diag_msg` as far as it is needed: the state, then behind the addresses user and inode."""

Address = tuple[str, int]


def is_own_peer(environ: Environ) -> bool:
    """Return True if the peer's socket is known to belong to the user who runs this process."""
    if environ.get(INSIDE) is True:
        return True
    try:
        peer = environ["REMOTE_ADDR"], int(environ["REMOTE_PORT"])
        server = environ["SERVER_NAME"], int(environ["SERVER_PORT"])
        if server[0] in ANY:
            server = peer[0], server[1]
        if IS_LINUX:
            return find_owner(peer, server) == os.geteuid()
        return is_own_connection(peer, server)
    except (KeyError, ValueError, OSError, ImportError):
        return False


def find_owner(peer: Address, server: Address) -> int | None:
    """Return the user id of an established connection's other end; None if it is not there."""
    try:
        return ask_kernel(peer, server)
    except OSError:
        return read_table(peer, server)


def ask_kernel(peer: Address, server: Address) -> int | None:
    """Look up a connection (sock_diag(7)); OSError if the kernel does not offer it."""
    ends = [ip_address(address) for address, _ in (peer, server)]
    family = socket.AF_INET6 if ends[0].version == 6 else socket.AF_INET
    addresses = b"".join(end.packed.ljust(16, b"\0") for end in ends)
    place = PORTS.pack(peer[1], server[1]) + addresses + struct.pack("=I", 0) + NO_COOKIE
    body = QUERY.pack(family, socket.IPPROTO_TCP, 0, 1 << ESTABLISHED) + place
    with socket.socket(
        socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, NETLINK_SOCK_DIAG
    ) as kernel:
        kernel.settimeout(1)
        kernel.send(
            HEADER.pack(HEADER.size + len(body), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0) + body
        )
        received = kernel.recv(4096)
    if HEADER.unpack_from(received)[1] != SOCK_DIAG_BY_FAMILY:
        raise OSError("no answer about the connection")
    if HEADER.size + ANSWER.size > len(received):
        raise OSError("half an answer about the connection")
    state, user, inode = ANSWER.unpack_from(received, HEADER.size)
    # A socket that was closed has no inode, and seems to be root's.
    return user if state == ESTABLISHED and inode else None


def read_table(peer: Address, server: Address) -> int | None:
    """Look up a connection in the list of all connections (proc_pid_net(5))."""
    for name in ("tcp", "tcp6"):
        with suppress(FileNotFoundError), open(f"/proc/self/net/{name}", encoding="ascii") as table:
            for line in islice(table, 1, None):
                _, local, remote, state, _, _, _, user, _, inode, *_ = line.split()
                is_it = (read_place(local), read_place(remote)) == (
                    name_place(peer),
                    name_place(server),
                )
                if is_it and int(state, 16) == ESTABLISHED and inode != "0":
                    return int(user)
    return None


def read_place(text: str) -> tuple[str, int]:
    """Read `0100007F:1388`: an address as words of this machine's byte order, and a port."""
    words, _, port = text.partition(":")
    packed = b"".join(
        struct.pack("=I", int(words[start : start + 8], 16)) for start in range(0, len(words), 8)
    )
    return name_place((str(ip_address(packed)), int(port, 16)))


def name_place(place: Address) -> tuple[str, int]:
    """A canonical form of an address; programs may reach an IPv4 address by an IPv6 socket."""
    parsed = ip_address(place[0])
    return str(getattr(parsed, "ipv4_mapped", None) or parsed), place[1]


def is_own_connection(peer: Address, server: Address) -> bool:
    """Look for a connection among those of this user's programs; ImportError where psutil is not installed."""
    own = psutil.Process().username()
    for process in psutil.process_iter(["username"]):
        if process.info["username"] != own:
            continue
        try:
            found = process.net_connections("tcp")
        except psutil.Error:
            continue
        if any(each.laddr[:2] == peer and each.raddr[:2] == server for each in found):
            return True
    return False
