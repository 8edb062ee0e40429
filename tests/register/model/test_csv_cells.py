"""The grammar of cells: what is written is read as the same value."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terrafirma.register.model.csv_cells import (
    guard,
    guard_cells,
    read_own,
    split,
    unescape,
    unguard,
    unguard_item,
    write_items,
    write_own,
)
from terrafirma.register.model.strict_json import LARGEST, Unfit

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-LARGEST, LARGEST) | st.floats(-1e15, 1e15)
VALUES = st.recursive(
    TEXTS | NUMBERS | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@given(VALUES)
@example("1.10")
@example("5")
@example("1e5")
@example("true")
@example("null")
@example("12345678901234567890")
@example('{"a":1}')
@example('"quoted"')
@example("")
@example("-")
@example("=1+1")
@example("'=1")
@example(28.0)
def test_an_attribute_of_ones_own_is_read_as_it_was_written(value):
    text = write_own(value)
    found = read_own(unguard(guard(text)) if isinstance(value, str) else text)
    assert (found, type(found)) == (value, type(value))


@given(st.lists(TEXTS, min_size=1, max_size=4))
@example(["=1", "'=1", "''=1", "'", "\uff1d1", "-1"])
def test_items_are_read_as_they_were_written(items):
    found = [unguard_item(unescape(item)) for item in split(write_items(items), ";")]
    assert found == items


@pytest.mark.parametrize("text", ["=1+1", "+A1", "-A1", "@A1", "\t1", "\r1", "\uff1d1", "\uff0bA1"])
def test_no_item_of_a_list_is_run(text):
    assert write_items(["a", text, [text]]) == f"a;'{text};'{text}"
    assert write_items([text, text]) == f"'{text};'{text}"
    assert write_items([-5, 3]) == "'-5;3"


def test_a_cell_of_another_table_is_changed_only_where_it_would_be_run():
    plain = ["-", "-5", "+66 (2) 123-45", "-1.5e3", "a=b", "", 5, None, "'=1"]
    assert list(guard_cells(plain)) == plain
    assert list(guard_cells(["=1", "-1+cmd|'/c calc'!A1", "@x", "\t1"])) == [
        "'=1",
        "'-1+cmd|'/c calc'!A1",
        "'@x",
        "'\t1",
    ]


@pytest.mark.parametrize("text", ["12345678901234567890", '{"a":1,"a":2}', "1e400", '"\\ud800"'])
def test_json_that_is_refused_is_no_text_either(text):
    with pytest.raises(Unfit):
        read_own(text)


def test_a_text_cell_of_a_spreadsheet_is_text():
    assert read_own("007", typed=True) == "007"
    assert read_own('"5"', typed=True) == "5"
    assert read_own('{"a":1}', typed=True) == {"a": 1}
