"""A live server with the world, and generators of clients from npm."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.npm_packages import install_packages
from tests.operations.processes import TERRAFIRMA, Server
from tests.postgres_server import find_free_port


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server with the world, which every test may write to."""
    folder = tmp_path_factory.mktemp("clients")
    port = find_free_port()
    command = [TERRAFIRMA, "serve", "--data", str(folder), "--port", str(port)]
    with Server(command, port, folder / "log"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def packages() -> Path:
    """The folder node_modules of the packages that package.json names."""
    return install_packages(Path(__file__).parent) / "node_modules"
