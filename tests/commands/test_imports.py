"""`terrafirma import`: what files over HTTP are told, in the words of the command line."""

import io
import json
import shutil
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import xlsxwriter
from click.testing import CliRunner

from terrafirma.commands.main import main


@pytest.fixture(scope="module")
def data(world_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    shutil.copyfile(world_file, folder / "register.sqlite")
    return str(folder)


def run(data, *arguments, content=None):
    words = ["import", *arguments, "--data", data]
    return CliRunner().invoke(main, words, input=content)


def try_out(data, content, *options):
    """What a dry run of a file on standard input prints."""
    content = content.encode() if isinstance(content, str) else content
    done = run(data, "-", *options, content=content)
    assert "Traceback" not in done.output
    return done


def test_a_word_beyond_ascii_is_shown(data):
    done = try_out(data, "alpha2,extra.note\nTH,Thaïlande\n".encode("cp1252"))
    assert done.stdout.splitlines()[:2] == [
        "Read as csv, cp1252, ,.",
        'A word beyond ASCII reads "Thaïlande".',
    ]


def test_faults_have_row_column_value_and_rule_and_hints_are_options(data):
    table = "Country;area;landlocked;population\nGermny;1;true;1\nThailand;513.120,5;ja;-\n"
    done = try_out(data, table)
    assert done.exit_code == 1
    assert done.stderr.endswith("Error: 2 rows are not valid; nothing was written.\n")
    rule = "must be a number, with a point before decimals and nothing between thousands"
    assert done.stdout.splitlines()[2:] == [
        'Row 2, Country: finds no country "Germny"; did you mean "Germany (DE)"?; '
        "--create makes records of new names",
        f'Row 3, area "513.120,5": {rule}; --decimal , reads a decimal comma',
        'Row 3, landlocked "ja": must be true or false; --booleans ja/nein reads other words',
        'Row 3, population: is "-"; --blanks - reads it as an empty cell',
        "0 created, 0 changed, 0 unchanged, 2 refused.",
    ]
    words = ("--decimal", ",", "--booleans", "ja/nein", "--blanks", "keep,-")
    updated = try_out(data, table, *words, "--update-only")
    assert updated.stdout.splitlines()[-2:] == [
        'Row 2, Country: finds no country "Germny", and none is made; did you mean "Germany (DE)"?',
        "0 created, 1 changed, 0 unchanged, 1 refused.",
    ]
    assert updated.stderr.endswith("Error: 1 row is not valid; nothing was written.\n")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            "Święta,Łódź,Żółć\n".encode("cp1250"),
            "several encodings; --encoding cp1250 reads Święta, Łódź",
        ),
        (
            b"Land,alpha2\nx,TH\n",
            'not clear: "Land" is not a field; --map Land: leaves it out.',
        ),
        (b'alpha2,area\nTH,"5\nDE,6\n', "Line 2 cannot be read: a cell of it begins with"),
        (b"", "The file is empty."),
    ],
)
def test_a_file_is_refused_in_the_words_of_the_command(data, content, told):
    done = try_out(data, content)
    assert done.exit_code == 1
    assert told in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--blanks", "claer"),
        ("--booleans", "ja"),
        ("--delimiter", "xyz"),
        ("--encoding", "base64"),
        ("--match", "nothing"),
        ("--mode", "x"),
    ],
)
def test_options_are_held_to_the_rules_of_parameters(data, option, value):
    done = try_out(data, "alpha2\nTH\n", option, value)
    assert done.exit_code == 2
    assert f"Error: Invalid value for '{option}'" in done.stderr


def test_a_column_is_mapped_to_a_field(data):
    done = try_out(data, "alpha2,area\nTH,5\n", "--map", "area:zone")
    assert (
        '"area" is mapped to "zone", which is not a field; did you mean "timezones"?' in done.stderr
    )
    custom = try_out(data, "alpha2,area\nTH,5\n", "--map", "area:extra.area_of_sales")
    assert "1 changed" in custom.stdout


def test_errors_of_a_table_that_begins_to_the_right_are_at_their_columns(data, tmp_path):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(2, 1, ["alpha2", "population", "extra.note"])
        sheet.write_row(3, 1, ["GR", None, "007"])
        sheet.write_formula(3, 2, "=1/0", None, "#DIV/0!")
        # Programs that do not compute leave formulas without a value.
        sheet.write_formula(4, 1, '="TH"', None, "")
    path = tmp_path / "book.xlsx"
    path.write_bytes(file.getvalue())
    done = run(data, str(path), "--blanks", "clear")
    assert "Row 4, population: is cell C4, which is the error #DIV/0!" in done.stdout
    assert "Row 5, alpha2: is cell B5, which is a formula" in done.stdout
    assert "0 changed, 0 unchanged, 2 refused" in done.stdout


def test_a_report_may_be_json_and_a_commit_too(data):
    table = "alpha2,extra.note\nTH,5\n"
    tried = json.loads(try_out(data, table, "--json").stdout)
    assert (tried["counts"]["changed"], tried["changes"][0]["name"]) == (1, "Thailand")
    written = json.loads(try_out(data, table, "--json", "--commit").stdout)
    assert written["committed"]["written"] == 1
    assert "1 unchanged" in try_out(data, table).stdout


@pytest.fixture
def site():
    """The address of a server that has a table, and nothing else."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/table.csv"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(b"alpha2,extra.other\nTH,5\n" if found else b"none")

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_file_may_be_an_address(data, site):
    assert "1 changed" in run(data, f"{site}/table.csv").stdout
    missing = run(data, f"{site}/missing.csv")
    assert missing.exit_code == 1
    assert missing.stderr.endswith("/missing.csv answers with status 404.\n")
    nowhere = run(data, "http://127.0.0.1:1/table.csv")
    assert "Connection refused" in nowhere.stderr
