"""Addresses that others chose lead to the public internet only, and to whom they were found to name."""

import datetime as dates
import socket
import ssl
import threading
import time
from ipaddress import ip_address, ip_network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from terrafirma import outbound
from terrafirma.errors import Invalid
from terrafirma.outbound import GuardedConnection
from terrafirma.outbound_targets import check_target, is_allowed
from tests.work.receivers import answer, receiving

HERE = (ip_network("127.0.0.0/8"),)


def send(*urls, networks=HERE):
    """What comes of sending nothing to addresses over one line: the last answer."""
    with GuardedConnection(networks) as line:
        return [line.post(url, {}, b"") for url in urls][-1]


HOSTILE = [
    "http://127.0.0.1/", "http://127.1/", "http://0x7f.1/", "http://0177.0.0.1/", "http://2130706433/",
    "http://127.0.0.1.:80/", "http://localhost/", "http://LOCALHOST:8080/", "http://[::1]/", "http://[::]/",
    "http://0.0.0.0/", "http://0/", "http://10.0.0.1/", "http://172.16.0.1/", "http://192.168.1.1/",
    "http://100.64.0.1/", "http://169.254.169.254/latest/meta-data/", "http://192.0.2.1/", "http://198.18.0.1/",
    "http://224.0.0.1/", "http://240.0.0.1/", "http://255.255.255.255/", "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:7f00:1]/", "http://[::127.0.0.1]/", "http://[64:ff9b::10.0.0.1]/", "http://[64:ff9b:1::1]/",
    "http://[2002:7f00:1::]/", "http://[2002:a9fe:a9fe::1]/", "http://[2001:0:1::1]/", "http://[fe80::1]/",
    "http://[fe80::1%25eth0]/", "http://[fc00::1]/", "http://[fd00:ec2::254]/", "http://[fec0::1]/",
    "http://[ff02::1]/", "http://[2001:db8::1]/", "http://[100::1]/", "http://user@8.8.8.8/",
    "http://user:pass@8.8.8.8/", "http://8.8.8.8@127.0.0.1/", "http://8.8.8.8#@127.0.0.1/",
    "http://8.8.8.8\\@127.0.0.1/", "ftp://8.8.8.8/", "file:///etc/passwd", "gopher://8.8.8.8/", "http://",
    "http:///x", "https://:443/", "http://8.8.8.8:0/", "http://8.8.8.8:99999/", "http://8.8.8.8:x/", "http://[::1/",
    "http://8.8.8.8/#", "http://ⓛocalhost/", "http://127。0。0。1/", "http://.../", "http://no-such-name.invalid/",
    "http://168.63.129.16/", "http://192.0.0.100/", "http://192.88.99.1/", "http://[3fff::1]/", "http://[5f00::1]/",
    "http://8.8.8.8:22/", "http://8.8.8.8:25/", "http://8.8.8.8:6379/", "https://8.8.8.8:5432/", "http://8.8.8.8:81/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_nothing_is_sent_to(url):
    with pytest.raises(Invalid) as refused:
        check_target("url", url, ())
    (detail,) = refused.value.details
    assert detail.field == "url"
    assert send(url, networks=()).error.startswith("The address ")


@pytest.mark.parametrize(
    "url", ["http://8.8.8.8/", "https://1.1.1.1:8443/a?b=c", "http://[2606:4700::1111]/"]
)
def test_public_addresses_are_taken(url):
    check_target("url", url, ())


@pytest.mark.parametrize(("address", "network"), [
    ("10.1.2.3", "10.0.0.0/8"), ("::ffff:10.1.2.3", "10.0.0.0/8"),
    ("64:ff9b::a01:203", "10.0.0.0/8"), ("fd00::1", "fd00::/8"),
])  # fmt: skip
def test_networks_that_are_named_are_allowed(address, network):
    assert not is_allowed(ip_address(address), ())
    assert is_allowed(ip_address(address), (ip_network(network),))
    assert not is_allowed(ip_address("192.168.0.1"), (ip_network(network),))


@pytest.fixture
def names(monkeypatch):
    """What names mean: each to the addresses of its turn, the last of which stays."""
    known, real = {}, socket.getaddrinfo

    def look_up(host, port, *rest, **more):
        turns = known.get(host)
        if turns is None:
            return real(host, port, *rest, **more)
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


@pytest.mark.parametrize("host", ["metadata.google.internal", "mixed.example.org"])
def test_one_private_address_among_a_names_is_enough(names, host):
    names[host] = [["8.8.8.8", "169.254.169.254"]]
    with pytest.raises(Invalid, match="not valid") as refused:
        check_target("url", f"http://{host}/", ())
    assert "leads to 169.254.169.254" in refused.value.details[0].message


def test_a_name_that_means_another_address_when_it_is_sent_to_is_refused(names):
    with receiving() as receiver:
        names["rebound.example.org"] = [["8.8.8.8"], ["127.0.0.1"]]
        url = receiver.url.replace("127.0.0.1", "rebound.example.org")
        check_target("url", url, ())
        assert "leads to 127.0.0.1" in send(url, networks=()).error
        assert receiver.received == []


def test_a_name_is_looked_up_once_and_the_connection_goes_there(names):
    with receiving() as receiver:
        # Were it asked again to connect, it would lead elsewhere.
        names["receiver.example.org"] = [["127.0.0.1"], ["127.9.9.9"]]
        url = receiver.url.replace("127.0.0.1", "receiver.example.org")
        with GuardedConnection(HERE) as line:
            assert [line.post(url, {"X": "1"}, b"{}").status for _ in range(2)] == [204, 204]
        assert receiver.received[0].headers["host"] == url.split("/")[2]


def test_the_next_address_is_tried_where_one_does_not_answer(names):
    with receiving() as receiver:
        names["two.example.org"] = [["127.0.0.2", "127.0.0.1"]]
        assert send(receiver.url.replace("127.0.0.1", "two.example.org")).status == 204


def test_redirects_are_not_followed(monkeypatch):
    with receiving() as receiver, receiving() as private:
        for status in (301, 302, 303, 307, 308):
            receiver.reply = answer(status, Location=private.url)
            told = send(receiver.url)
            assert (told.status, told.error) == (
                status,
                f"The receiver answered {status}; redirects are not followed.",
            )
        assert private.received == []


def test_no_proxy_of_the_environment_is_asked(monkeypatch, free_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port}")
    with receiving() as receiver:
        assert send(receiver.url).status == 204


def test_a_connection_is_kept_from_one_message_to_the_next():
    with receiving() as receiver:
        ports = []

        def note(handler, message):
            ports.append(handler.client_address[1])
            answer(200, b"x" * 100)(handler, message)

        receiver.reply = note
        with GuardedConnection(HERE) as line:
            assert [line.post(receiver.url, {}, b"").status for _ in range(3)] == [200] * 3
        assert len(set(ports)) == 1


def test_of_a_huge_answer_little_is_read():
    with receiving() as receiver:
        sent = []

        def flood(handler, _):
            handler.send_response(500)
            handler.send_header("Content-Length", str(10**9))
            handler.end_headers()
            while True:
                handler.wfile.write(b"x" * 65536)
                sent.append(65536)

        receiver.reply = flood
        with GuardedConnection(HERE) as line:
            told = line.post(receiver.url, {}, b"")
            assert (told.status, len(told.text)) == (500, 1000)
            receiver.reply = answer(200)
            assert line.post(receiver.url, {}, b"").status == 200
        assert sum(sent) < 20_000_000


def drip(handler, parts):
    """Send bytes one by one, never too late for a socket."""
    try:
        for part in parts:
            handler.wfile.write(part)
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        return


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 100 Continue\r\n\r\n" * 3]
)
def test_a_receiver_that_drips_is_late(monkeypatch, beginning):
    monkeypatch.setattr(outbound, "SECONDS", 0.4)
    with receiving() as receiver:
        receiver.reply = lambda handler, _: drip(handler, [beginning, *[b"x"] * 100])
        begun = time.monotonic()
        told = send(receiver.url)
        assert (told.status, told.error) == (None, "No answer within 0.4 seconds.")
        assert time.monotonic() - begun < 60


