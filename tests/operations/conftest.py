"""Data directories that are ready to be served: of a small world, where a test says nothing else."""

import shutil
from pathlib import Path

import pytest

from tests.conftest import copy_world
from tests.operations.processes import run_here, verify


@pytest.fixture(scope="session")
def filled_world(tmp_path_factory: pytest.TempPathFactory, small_world_file: Path) -> Path:
    """A data directory with a small world in it, not to be changed."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    folder.mkdir()
    shutil.copy(small_world_file, folder / "register.sqlite")
    return folder


@pytest.fixture
def filled_postgresql_url(postgresql_url: str, small_world_file: Path) -> str:
    """The URL of a PostgreSQL database of the test's own, with a small world in it."""
    copy_world(small_world_file, postgresql_url)
    return postgresql_url


@pytest.fixture(scope="session")
def loaded(filled_world: Path) -> int:
    """How many entries the log of a fresh small world has."""
    return verify(filled_world)


@pytest.fixture
def data(filled_world: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, with a small world in it."""
    return Path(shutil.copytree(filled_world, tmp_path / "data"))


@pytest.fixture(params=["sqlite", "postgresql"])
def small_world_url(request: pytest.FixtureRequest) -> str:
    """The URL of a small world of the test's own, on each database."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("filled_postgresql_url"))
    folder = request.getfixturevalue("data")
    return f"sqlite:///{folder / 'register.sqlite'}"


@pytest.fixture
def starter_data(tmp_path: Path) -> Path:
    """The data directory of a starter register, which is verified and replaced in an instant."""
    assert run_here("load", "starter", "--data", tmp_path / "data").exit_code == 0
    return tmp_path / "data"
