"""Data directories that are ready to be served."""

import shutil
from pathlib import Path

import pytest

from tests.operations.processes import run_here, verify


@pytest.fixture(scope="session")
def filled_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the world in it, not to be changed."""
    folder = tmp_path_factory.mktemp("filled") / "data"
    loaded = run_here("load", "world", "--data", folder)
    assert loaded.exit_code == 0, loaded.output
    return folder


@pytest.fixture(scope="session")
def loaded(filled_world: Path) -> int:
    """How many entries the log of a fresh world has."""
    return verify(filled_world)


@pytest.fixture
def data(filled_world: Path, tmp_path: Path) -> Path:
    """A data directory of the test's own, with the world in it."""
    return Path(shutil.copytree(filled_world, tmp_path / "data"))


@pytest.fixture
def starter_data(tmp_path: Path) -> Path:
    """The data directory of a starter register, which is verified and replaced in an instant."""
    assert run_here("load", "starter", "--data", tmp_path / "data").exit_code == 0
    return tmp_path / "data"
