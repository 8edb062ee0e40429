"""Whose program is at the other end of a connection, by real sockets."""

import os
import socket
from collections.abc import Iterator

import pytest

from terrafirma.http.middleware import peers
from terrafirma.http.middleware.peers import (
    ask_kernel,
    find_owner,
    is_own_connection,
    is_own_peer,
    read_table,
)

LINUX = pytest.mark.skipif(not peers.IS_LINUX, reason="only Linux lists sockets with their users")


@pytest.fixture(params=["127.0.0.1", "::1"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection: the client's and the server's."""
    family = socket.AF_INET6 if ":" in request.param else socket.AF_INET
    with socket.socket(family) as listening:
        listening.bind((request.param, 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()[:2]) as client:
            server, _ = listening.accept()
            with server:
                yield client, server


def describe(
    client: socket.socket, server: socket.socket
) -> tuple[tuple[str, int], tuple[str, int]]:
    """The two addresses of a connection."""
    return client.getsockname()[:2], server.getsockname()[:2]


@LINUX
@pytest.mark.parametrize("find", [ask_kernel, read_table, find_owner])
def test_the_owner_of_an_open_connection_is_found(ends, find):
    peer, server = describe(*ends)
    assert find(peer, server) == os.geteuid()


@LINUX
@pytest.mark.parametrize("find", [read_table, find_owner])
def test_a_connection_that_is_not_there_is_nobodys(ends, find):
    peer, server = describe(*ends)
    assert find((peer[0], peer[1] + 1), server) is None
    assert find(peer, (server[0], 1)) is None
    assert find(server, (peer[0], 1)) is None


@LINUX
@pytest.mark.parametrize("find", [ask_kernel, read_table])
@pytest.mark.parametrize("how", ["close", "half"])
def test_a_connection_that_ends_is_nobodys(ends, find, how):
    client, server = ends
    peer, place = describe(client, server)
    if how == "close":
        client.close()
    else:
        client.shutdown(socket.SHUT_WR)
    assert find(peer, place) is None


@LINUX
@pytest.mark.parametrize("find", [ask_kernel, read_table])
def test_an_ipv4_connection_of_an_ipv6_socket_is_found(find):
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        socket.socket(socket.AF_INET6) as client,
    ):
        client.connect(("::ffff:127.0.0.1", listening.getsockname()[1]))
        server, (address, port) = listening.accept()
        with server:
            assert find((address, port), server.getsockname()) == os.geteuid()


def test_systems_other_than_linux_are_asked_through_psutil(ends):
    peer, server = describe(*ends)
    assert is_own_connection(peer, server)
    assert not is_own_connection((peer[0], peer[1] + 1), server)


@pytest.mark.parametrize("missing", ["REMOTE_ADDR", "REMOTE_PORT", "SERVER_NAME", "SERVER_PORT"])
def test_what_is_not_known_is_not_ours(ends, missing):
    (address, port), (name, server_port) = describe(*ends)
    environ = {
        "REMOTE_ADDR": address,
        "REMOTE_PORT": str(port),
        "SERVER_NAME": name,
        "SERVER_PORT": str(server_port),
    }
    assert is_own_peer(environ)
    del environ[missing]
    assert not is_own_peer(environ)
    assert not is_own_peer(environ | {missing: "junk"})
