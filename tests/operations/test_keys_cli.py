"""`terrafirma keys`, beside a server that is running."""

import json
from pathlib import Path

import pytest

from tests.operations.processes import make_server, run_command, run_here


def make(data, *arguments):
    """A new key's bits."""
    made = run_here("keys", "create", "--data", data, "--role", *arguments)
    assert made.exit_code == 0, made.output
    return made.stdout.strip()


def test_a_key_is_taken_and_refused_at_once_by_every_worker(data):
    with make_server(data, workers=2) as server:

        def send(method, path, body=None, **headers):
            # On a new connection each time, which goes to either worker.
            with server.client() as client:
                return client.send(method, path, body, **headers)

        assert send("POST", "/countries", {"name": "Open"}).status == 201
        bearer = f"Bearer {make(data, 'editor', '--note', 'CI')}"
        for number in range(8):
            assert send("POST", "/countries", {"name": f"C{number}"}).status == 401
            assert (
                send("POST", "/countries", {"name": f"C{number}"}, Authorization=bearer).status
                == 201
            )
            assert send("GET", "/me", Authorization=bearer).json["actor"] == "key:1"
        assert run_here("keys", "revoke", "1", "--data", data).exit_code == 0
        for _ in range(8):
            assert send("GET", "/countries/TH", Authorization=bearer).status == 401
            assert send("POST", "/countries", {"name": "Y"}).status == 401
        assert bearer.removeprefix("Bearer ") not in server.read_log()


def test_a_server_for_all_says_what_is_closed(data):
    with make_server(data, "--host", "0.0.0.0") as server, server.client() as client:
        told = server.read_log()
        assert (
            "Everyone who reaches it may read. Writing takes a key, from here too: terrafirma keys create"
            in told
        )
        assert client.send("POST", "/countries", {"name": "X"}).status == 401
        bearer = f"Bearer {make(data, 'editor')}"
        assert client.send("POST", "/countries", {"name": "X"}, Authorization=bearer).status == 201


def test_keys_are_listed_and_rotated(tmp_path):
    first = make(tmp_path, "editor", "--country", "th", "--kind", "country", "--expires", "12h")
    rotated = run_here("keys", "rotate", "1", "--data", tmp_path).stdout.strip()
    listed = run_here("keys", "list", "--data", tmp_path).stdout
    assert listed.startswith(f"1  {rotated[:11]}  editor")
    assert "countries ['TH']" in listed
    assert not [bits for bits in (first, rotated) if bits[12:] in listed]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("create",), "Missing option '--role'"),
        (("create", "--role", "owner"), "'owner' is not one of"),
        (("create", "--role", "editor", "--expires", "soon"), "expires must be a time from now"),
        (("create", "--role", "editor", "--kind", "planet"), "kinds must be among country, "),
        (("create", "--role", "admin", "--country", "TH"), "countries must be absent"),
        (("revoke", "7"), "There is no key 7."),
        (("rotate", "7"), "There is no key 7."),
    ],
)
def test_what_cannot_be_done_is_said(tmp_path, arguments, fault):
    told = run_here("keys", *arguments, "--data", tmp_path)
    assert told.exit_code != 0
    assert fault in told.output


def test_the_key_alone_goes_to_standard_output(tmp_path):
    made = run_command("keys", "create", "--role", "reader", "--data", tmp_path)
    assert made.stdout.startswith("tf_")
    assert made.stdout.count("\n") == 1
    assert "shown once" in made.stderr


def test_keys_are_listed_as_json(data):
    make(data, "reader", "--note", "CI")
    [key] = json.loads(run_here("keys", "list", "--json", "--data", data).stdout)
    assert (key["id"], key["role"], key["note"]) == (1, "reader", "CI")
    assert "1  " in run_here("keys", "list", "--data", data).stdout
    assert json.loads(run_here("fields", "list", "--json", "--data", data).stdout) == []


def test_a_command_takes_the_register_that_the_settings_name(tmp_path: Path) -> None:
    data, starter = tmp_path / "data", {"TERRAFIRMA_DATASET": "starter"}
    assert run_here("load", "starter", "--data", data).exit_code == 0
    made = run_here("keys", "create", "--role", "reader", "--data", data, **starter)
    assert made.exit_code == 0, made.output
    assert "reader" in run_here("keys", "list", "--starter", "--data", data).output
    assert not (data / "register.sqlite").exists()
