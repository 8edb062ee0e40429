"""What arrives on the wire: forwarded, chunked, late, broken. A refusal at most, and the server goes on."""

import json
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from terrafirma.http.middleware.ownership import is_own_program
from terrafirma.http.middleware.peers import INSIDE
from tests.operations.processes import Server, exchange, make_server, verify

LOCAL = {
    "REMOTE_ADDR": "127.0.0.1",
    "HTTP_HOST": "localhost:5000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    INSIDE: True,
}
BODY = b'{"name":"Atlantis"}'
POST = b"POST /countries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CLOSE = b"Connection: close\r\n"
MAX_BODY = 10_000


@pytest.fixture(scope="module")
def server(filled_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all of these; it must outlive them, and its log must have no surprises."""
    data = tmp_path_factory.mktemp("wire") / "data"
    shutil.copytree(filled_world, data)
    with make_server(data, TERRAFIRMA_MAX_BODY=str(MAX_BODY), TERRAFIRMA_THREADS="8") as server:
        processes = {process.pid for process in server.list_processes()}
        yield server
        assert {process.pid for process in server.list_processes()} == processes, (
            "a process was replaced"
        )
    assert "Traceback" not in server.read_log()
    assert '"unexpected"' not in server.read_log()
    assert verify(data) > 0


@pytest.fixture(autouse=True)
def still_answers(server: Server) -> Iterator[None]:
    """After each test the same server answers others at once."""
    yield
    begun = time.monotonic()
    with server.client() as client:
        assert client.get("/countries/TH")["name"] == "Thailand"
    assert time.monotonic() - begun < 60


def read_first(received: bytes) -> tuple[int, bytes]:
    """Status and body of the first answer, interim ones aside."""
    head, _, rest = received.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100 "):
        head, _, rest = rest.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1."), received
    return int(head.split()[1]), rest


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "X-Forwarded-Proto", "Via"],
)
def test_what_was_forwarded_may_not_write(server: Server, header: str) -> None:
    sent = (
        CLOSE.join([POST, b""]) + b"%s: 127.0.0.1\r\nContent-Length: 19\r\n\r\n" % header.encode()
    )
    status, body = read_first(exchange(server.port, sent + BODY))
    assert status == 401
    assert json.loads(body)["error"].startswith(
        "Writing takes a key here: `terrafirma keys create --role editor`"
    )
    with server.client() as client:
        assert client.send("GET", "/countries/TH", **{header: "203.0.113.9"}).status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_way_of_writing_is_open_to_what_was_forwarded(server: Server, method: str) -> None:
    path = "/countries" if method == "POST" else "/countries/TH"
    with server.client() as client:
        answer = client.send(method, path, {"name": "X"}, X_Forwarded_For="127.0.0.1")
        assert answer.status == 401


@pytest.mark.parametrize(
    "changed",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": "::ffff:192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "unix:"},
        {"REMOTE_ADDR": "10.0.0.1", "HTTP_HOST": "127.0.0.1"},
        {"HTTP_HOST": "rebound.example:5000"},
        {"HTTP_HOST": "192.0.2.7:5000"},
        {"HTTP_HOST": "127.0.0.1.rebound.example"},
        {"HTTP_HOST": "localhost.rebound.example"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1"},
        {"HTTP_HOST": "[::ffff:127.0.0.1]:5000"},
        {"HTTP_HOST": ""},
        {"SERVER_PROTOCOL": "HTTP/1.0"},
        {INSIDE: False},
    ],
)
def test_a_peer_elsewhere_is_not_this_machine(changed: dict[str, str]) -> None:
    assert is_own_program(LOCAL)
    assert not is_own_program(LOCAL | changed)


@pytest.mark.parametrize(
    "changed",
    [
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:5000"},
        {"REMOTE_ADDR": "127.0.0.53", "HTTP_HOST": "127.0.0.1"},
        {"HTTP_HOST": "LOCALHOST"},
        {"HTTP_HOST": "localhost.:5000"},
    ],
)
def test_this_machine_is_known_by_all_its_names(changed: dict[str, str]) -> None:
    assert is_own_program(LOCAL | changed)


def chunked(*chunks: bytes) -> bytes:
    """A body in the chunked transfer coding."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


def test_a_chunked_body_is_read(server: Server) -> None:
    head = POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n"
    status, body = read_first(exchange(server.port, head, chunked(b'{"name":', b'"Chunked"}')))
    assert status == 201
    assert json.loads(body)["name"] == "Chunked"


def test_a_chunked_body_over_the_limit_is_too_large(server: Server) -> None:
    head = POST + CLOSE + b"Transfer-Encoding: chunked\r\n\r\n"
    big = b'{"name":"' + b"x" * MAX_BODY + b'"}'
    status, body = read_first(
        exchange(server.port, head + chunked(*(big[i : i + 999] for i in range(0, len(big), 999))))
    )
    assert status == 413
    assert json.loads(body) == {"error": "The body is over 10,000 bytes."}


def test_a_body_of_just_the_limit_is_read_however_it_comes(server: Server) -> None:
    for number, (length, expected) in enumerate([(MAX_BODY, 201), (MAX_BODY + 1, 413)]):
        body = b'{"name":"Padded %d"}' % number
        body += b" " * (length - len(body))
        for head, sent in (
            (b"Content-Length: %d\r\n\r\n" % length, body),
            (b"Transfer-Encoding: chunked\r\n\r\n", chunked(body.replace(b"Padded", b"Chunks"))),
        ):
            assert read_first(exchange(server.port, POST + CLOSE + head + sent))[0] == expected


def test_a_declared_body_over_the_limit_is_too_large_before_it_comes(server: Server) -> None:
    status, body = read_first(exchange(server.port, POST + b"Content-Length: 999999999999\r\n\r\n"))
    assert status == 413
    assert json.loads(body) == {"error": "The body is over 10,000 bytes."}


def test_a_body_that_waits_to_be_asked_for_is_asked_for(server: Server) -> None:
    head = POST + CLOSE + b"Expect: 100-continue\r\nContent-Length: 19\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
        plug.sendall(head)
        assert plug.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        plug.sendall(b'{"name":"Expected"}')
        assert plug.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_bodies_that_never_come_whole_do_not_hold_readers_up_where_writing_is_closed(
    server: Server,
) -> None:
    with (
        partial_posts(server, POST + b"X-Forwarded-For: 203.0.113.9\r\n"),
        server.client() as client,
    ):
        client.connection.timeout = 3
        assert client.get("/countries/AU")["name"] == "Australia"


def test_bodies_that_never_come_whole_are_given_up_with_their_senders(server: Server) -> None:
    with partial_posts(server, POST):
        pass
    with server.client() as client:
        assert "Atlantis" not in {country["name"] for country in client.list_countries()}


@contextmanager
def partial_posts(server: Server, head: bytes) -> Iterator[None]:
    """Twice as many requests as the server has threads, each with half a body."""
    plugs = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for _ in range(16)]
    try:
        for plug in plugs:
            plug.sendall(head + b"Content-Length: 19\r\n\r\n" + BODY[:7])
        time.sleep(0.3)
        yield
    finally:
        for plug in plugs:
            plug.close()


