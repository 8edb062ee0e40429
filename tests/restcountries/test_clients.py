"""Other people's client libraries, as their registries have them, against a live server: only the base URL is ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.operations.processes import clean_environment

CLIENTS = Path(__file__).with_name("clients")

FLAG = "SERVER/flags/de.svg"
"""SERVER stands for the address of the server."""

TOLD = {
    "pyrestcountries": {
        "countries": 250,
        "germany": [
            "Germany",
            ["Berlin"],
            FLAG,
            "https://www.openstreetmap.org",
        ],
        "peru": ["PER", [-9.15, -74.38], "Peruvian"],
        "allemagne": "DEU",
        "swaziland": "SWZ",
    },
    "python_restcountries": {
        "all": 250,
        "some": ["Kabul"],
        "name": ["FRA"],
        "language": ["Estonia"],
        "calling_code": ["Peru"],
        "code": ["Peru", "Lima", "604", "PEN", "Perú"],
        "codes": ["Norway", "Estonia"],
        "currency": ["Japan"],
        "region": 52,
        "subregion": 16,
        "capital": ["Estonia"],
        "missing": "InvalidURL",
    },
    "python_countries": {
        "name": "COL",
        "full_name": "France",
        "iso_code": "Bogotá",
        "currency": ["Japan"],
        "language": 21,
        "capital_city": "Peru",
        "calling_code": "Estonia",
        "region": 29,
        "missing": '{"message":"Not Found","status":404}',
    },
    "infokannegara": {
        "capital": ["Jakarta"],
        "population": True,
        "info": {"root": "+4", "suffixes": ["9"]},
        "missing": None,
    },
}
"""What each client makes of our answers."""


@pytest.mark.parametrize("name", TOLD)
def test_a_client_works_unchanged(name, server, tmp_path):
    """Each in a process of its own: they keep caches and base URLs where others would see them."""
    environment = clean_environment(XDG_CACHE_HOME=str(tmp_path), HOME=str(tmp_path))
    command = [sys.executable, str(CLIENTS / f"use_{name}.py"), server]
    ran = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    told = ran.stdout.splitlines()[-1].replace(server, "SERVER")
    assert json.loads(told) == TOLD[name]
