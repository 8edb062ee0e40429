"""A review, without network, of what runs with Terrafirma: nothing under a licence that binds us."""

import re
from importlib.metadata import PackageNotFoundError, files, metadata
from pathlib import Path

import pytest

LOCKED = (Path(__file__).parent.parent / "requirements" / "run.txt").read_text(encoding="utf-8")
NAMES = re.findall(r"^([a-z0-9._-]+)(?:\[[a-z]+\])?==", LOCKED, re.MULTILINE)
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|Permission is hereby granted, free|MPL|Mozilla|0BSD|Zlib",
    re.IGNORECASE,
)
WEAK_COPYLEFT = {"psycopg", "psycopg-binary"}
"""LGPL: used as it is, as a library of its own."""


def read_licence(name: str) -> str:
    """What a package says of its licence: by expression, by classifiers, in words, or else in the text it brings."""
    about = metadata(name)
    told = [
        about.get("License-Expression"),
        *(about.get_all("Classifier") or []),
        about.get("License"),
    ]
    said = "; ".join(
        text.split("\n")[0] for text in told if text and ("License ::" in text or "::" not in text)
    )
    texts = [
        file.read_text() for file in files(name) or [] if file.name.upper().startswith("LICENSE")
    ]
    return said or "\n".join(texts)


@pytest.mark.parametrize("name", sorted(set(NAMES)))
def test_what_runs_is_permissively_licensed(name):
    try:
        licence = read_licence(name)
    except PackageNotFoundError:
        pytest.skip("not for this system")
    if name in WEAK_COPYLEFT:
        assert "Lesser" in licence or "LGPL" in licence
    else:
        assert PERMISSIVE.search(licence), licence
        assert "GPL" not in licence


def test_the_lock_is_read_whole():
    assert len(NAMES) > 30
    assert {"flask", "authlib", "joserfc", "cryptography"} <= set(NAMES)
