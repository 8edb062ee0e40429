"""`terrafirma changes`: the newest entries of the log."""

import json
import shutil

import pytest

from tests.operations.processes import run_here


@pytest.fixture(scope="module")
def data(world_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    shutil.copyfile(world_file, folder / "register.sqlite")
    rows = folder / "rows.csv"
    rows.write_text("alpha2,population\nTH,1\nFR,2\n")
    assert run_here("import", rows, "--commit", "--data", folder).exit_code == 0
    return folder


def run(data, *words):
    done = run_here("changes", *words, "--data", data)
    assert isinstance(done.exception, SystemExit | None)
    return done


def test_changes_are_listed_newest_first(data):
    lines = run(data).stdout.splitlines()
    assert len(lines) == 2
    assert "country" in lines[0]
    assert lines[0].endswith("France  population")
    assert lines[1].endswith("Thailand  population")
    [last] = json.loads(run(data, "--limit", "1", "--json").stdout)
    assert (last["name"], last["fields"]) == ("France", ["population"])
    assert run(data, "--since", str(last["entry"])).stdout == ""
    assert run(data, "--since", last["at"][:10]).stdout.splitlines() == lines
    assert run(data, "--kind", "group").stdout == ""
    assert len(run(data, "--all", "--limit", "5").stdout.splitlines()) == 5


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "-1", "9999-01-01x"])
def test_what_is_no_entry_and_no_day_is_refused(data, since):
    done = run(data, f"--since={since}")
    assert done.exit_code == 1
    assert "--since" in done.output
