"""What most processes never need is not there until it is needed."""

import subprocess
import sys

import pytest

from terrafirma.deferred import Deferred

SERVE = """
import sys
from pathlib import Path
from terrafirma import server, worker
from terrafirma.commands import main
from terrafirma.config import Settings
from terrafirma.factory import create_app
client = create_app(Settings(Path(sys.argv[1]), log="none")).test_client()
assert client.get("/countries").status_code == client.get("/v3.1/all").status_code == 200
own = {"terrafirma.inside": True}
assert client.patch("/countries/TH", json={"area": 1}, environ_overrides=own).status_code == 200
print(*sys.modules)
"""
SPARED = {
    "alembic", "authlib", "cryptography", "huey", "joserfc", "psycopg", "redis",
    "python_calamine", "requests", "xlsxwriter",
}  # fmt: skip


def test_a_server_that_needs_them_not_has_none_of_them(sqlite_world_url, tmp_path):
    # The first upgrades the vault.
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", SERVE, tmp_path], check=True, stdout=subprocess.PIPE, text=True
        )
    assert SPARED.isdisjoint(told.stdout.split())


def test_what_reads_a_file_has_no_models_of_records():
    """They would be most of what an import of a small file takes."""
    asked = "import sys, terrafirma.work.parse_file; print(*sys.modules)"
    told = subprocess.check_output([sys.executable, "-c", asked], text=True)
    assert {*SPARED, "pydantic", "sqlalchemy"}.isdisjoint(told.split())


def test_a_deferred_module_answers_as_itself():
    json = Deferred("json")
    assert json.loads("[1]") == [1]
    with pytest.raises(AttributeError):
        _ = json.nothing
    with pytest.raises(ModuleNotFoundError):
        _ = Deferred("nowhere").nothing
