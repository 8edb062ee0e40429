"""`terrafirma fields`: declarations of fields, which hold at every door."""

import shutil

import pytest

from tests.operations.processes import run_here


@pytest.fixture(scope="module")
def data(world_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    shutil.copyfile(world_file, folder / "register.sqlite")
    return folder


def run(data, *words):
    done = run_here("fields", *words, "--data", data)
    assert "Traceback" not in done.output
    return done


def test_a_field_is_declared_shown_and_ended(data, tmp_path):
    choices = ("--choice", "APAC", "--choice", "EMEA")
    assert (
        run(data, "add", "region_of_sales", *choices, "--description", "Sold there.").exit_code == 0
    )
    line = "country: extra.region_of_sales  text  APAC | EMEA  Sold there.\n"
    assert run(data, "list").stdout == line
    shown = run(data, "show", "region_of_sales").stdout
    assert '"enum":["APAC","EMEA"]' in shown
    (tmp_path / "rows.csv").write_text("alpha2,region_of_sales\nTH,ASIA\n")
    refused = run_here("import", tmp_path / "rows.csv", "--data", data)
    assert refused.exit_code == 1
    assert "APAC" in refused.output
    assert run(data, "delete", "region_of_sales").exit_code == 0
    assert run(data, "list").stdout == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add", "bad name"), 1, "letters, digits, dashes and underscores"),
        (("add", "a", "--type", "colour"), 2, "is not one of"),
        (("add", "owner", "--required"), 1, "And 90 more."),
        (("add", "area_code", "--choice", ""), 1, "must not be empty"),
        (("show", "nothing"), 1, "No field nothing of countries is declared."),
        (("delete", "nothing"), 1, "No field nothing of countries is declared."),
        (("add", "x", "--kind", "planet"), 2, "is not one of"),
    ],
)
def test_a_bad_declaration_is_refused_in_a_sentence(data, words, code, said):
    done = run(data, *words)
    assert done.exit_code == code
    assert said in done.output
    assert run(data, "list").stdout == ""


def test_an_export_to_standard_output_is_an_import_from_standard_input(data):
    words = ("--query", "fields=alpha2,name&region=Oceania&limit=5", "--data", data)
    plain = run_here("export", "-", *words)
    assert plain.stdout.startswith("alpha2,name\nAU,Australia\n")
    assert plain.stderr.endswith("Wrote 5 countries to standard output.\n")
    lines = run_here("export", "-", "--format", "ndjson", *words)
    assert lines.stdout.splitlines()[0] == '{"alpha2":"AU","name":"Australia"}'
    named = run_here("export", "x.unknown", *words)
    assert named.exit_code == 1
    assert "--format" in named.output