def test_a_status_that_was_in_time_counts_whatever_drips_after_it(monkeypatch):
    monkeypatch.setattr(outbound, "SECONDS", 0.4)
    with receiving() as receiver:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
        receiver.reply = lambda handler, _: drip(handler, [head, *[b"x"] * 500])
        with GuardedConnection(HERE) as line:
            begun = time.monotonic()
            assert line.post(receiver.url, {}, b"").status == 200
            assert time.monotonic() - begun < 60
            receiver.reply = answer(204)
            assert line.post(receiver.url, {}, b"").status == 204


@pytest.mark.parametrize(
    "said", [b"", b"SSH-2.0-OpenSSH\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\0" * 1000]
)
def test_what_is_no_answer_is_a_failure(said):
    with receiving() as receiver:

        def babble(handler, _):
            handler.wfile.write(said)
            handler.close_connection = True

        receiver.reply = babble
        told = send(receiver.url)
        assert told.status is None
        assert told.error
        assert "\0" not in told.error


def make_certificate(folder, name):
    """The files of a certificate for a name that nobody vouches for but itself, and of its key."""
    key, subject = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]),
    )
    now = dates.datetime.now(dates.UTC)
    made = x509.CertificateBuilder(
        subject, subject, key.public_key(), 1, now, now + dates.timedelta(days=1)
    )
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = (
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "certificate").write_bytes(pem)
    (folder / "key").write_bytes(key.private_bytes(*form))
    return folder / "certificate", folder / "key"


def answer_once(listener, context):
    """Answer one request, spoken in TLS."""
    try:
        plug, _ = listener.accept()
        with context.wrap_socket(plug, server_side=True) as spoken:
            spoken.recv(65536)
            spoken.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    except OSError:
        return


@pytest.mark.parametrize(
    ("host", "good"), [("secure.example.org", True), ("other.example.org", False)]
)
def test_a_certificate_is_checked_for_the_name(names, tmp_path, monkeypatch, host, good):
    certificate, key = make_certificate(tmp_path, "secure.example.org")
    trust = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(outbound, "load_trust", lambda: trust)
    names[host] = [["127.0.0.1"]]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=answer_once, args=(listener, context), daemon=True)
        serving.start()
        told = send(f"https://{host}:{listener.getsockname()[1]}/")
        serving.join()
    if good:
        assert told.status == 204
    else:
        assert "certificate" in told.error.lower()
