"""Rows of files of every kind, without a register: encodings, sheets, JSON piece by piece."""

import io
from datetime import datetime
from itertools import product

import pytest
import xlsxwriter

from terrafirma.dataset.files import read_file
from terrafirma.errors import Invalid
from terrafirma.formats.detect import open_rows
from terrafirma.formats.json_items import read_items
from terrafirma.formats.source_file import LONGEST_PIECE, Hints, cut_pieces
from terrafirma.formats.text_encodings import find_encoding
from terrafirma.register.model.csv_cells import CellError
from terrafirma.register.model.strict_json import Limits

LIMITS = Limits(32, 1000)
MOST = 10_000_000
ENCODINGS = {
    "cp1252": "fr de es pt it sv fi da nl is ca",
    "cp1250": "pl cs sk hu ro hr sl",
    "cp1254": "tr",
    "cp1257": "lt lv",
    "cp1251": "ru uk bg",
    "cp1253": "el",
    "cp1255": "he",
    "cp1256": "ar",
    "cp874": "th",
    "cp932": "ja",
    "gb18030": "zh",
    "big5": "zh-Hant",
    "cp949": "ko",
    "utf-8": "fr pl ja",
    "utf-8-sig": "fr pl ja",
    "utf-16": "fr pl ja",
}
OLDER = {
    "iso8859_15": "fr de et",
    "mac_roman": "fr de es pt sv is",
    "cp850": "fr de pt",
    "iso8859_2": "pl cs hu",
    "mac_latin2": "pl cs hu",
    "cp852": "pl cs",
    "iso8859_9": "tr",
    "iso8859_13": "lt lv",
    "koi8_r": "ru",
    "cp866": "ru",
    "mac_cyrillic": "ru",
    "iso8859_7": "el",
    "mac_greek": "el",
    "cp1258": "vi",
    "euc_jp": "ja",
}
"""Encodings of older systems and of Macs: in few rows, since many words tell them apart."""


@pytest.fixture(scope="module")
def names():
    """Names of countries by language."""
    found = {}
    for record in read_file("names"):
        for language, name in record["names"].items():
            found.setdefault(language, []).append(name)
    return found


@pytest.mark.parametrize("rows", [5, 20, 195])
def test_no_encoding_is_guessed_wrongly(names, tmp_path, rows):
    path = tmp_path / "file"
    tried = ENCODINGS if rows > 20 else ENCODINGS | OLDER
    for encoding, languages in tried.items():
        for language in languages.split():
            listed = names[language][20 : 20 + rows]
            path.write_bytes(("x\n" + "\n".join(listed)).encode(encoding, "ignore"))
            expected = path.read_bytes().decode(encoding).splitlines()[1:]
            found = read_or_ask(path)
            if found is None:
                assert not encoding.startswith(("cp1252", "utf")), (encoding, language)
            else:
                assert found == expected, (encoding, language)


def read_or_ask(path):
    """The first cell of each row; None where the sender is asked for the encoding."""
    try:
        _, lines = open_rows(path, Hints(), MOST)
    except Invalid:
        return None
    return [line.value[0] for line in lines]