def test_a_body_cut_short_writes_nothing(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
        plug.sendall(POST + b"Content-Length: 100\r\n\r\n" + BODY)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
        plug.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n13\r\n" + BODY[:15])
    time.sleep(0.3)
    with server.client() as client:
        assert "Atlantis" not in {country["name"] for country in client.list_countries()}


def test_a_chunked_body_without_its_end_is_refused(server: Server) -> None:
    for path, form in ((b"countries", b"application/json"), (b"imports", b"text/csv")):
        head = b"POST /%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n" % (path, form)
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
            plug.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n13\r\n" + BODY + b"\r\n")
            # Until then it must be seen that a program of this user has the connection.
            time.sleep(0.5)
            plug.shutdown(socket.SHUT_WR)
            status, body = read_first(plug.recv(65536))
        assert status == 400
        assert b"before it was complete" in body
    with server.client() as client:
        assert "Atlantis" not in {country["name"] for country in client.list_countries()}


@pytest.mark.parametrize("length", [0, 5, 99])
@pytest.mark.parametrize("is_first", [True, False])
def test_a_chunked_body_with_a_length_too_ends_its_connection(
    server: Server, length: int, is_first: bool
) -> None:
    """A proxy that believes the length would take what follows for another request."""
    headers = [b"Content-Length: %d\r\n" % length, b"Transfer-Encoding: chunked\r\n"]
    head = POST + b"".join(headers if is_first else headers[::-1]) + b"\r\n"
    received = exchange(server.port, (head + chunked(b'{"name":', b'""}')) * 2)
    assert received.count(b"HTTP/1.1 ") == 1
    assert read_first(received)[0] in (400, 422)
    assert b"\r\nconnection: close\r\n" in received.lower()


def test_a_small_body_that_comes_late_is_read_and_a_broken_one_refused(server: Server) -> None:
    head = POST + CLOSE + b"Content-Length: 15\r\n\r\n"
    late = exchange(server.port, head, b'{"name":', b'"Late"}', pause=0.2)
    assert read_first(late)[0] == 201
    refused = exchange(server.port, head.replace(CLOSE, CLOSE + b"Via: 1.1 x\r\n"), b"{", pause=0.2)
    assert read_first(refused)[0] == 401, "it is not waited for"
    for part in (b"", b'{"name":'):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plug:
            plug.sendall(head + part)
            time.sleep(0.2)
            plug.shutdown(socket.SHUT_WR)
            status, body = read_first(plug.recv(65536))
        assert status == 400
        assert b"of 15 bytes" in body


def test_a_header_in_another_spelling_is_dropped(server: Server) -> None:
    head = POST + CLOSE + b"X_Forwarded_For: 198.51.100.77\r\nContent-Length: 20\r\n\r\n"
    # It would be a sign of a proxy, through which writing takes a key.
    assert read_first(exchange(server.port, head + b'{"name":"Underline"}'))[0] == 201


def post_to(target: bytes, host: bytes = b"") -> bytes:
    """A request whose target names a host (RFC 9112, 3.2.2), with a Host header too if one is given."""
    head = b"POST http://%s/countries HTTP/1.1\r\nContent-Type: application/json\r\n" % target
    named = b"Host: %s\r\n" % host if host else b""
    return head + named + CLOSE + b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("target", [b"evil.test", b"evil.test:5000", b"localhost.evil.test"])
def test_the_host_that_the_request_line_names_decides(server: Server, target: bytes) -> None:
    assert read_first(exchange(server.port, post_to(target)))[0] == 401
    assert read_first(exchange(server.port, post_to(b"localhost")))[0] == 422, "it has no name"


def test_a_host_header_beside_another_host_in_the_request_line_proves_nothing(
    server: Server,
) -> None:
    """Granian passes on the Host header only, so it is a page or another user that must be refused."""
    sent = post_to(b"evil.test", b"localhost")
    own = read_first(exchange(server.port, sent))[0]
    assert own == 422, "a program of the user who runs the server writes whatever it asks for"
    for sign in (b"Origin: http://evil.test\r\n", b"Via: 1.1 evil.test\r\n"):
        refused = sent.replace(CLOSE, CLOSE + sign)
        assert read_first(exchange(server.port, refused))[0] in (401, 403), sign


def write_frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """A frame of HTTP/2 (RFC 9113, 4.1)."""
    return b"%b%c%c%b%b" % (
        len(payload).to_bytes(3, "big"), kind, flags, stream.to_bytes(4, "big"), payload,
    )  # fmt: skip


@pytest.mark.parametrize("authority", [b"localhost", b"evil.test"])
def test_no_host_lets_anyone_write_without_a_key_over_http_2(
    server: Server, authority: bytes
) -> None:
    """Where a Host header hides `:authority`, it must not matter."""
    fields = {
        b":method": b"POST", b":scheme": b"http", b":path": b"/countries", b":authority": authority,
        b"host": b"localhost", b"content-type": b"application/json",
    }  # fmt: skip
    # Literal fields without an index (RFC 7541, 6.2.2).
    block = b"".join(
        b"\0%c%b%c%b" % (len(name), name, len(value), value) for name, value in fields.items()
    )
    received = exchange(
        server.port,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + write_frame(4, 0, 0, b"")
        + write_frame(1, 4, 1, block)
        + write_frame(0, 1, 1, BODY),
    )
    assert b"Writing takes a key here" in received
    with server.client() as client:
        assert "Atlantis" not in {country["name"] for country in client.list_countries()}


def test_a_body_that_comes_byte_by_byte_is_read(server: Server) -> None:
    slow = [bytes([byte]) for byte in b'{"name":"Slow"}']
    received = exchange(
        server.port, POST + CLOSE + b"Content-Length: 15\r\n\r\n", *slow, pause=0.02
    )
    assert read_first(received)[0] == 201


def test_requests_in_a_row_are_answered_in_a_row(server: Server) -> None:
    ask = b"GET /countries/%s?fields=id HTTP/1.1\r\nHost: localhost\r\n\r\n"
    received = exchange(server.port, ask % b"TH" + ask % b"AU" + ask % b"EG")
    assert received.count(b"HTTP/1.1 200 ") == 3
    places = [received.index(b'{"id":%d}' % id) for id in (1, 2, 3)]
    assert places == sorted(places)


def test_rubbish_behind_a_request_does_not_spoil_its_answer(server: Server) -> None:
    ask = b"GET /countries/TH?fields=id HTTP/1.1\r\nHost: localhost\r\n\r\n"
    received = exchange(server.port, ask + b"\x00\xff garbage \r\n\r\n" * 10)
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.count(b"HTTP/1.1 200 ") == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50,
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /countries HTTP/1.1\r\n\r\n",
        b"GET /countries HTTP/1.0\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /countries/%00%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /countries/%C0%AF HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /countries?limit=%ff%fe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //countries//TH HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /countries/\xf0\x9f\x87\xb9 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: local host:port\r\n\r\n",
        b'GET / HTTP/1.1\r\nHost: localhost\r\nAccept: \xff;q=nan, ;;,\r\nIf-None-Match: "\r\n\r\n',
        b"GET / HTTP/1.1\r\nHost: localhost\r\nRange: bytes=9-1,a-b\r\nIf-Modified-Since: never\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"CONNECT localhost:22 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"TRACE / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"get /countries HTTP/1.1\r\nHost: localhost\r\n\r\n",
        POST.replace(b"POST", b"post") + b"Content-Length: 19\r\n\r\n" + BODY,
        b"BREW /pot HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 40,
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 5, 6\r\n\r\nhello",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: gzip\r\n\r\nhello",
        POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nhello",
        POST + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
        POST + b"Content-Length: 6\r\n\r\n\xff\xfe\x00\x00{}",
        POST + b"Expect: the unexpected\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /countries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=\xff\r\n"
        b"Content-Length: 2\r\n\r\n{}",
        b"POST /countries HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nUpgrade: websocket\r\n"
        b"Connection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
    ],
)
def test_broken_requests_are_refused_at_most(server: Server, sent: bytes) -> None:
    received = exchange(server.port, sent, pause=0)
    if received.startswith(b"HTTP/1."):  # nothing, or frames of HTTP/2, are answers too
        status, _ = read_first(received)
        assert 200 <= status < 500, received[:300]
        assert status != 201
        assert b"<html" not in received.lower()
