"""The built wheel alone, in an environment outside the clone, serves the world."""

import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from terrafirma.dataset.prepared import prepared_file
from tests.operations.processes import Server, clean_environment
from tests.postgres_server import find_free_port

ROOT = Path(__file__).parent.parent.parent


def run(*command: str | Path) -> str:
    """Standard output of a command that must succeed, without this environment's Python settings."""
    environment = {
        name: text for name, text in clean_environment().items() if not name.startswith("PYTHON")
    }
    done = subprocess.run(
        [str(part) for part in command],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def list_package() -> set[str]:
    """Every file of the package in the clone that git keeps or would keep."""
    command = [
        "git",
        "-C",
        str(ROOT),
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "--deduplicate",
        "terrafirma",
    ]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return {name for name in listed.stdout.splitlines() if (ROOT / name).is_file()}
    files = (
        path
        for path in (ROOT / "terrafirma").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    )
    return {path.relative_to(ROOT).as_posix() for path in files}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built offline."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("terrafirma-*.whl")
    return built


def test_the_wheel_has_every_file_of_the_package(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as opened:
        packed = set(opened.namelist())
    assert not list_package() - packed
    assert not [name for name in packed if not name.startswith(("terrafirma/", "terrafirma-"))]
    assert not [name for name in packed if name.endswith(".pyc")]
    ready = f"terrafirma/dataset/{prepared_file().name}"
    assert [name for name in packed if name.endswith(".sqlite")] == [ready]


def test_the_wheel_alone_serves_the_world(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    run(
        sys.executable,
        "-m",
        "pip",
        "--python",
        venv,
        "install",
        "--quiet",
        "--no-index",
        "--no-deps",
        wheel,
    )
    # The dependencies, and not the clone: a path named in a .pth file has its own .pth files left unread.
    (site,) = venv.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    where = run(venv / "bin" / "python", "-c", "import terrafirma; print(*terrafirma.__path__)")
    assert Path(where.strip()) == site / "terrafirma"

    port, data = find_free_port(), tmp_path / "data"
    command = [str(venv / "bin" / "terrafirma"), "serve", "--data", str(data), "--port", str(port)]
    with (
        Server(command, port, tmp_path / "log", tmp_path, PYTHONPATH="") as server,
        server.client() as client,
    ):
        assert len(client.list_countries()) == 250
        assert client.get("/countries/TH")["capital"] == "Bangkok"
        assert client.send("POST", "/countries", {"name": "Atlantis"}).json["id"] == 273
    run(venv / "bin" / "terrafirma", "verify", "--data", data)