def make_book(fill):
    """The bytes of a workbook that a function fills."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        fill(book)
    return file.getvalue()


def read_book(tmp_path, fill, sheet=""):
    path = tmp_path / "book.xlsx"
    path.write_bytes(make_book(fill))
    shape, lines = open_rows(path, Hints(sheet=sheet), MOST)
    return shape, [(line.number, line.value) for line in lines]


@pytest.mark.parametrize("start", [(0, 0), (1, 0), (2, 0), (2, 1), (1, 2), (0, 1)])
def test_a_table_may_begin_anywhere(tmp_path, start):
    row, column = start

    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(row, column, ["alpha2", "name"])
        sheet.write_row(row + 2, column, ["TH", "Thailand"])

    shape, rows = read_book(tmp_path, fill)
    assert [header for header in shape.headers if header] == ["alpha2", "name"]
    assert [(number, [cell for cell in cells if cell]) for number, cells in rows] == [
        (row + 3, ["TH", "Thailand"])
    ]


def test_cells_are_what_they_are(tmp_path):
    def fill(book):
        first, second = book.add_worksheet("About"), book.add_worksheet("Data")
        first.write_formula(0, 0, "=1+1", None, 2)
        second.write_row(0, 0, ["a", "b", "c", "d", "e", "f", "g"])
        second.write_string(1, 0, "007")
        second.write_number(1, 1, 5)
        second.write_boolean(1, 2, True)
        second.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        second.write_formula(1, 4, "=1+1", None, 2)
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        second.write_datetime(1, 5, datetime.fromisoformat("2024-03-01T15:30"), day)
        second.write_datetime(1, 6, datetime.fromisoformat("2024-03-01"), day)
        second.merge_range(2, 0, 4, 0, "merged")

    shape, rows = read_book(tmp_path, fill, "data")
    [(_, cells), *_] = rows
    assert cells[:3] == ["007", 5, True]
    assert all(isinstance(cell, CellError) for cell in cells[3:5]), cells
    assert ("#DIV/0!" in cells[3], "D2" in cells[3], "a formula" in cells[4]) == (True,) * 3
    assert cells[5:7] == ["2024-03-01T15:30:00", "2024-03-01"]
    assert (shape.sheets, shape.sheet, shape.merged) == (["About", "Data"], "Data", ["A3:A5"])
    with pytest.raises(Invalid, match="About, Data"):
        read_book(tmp_path, fill, "Nothing")


@pytest.mark.parametrize(
    ("start", "told"), [(b"\xd0\xcf\x11\xe0\xa1\xb1", ".xls"), (b"%PDF-1.4", "PDF")]
)
def test_other_files_are_refused_by_name(tmp_path, start, told):
    path = tmp_path / "file"
    path.write_bytes(start + b"\0" * 100)
    with pytest.raises(Invalid, match=told):
        open_rows(path, Hints(), MOST)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"[]", []),
        (b'\xef\xbb\xbf [ {"a": 1} , {"a": 2.5} ]\n', [{"a": 1}, {"a": 2.5}]),
        (b'[{"a": 1, "a": 2}, 3]', ["repeats the key", 3]),
        (b'[1e400, "\\ud800", "\\u0000", 9007199254740993]', ["2^53", "surrogate", "NUL", "2^53"]),
        (b"[" + b"[" * 40 + b"]" * 40 + b", 1]", ["nested more than 32", 1]),
    ],
)
def test_json_is_held_to_the_rules_of_bodies_item_by_item(data, found):
    read = [
        str(each) if isinstance(each, ValueError) else each
        for each in read_items(io.BytesIO(data), LIMITS)
    ]
    assert len(read) == len(found)
    assert all(
        want == got or (isinstance(want, str) and want in got)
        for want, got in zip(found, read, strict=True)
    )


@pytest.mark.parametrize(
    "data", [b"[1, 2", b"[1 2]", b"[1,]", b"[NaN]", b"[1]x", b'["\xff"]', b"[" * 100_000]
)
def test_broken_json_is_refused_as_a_whole(data):
    with pytest.raises(Invalid):
        list(read_items(io.BytesIO(data), LIMITS))


def test_members_beside_the_features_are_passed_over():
    data = b'{"type": "FeatureCollection", "bbox": [1, 2], "features": [{"a": 1}], "x": {}}'
    assert list(read_items(io.BytesIO(data), LIMITS, "features")) == [{"a": 1}]


def test_a_file_of_a_single_cell_is_refused_before_it_is_copied_again_and_again():
    with pytest.raises(Invalid, match="without a space or comma"):
        list(cut_pieces(io.BytesIO(b"x" * (LONGEST_PIECE + 200_000))))


@pytest.mark.parametrize(
    ("geometry", "place"),
    [
        ("[1]", {}),
        ("5", {}),
        ("null", {}),
        ('{"type": "Point", "coordinates": []}', {}),
        ('{"type": "Point", "coordinates": [7.5, 46, 500]}', {"longitude": 7.5, "latitude": 46}),
        ('{"type": "Point", "coordinates": 5}', {"longitude": [5], "latitude": [5]}),
        ('{"type": "Point", "coordinates": ["a", "b"]}', {"longitude": "a", "latitude": "b"}),
    ],
)
def test_odd_coordinates_of_a_feature_are_not_lost(tmp_path, geometry, place):
    path = tmp_path / "file"
    feature = f'{{"type": "Feature", "geometry": {geometry}, "properties": {{"name": "X"}}}}'
    path.write_text(f'{{"type": "FeatureCollection", "features": [{feature}]}}')
    _, rows = open_rows(path, Hints(), MOST)
    assert [row.value for row in rows] == [{"name": "X"} | place]


def test_utf_16_without_a_mark_is_asked_for_its_order(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"name\nx\n")
    with pytest.raises(Invalid, match="encoding=utf-16-le"):
        open_rows(path, Hints("utf-16"), MOST)


TRIALS = {
    "cp1252": "de fr es pt it nl sv da fi is ca",
    "cp1250": "pl cs hu hr",
    "cp1251": "ru bg",
    "utf-8": "de fr ja ar",
    "utf-8-sig": "de fr ja ar",
    "utf-16": "de ja ar",
}
"""Files of the trial in which 60 % of windows-1252 came out wrong, and their neighbours."""


def test_no_file_of_the_trial_is_read_wrongly(names):
    """Each language, separator, line end and length: 312 files, none guessed wrongly."""
    tried, wrong = 0, []
    for encoding, languages in TRIALS.items():
        for language, (mark, end) in product(
            languages.split(), ((",", "\n"), (";", "\r\n"), ("\t", "\r"))
        ):
            for start, rows in ((0, 7), (40, 12), (90, 20), (150, 30)):
                listed = names[language][start : start + rows]
                lines = [
                    f"code{mark}name",
                    *(f"{place}{mark}{name}" for place, name in enumerate(listed)),
                ]
                data = end.join(lines).encode(encoding, "ignore")
                tried += 1
                try:
                    found, _ = find_encoding(cut_pieces(io.BytesIO(data)), data[:1000])
                except Invalid:
                    # The sender is asked: right for what is neither UTF nor the fallback.
                    if encoding in ("cp1252", "utf-8", "utf-8-sig", "utf-16"):
                        wrong.append((encoding, language, mark, rows, "asked"))
                    continue
                if data.decode(found) != data.decode(encoding):
                    wrong.append((encoding, language, mark, rows, found))
    assert tried >= 263
    assert wrong == []
