"""The npm client of both versions, `@yusifaliyevpro/countries`, against a live server: only its base URL is ours."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.npm_packages import find_node, install_packages

CLIENTS = Path(__file__).with_name("clients")

CALLS_31 = {
    "all": 250,
    "independent": 195,
    "code": "Germany",
    "whole": ["Berlin"],
    "codes": ["FRA", "DEU"],
    "name": ["PRK", "KOR"],
    "fullText": ["DEU"],
    "currency": ["JPN"],
    "lang": ["EST"],
    "capital": "EST",
    "region": 53,
    "subregion": 16,
    "demonym": "PER",
    "translation": "DEU",
    "missing": None,
}
CALLS_5 = {
    "all": 250,
    "filtered": ["Austria", "Cyprus", "Ireland", "Malta"],
    "search": ["India"],
    "alpha_2": "Germany",
    "alpha_3": "France",
    "ccn3": "Peru",
    "cioc": "Switzerland",
    "name": ["North Korea", "South Korea"],
    "fullText": ["Canada"],
    "region": 27,
    "subregion": 10,
    "lang": 21,
    "currency": ["Japan"],
    "capital": "Canada",
    "demonym": "Peru",
    "translation": "Germany",
    "missing": False,
}


@pytest.fixture(scope="module")
def client_folder() -> Path:
    """A folder with the packages."""
    return install_packages(CLIENTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ("use_yusifaliyevpro_countries.mjs", CALLS_31),
        ("use_yusifaliyevpro_countries_v5.mjs", CALLS_5),
    ],
)
def test_the_npm_client_works_unchanged(client_folder, server, script, calls):
    """Version 5 holds all 250 records to the client's strict schema."""
    shutil.copy(CLIENTS / script, client_folder)
    command = [*(find_node() or []), script, server]
    ran = subprocess.run(
        command, cwd=client_folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    answered = json.loads(ran.stdout.splitlines()[-1])
    assert {name: answered[name] for name in calls} == calls
    assert answered.keys() - calls.keys() <= {"fields"}
