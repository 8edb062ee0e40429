"""`/`, `/health` and `/ready`: what the server says of itself, also without its database."""

import subprocess
import sys

import psycopg
import sqlalchemy as sa

from terrafirma.api import service
from terrafirma.http.app.context import EXTENSION
from terrafirma.register.jobs import LEASE_SECONDS
from terrafirma.register.model.clock import later
from terrafirma.storage.engine.schema import newest
from tests.operations.processes import clean_environment
from tests.work.conftest import wait_until


def test_index_names_the_register_and_where_things_are(client):
    about = client.get("/").json
    assert about["name"] == "Terrafirma"
    assert about["dataset"].startswith("world ")
    entries = about["entries"]
    for link in ("countries", "health", "ready"):
        assert client.get(about["links"][link]).status_code == 200
    client.patch("/countries/TH", json={"area": 1})
    assert client.get("/").json["entries"] > entries


def test_health_and_readiness(client):
    assert client.get("/health").json == {"status": "alive"}
    assert client.get("/ready").json == {
        "status": "ready",
        "schema": newest(),
        "entries": client.get("/").json["entries"],
        "workers": 0,
    }


def test_a_worker_that_was_killed_is_missed_once_its_lease_is_over(sqlite_client, monkeypatch):
    state = sqlite_client.application.extensions[EXTENSION]
    command = [sys.executable, "-m", "tests.operations.quick_worker"]
    told = clean_environment(
        TERRAFIRMA_DATA=str(state.settings.data), DATABASE_URL=state.settings.database_url
    )
    with subprocess.Popen(command, env=told, stderr=subprocess.DEVNULL) as worker:
        wait_until(lambda: sqlite_client.get("/ready").json["workers"])
        worker.kill()
    assert sqlite_client.get("/ready").json["workers"] == 1
    monkeypatch.setattr(service, "later", lambda seconds: later(seconds + LEASE_SECONDS + 1))
    answer = sqlite_client.get("/ready")
    assert (answer.status_code, answer.json["workers"]) == (200, 0)


def test_a_lost_database_is_told_and_the_process_is_still_alive(
    open_app, postgresql_world_url, postgresql_server
):
    client = open_app(postgresql_world_url).test_client()
    assert client.get("/countries/TH").status_code == 200
    name = postgresql_world_url.rpartition("/")[2]
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
    assert client.get("/health").json == {"status": "alive"}
    for path in ("/ready", "/countries/TH", "/countries", "/"):
        answer = client.get(path)
        assert (answer.status_code, answer.content_type) == (503, "application/json"), path
    answer = client.post("/countries", json={"name": "X"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    assert client.get("/ready").status_code == 200
    assert client.get("/countries/TH").json["name"] == "Thailand"


def test_an_older_schema_is_not_ready(open_app, world_url):
    app = open_app(world_url)
    with app.extensions[EXTENSION].database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM alembic_version"))
    answer = app.test_client().get("/ready")
    assert answer.status_code == 503
    assert "older schema" in answer.json["error"]
