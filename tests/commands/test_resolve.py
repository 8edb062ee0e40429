"""`terrafirma resolve`: a file's column to records, on a real register."""

import csv
import io
import json
import shutil

import pytest
import xlsxwriter
from click.testing import CliRunner

from terrafirma.commands.main import main

ROWS = [
    ("Cote d'Ivoire", 1),
    ("德国", 2),
    ("Congo", 3),
    ("Atlantis", 4),
    ("Scotland", 5),
    ("Cote d'Ivoire", 6),
]


@pytest.fixture
def data(world_file, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(world_file, folder / "register.sqlite")
    return str(folder)


def run(data, *arguments, **options):
    return CliRunner().invoke(main, ["resolve", *arguments, "--data", data], **options)


def write_csv(path, delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerows([("n", "Country"), *((number, name) for name, number in ROWS)])
    return str(path)


def test_a_column_is_resolved_and_what_is_left_is_reported(data, tmp_path):
    done = run(data, write_csv(tmp_path / "list.csv"), "--column", "Country")
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["alpha2"] for row in rows] == ["CI", "DE", "", "", "", "CI"]
    assert [row["outcome"] for row in rows] == [
        "matched",
        "matched",
        "ambiguous",
        "none",
        "none",
        "matched",
    ]
    assert rows[0] == {"n": "1", "Country": "Cote d'Ivoire", "alpha2": "CI", "matched_name": "Côte d'Ivoire",
                       "score": "0.98", "outcome": "matched"}  # fmt: skip
    assert "3 matched, 1 ambiguous, 2 not matched." in done.stderr
    assert 'none: "Scotland" Scotland is a subdivision (GB-SCT).' in done.stderr
    assert "Near: Congo (CG); DR Congo (CD)." in done.stderr


@pytest.mark.parametrize("form", ["tsv", "xlsx", "ndjson", "stdin"])
def test_every_form_of_table_is_read(data, tmp_path, form):
    path, given = tmp_path / f"list.{form}", {}
    if form == "tsv":
        write_csv(path, "\t")
    elif form == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(
                [("n", "Country"), *((number, name) for name, number in ROWS)]
            ):
                sheet.write_row(number, 0, row)
    elif form == "ndjson":
        path.write_text(
            "".join(json.dumps({"n": number, "Country": name}) + "\n" for name, number in ROWS)
        )
    else:
        given["input"] = "n,Country\n1,Cote d'Ivoire\n2,德国\n"
    output = tmp_path / "out.ndjson"
    arguments = ["-" if form == "stdin" else str(path), "--column", "Country", "-o", str(output)]
    done = run(data, *arguments, **given)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["alpha2"] for row in rows][:2] == ["CI", "DE"]


def test_a_person_is_asked_once_for_what_is_ambiguous(data, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("Country\nCongo\nCongo\nKorea\n")
    done = run(data, str(file), "--interactive", input="2\n0\n")
    assert [line.split(",")[1] for line in done.stdout.splitlines()[1:]] == ["CD", "CD", ""]


def test_strict_fails_and_what_is_wrong_is_named(data, tmp_path):
    file = write_csv(tmp_path / "list.csv")
    assert run(data, file, "--column", "Country", "--strict").exit_code == 1
    wrong = run(data, file, "--column", "Land")
    assert wrong.exit_code == 1
    assert 'no column "Land"; its columns are: n, Country' in wrong.stderr
    assert "--on takes a date" in run(data, file, "--on", "soon").stderr
    past = tmp_path / "past.csv"
    past.write_text("Country\nBurma\nMacedonia\n")
    done = run(data, str(past), "--on", "1985-01-01")
    assert [line.split(",")[1] for line in done.stdout.splitlines()[1:]] == ["BU", ""]


def test_points_need_no_register(tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("latitude,longitude\n13.75,100.5\n-30,-20\nx,1\n95,0\n")
    done = run(str(tmp_path / "none"), str(file), "--points")
    assert [line.split(",")[2] for line in done.stdout.splitlines()[1:]] == ["TH", "", "", ""]
