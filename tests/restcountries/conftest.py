"""A live server with the world, for clients and pages of any language."""

import pytest

from tests.operations.processes import TERRAFIRMA, Server
from tests.postgres_server import find_free_port


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A server with the world, and its address."""
    folder = tmp_path_factory.mktemp("clients")
    port = find_free_port()
    command = [TERRAFIRMA, "serve", "--data", str(folder), "--port", str(port)]
    with Server(command, port, folder / "log"):
        yield f"http://127.0.0.1:{port}"
