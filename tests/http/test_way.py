"""The files of the project that a request enters, on its way in and out: few enough to be read."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest
from flask.testing import FlaskClient

import terrafirma

PROJECT = Path(terrafirma.__file__).parent

MOST = {
    ("GET", "/countries?region=Asia&sort=-area&limit=5"): 24,
    ("PATCH", "/countries/TH"): 43,
    ("GET", "/countries/TH"): 20,
    ("GET", "/health"): 8,
}
"""Files entered by a request whose code is warm and whose answer is not cached."""


def list_entered(ask: Callable[[], object]) -> list[str]:
    """The files whose functions run while something is asked."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        ask()
    finally:
        sys.setprofile(None)
    return sorted(
        str(Path(name).relative_to(PROJECT)) for name in entered if name.startswith(str(PROJECT))
    )


@pytest.mark.parametrize(("method", "path"), MOST)
def test_a_request_enters_few_files(open_app, sqlite_world_url, method, path):
    client: FlaskClient = open_app(sqlite_world_url, hot_cache=0).test_client()

    def ask(area: int = 513120) -> None:
        body = {"json": {"area": area}} if method == "PATCH" else {}
        assert client.open(path, method=method, **body).status_code == 200

    ask(1)
    files = list_entered(ask)
    print(f"{method} {path}: {len(files)}", *files, sep="\n  ")
    assert len(files) <= MOST[method, path]


def test_a_health_check_runs_no_code_of_other_doors(open_app, sqlite_world_url):
    client = open_app(sqlite_world_url, hot_cache=0).test_client()
    client.get("/health")
    files = list_entered(lambda: client.get("/health"))
    # The old service's own host name is told before any address is known.
    others = [name for name in files if name.startswith(("web/", "restcountries/"))]
    assert others == ["restcountries/middleware.py"]
