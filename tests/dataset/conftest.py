"""The committed dataset, and the packages it was built from where they are at hand."""

import json
import os
from typing import Any

import pytest
from filelock import FileLock

from terrafirma.dataset.build import DATA, build_files, write_files
from terrafirma.dataset.former import is_former
from terrafirma.dataset.inputs import FOLDER, Inputs, fetch_inputs, read_lock
from terrafirma.dataset.overrides import read_facts
from terrafirma.dataset.reference import code_of
from terrafirma.register.model.timelines import fields_on
from tests.conftest import RUN_FOLDER

TODAY = "2026-11-22"


def read_data(name: str) -> Any:
    """One committed file, parsed."""
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stored() -> dict[str, dict[str, Any]]:
    """The stored documents: the countries of today by alpha-2, former ones by alpha-4."""
    return {code_of(document): document for document in read_data("countries.json")}


@pytest.fixture(scope="session")
def documents(stored: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the countries of today are today, by alpha-2."""
    return {
        code: fields_on(document, TODAY) for code, document in stored.items() if not is_former(code)
    }


@pytest.fixture(scope="session")
def tables() -> dict[str, Any]:
    """The reference tables by name."""
    names = (
        "currencies",
        "languages",
        "regions",
        "sources",
        "provenance",
        "postal_examples",
        "version",
    )
    return {name: read_data(f"{name}.json") for name in names}


@pytest.fixture(scope="session")
def inputs() -> Inputs:
    """The pinned packages. In CI they are fetched; by hand, tests that need them skip where they are missing."""
    packages, _ = read_lock()
    missing = [package.filename for package in packages if not (FOLDER / package.filename).exists()]
    if missing and not os.environ.get("CI"):
        pytest.skip(
            f"the dataset's packages are not in .cache/inputs ({len(missing)} missing): run make dataset once"
        )
    FOLDER.mkdir(parents=True, exist_ok=True)
    # One worker fetches, the others wait and find everything there.
    with FileLock(FOLDER / ".lock"):
        return fetch_inputs()


@pytest.fixture(scope="session")
def built(inputs: Inputs, request: pytest.FixtureRequest) -> dict[str, bytes]:
    """What a build gives now: one worker builds, which takes long, and the others read what came of it."""
    kept = request.config.stash[RUN_FOLDER] / "built"
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            write_files(build_files(inputs, read_facts()), kept)
    return {path.name: path.read_bytes() for path in kept.iterdir()}
