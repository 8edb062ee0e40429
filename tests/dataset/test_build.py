"""The build itself: same bytes again, nothing fetched twice, capitals where they should be."""

from pathlib import Path

import pytest

from terrafirma.dataset import build
from terrafirma.dataset import inputs as inputs_module
from terrafirma.dataset.inputs import (
    InputError,
    Inputs,
    Package,
    check_package,
    fetch_command,
    fetch_packages,
    read_lock,
)
from terrafirma.dataset.sources.country_coder import find_country, list_parts, read_features
from terrafirma.dataset.sources.geonames import locate_places


def test_a_build_gives_the_committed_bytes(built: dict[str, bytes]) -> None:
    committed = {path.name: path.read_bytes() for path in build.DATA.iterdir()}
    assert sorted(built) == sorted(committed)
    assert [name for name in built if built[name] != committed[name]] == []


@pytest.mark.slow
def test_check_names_what_differs(
    built: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    build.write_files(built, tmp_path)
    monkeypatch.setattr(build, "DATA", tmp_path)
    assert build.check_files(built) == 0
    (tmp_path / "countries.json").write_bytes(b"[]\n")
    (tmp_path / "stray.json").write_bytes(b"{}\n")
    assert build.check_files(built) == 1
    assert capsys.readouterr().err.split()[0::7] == ["countries.json", "stray.json"]


def test_capitals_lie_inside_their_country(
    built: dict[str, bytes], documents: dict[str, dict[str, object]]
) -> None:
    report = built["build-report.md"].decode()
    found = next(
        line for line in report.splitlines() if "capitals with coordinates lie inside" in line
    )
    inside, placed = (int(word) for word in found.split() if word.isdigit())
    assert inside >= 243
    # The borders are drawn as held: El Aaiún lies in Morocco, East Jerusalem in Israel.
    assert placed - inside <= 2
    assert placed == len([1 for document in documents.values() if "capitals" in document])


def test_borders_tell_countries_apart(inputs: Inputs) -> None:
    parts = list_parts(read_features(inputs))
    spots = {
        (2.35, 48.85): "FR",
        (12.4534, 41.9033): "VA",
        (-52.33, 4.92): "GF",
        (28.98, 41.0): "TR",
        (0.0, 0.0): None,
    }
    assert {spot: find_country(parts, spot) for spot in spots} == spots


def test_places_prefer_their_own_name_then_size(inputs: Inputs) -> None:
    places = locate_places(
        inputs, {"GB": {"London"}, "CA": {"London"}, "TH": {"Krung Thep", "Nowhere"}}
    )
    assert places["GB", "London"] == pytest.approx((51.51, -0.13), abs=0.02)
    assert places["CA", "London"] == pytest.approx((42.98, -81.23), abs=0.05)
    assert places["TH", "Krung Thep"] == pytest.approx((13.75, 100.5), abs=0.05)
    assert ("TH", "Nowhere") not in places


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.whl").write_bytes(b"another")
    with pytest.raises(InputError, match=r"a\.whl is not what the lock names"):
        check_package(Package("a", "pypi", "1", "a.whl", "0" * 128), tmp_path)


def test_packages_are_fetched_without_running_them() -> None:
    packages, sources = read_lock()
    assert {package.registry for package in packages} == {"npm", "pypi"}
    for package in packages:
        command = fetch_command([package], "folder")
        assert (
            "--no-deps" in command and "--only-binary=:all:" in command
        ) or "--ignore-scripts" in command
        assert len(package.sha512) == 128
    assert sources["cldr"]["version"] == "48.2.0"


def test_a_package_that_cannot_be_fetched_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs_module, "fetch_command", lambda *_: [str(tmp_path / "nothing")])
    with pytest.raises(InputError, match="cannot fetch"):
        fetch_packages([Package("a", "pypi", "1", "a.whl", "0" * 128)], tmp_path)
