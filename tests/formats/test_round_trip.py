"""What is written in a format is read from it as it was: every kind of value, in every format that is read."""

import string
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from terrafirma.formats.detect import open_rows
from terrafirma.formats.format import Format
from terrafirma.formats.offered import FORMATS
from terrafirma.formats.selection import Selection
from terrafirma.formats.source_file import Hints
from terrafirma.register.log.imports import same_values
from terrafirma.register.model.cells import CellOptions
from terrafirma.register.model.kinds import COUNTRY
from terrafirma.register.model.strict_json import LARGEST
from terrafirma.work.imports import map_columns, read_row

READ = [form for form in FORMATS if type(form).read is not Format.read]
"""Formats that are read; a new one is among them."""
PLACE = {"latitude": -13.75, "longitude": 100.5}
"""Every record has a place, which GeoJSON draws."""
FIELDS = (
    "id", "latitude", "longitude", "name", "capital", "other_names", "capitals", "area", "population", "landlocked",
    "currencies", "calling_codes", "postal_code", "native_names", "extra.v",
)  # fmt: skip
MOST = 10_000_000
HARMFUL = (
    "1.10", "5", "007", "1e5", "-3.5", "1,5", "1/2", "12345678901234567890", "true", "TRUE", "null", "NaN", "NA",
    "#N/A", "#DIV/0!", "2024-03-01", "12:30", '{"a":1}', "[1]", '"quoted"', "=1+1", "'=1", "''=1", "'", "-", "--",
    "+66", "@x", "\uff1d1", "a;b", "a|b", "a\\;b", 'a"b', "sep=;", "_x0041_", "Zürich", "東京", "مصر", "🇪🇬",
    " lead", "trail ",
)  # fmt: skip
BROKEN = (
    "",
    " ",
    "line\nbreak",
    "\r",
    "\r\nx",
    "\ttab",
    "\x07bell",
    "\x7f",
    "\ufeff",
    "\ufffe",
    "\uffff",
    "\u2028",
)
"""Texts that only attributes of users may be: declared fields have no control characters."""

TRICKY = (*HARMFUL, *BROKEN)

PRINTED = st.sampled_from(HARMFUL) | st.text(
    st.characters(categories=["L", "N", "P", "S"]) | st.sampled_from(string.printable[:94]),
    min_size=1,
    max_size=12,
)
TEXTS = PRINTED | st.sampled_from(BROKEN) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12
)  # fmt: skip
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(-1e15, 1e15).filter(lambda each: each != 0)
OWN = st.recursive(
    TEXTS | NUMBERS | st.booleans(),
    lambda inner: (
        st.lists(inner | st.none(), max_size=3)
        | st.dictionaries(TEXTS, inner | st.none(), max_size=3)
    ),
    max_leaves=4,
)
LISTS = st.lists(PRINTED, min_size=1, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {"id": st.integers(1, 10**6), "name": PRINTED},
    optional={
        "capital": PRINTED,
        "other_names": LISTS,
        "calling_codes": LISTS,
        "area": NUMBERS,
        "population": st.integers(0, LARGEST),
        "landlocked": st.booleans(),
        "currencies": st.lists(
            st.fixed_dictionaries({"code": PRINTED}, optional={"name": PRINTED, "symbol": PRINTED}),
            min_size=1,
            max_size=3,
        ),
        "capitals": st.lists(
            st.fixed_dictionaries(
                {"name": PRINTED}, optional={"latitude": NUMBERS, "roles": LISTS}
            ),
            min_size=1,
            max_size=3,
        ),
        "postal_code": st.fixed_dictionaries({"format": PRINTED, "regex": PRINTED}),
        "extra": st.fixed_dictionaries({"v": OWN}),
    },
)


def read_back(form: Format, document: dict, names: tuple[str, ...]) -> dict:
    """The patch that is read from the file of a record, without its place."""
    document = document | PLACE
    tree: dict = {}
    for name in names:
        first, _, rest = name.partition(".")
        tree.setdefault(first, {}).update({rest: {}} if rest else {})
    selection = Selection(COUNTRY.plural, COUNTRY.model, COUNTRY.catalog, tree, COUNTRY.fields)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(b"".join(form.write([[form.write_row(document, selection)]], selection)))
        shape, lines = open_rows(path, Hints(), MOST)
        (line,) = lines
        row = read_row(COUNTRY, map_columns(COUNTRY, shape.headers, {}), line, CellOptions())
    assert not row.faults
    place = {name: row.patch.pop(name) for name in PLACE}
    assert place == PLACE
    return row.patch


@pytest.mark.parametrize("form", READ, ids=lambda form: form.name)
@settings(max_examples=40, derandomize=True)
@given(document=DOCUMENTS)
@example({"id": 1, "name": "1.10", "other_names": list(HARMFUL), "extra": {"v": list(BROKEN)}})
@example({"id": 1, "name": "=1", "capitals": [{"name": "x", "roles": ["a|b", ";"]}, {"name": "y"}]})
def test_a_record_is_read_as_it_was_written(form, document):
    assert same_values(read_back(form, document, FIELDS), document)


@pytest.mark.parametrize("form", READ, ids=lambda form: form.name)
@settings(max_examples=40, derandomize=True)
@given(own=OWN)
@example("\ufffe")
@example({"a": None})
@example(100000000000000.75)
@example(1.9727002626013682e-249)
def test_an_attribute_is_read_as_it_was_written_alone_and_among_all(form, own):
    document = {"id": 1, "name": "x", "extra": {"v": own}}
    for column in ("extra", "extra.v"):
        assert same_values(read_back(form, document, ("id", *PLACE, "name", column)), document), (
            column
        )


@pytest.mark.parametrize("form", READ, ids=lambda form: form.name)
def test_text_that_looks_like_something_else_stays_text(form):
    document = {"id": 1, "name": "x", "extra": {f"v{i}": each for i, each in enumerate(TRICKY)}}
    columns = tuple(f"extra.v{place}" for place in range(len(TRICKY)))
    assert read_back(form, document, ("id", *PLACE, "name", *columns)) == document
