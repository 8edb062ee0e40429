"""Canonical JSON: one value, one spelling; different values, different spellings."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terrafirma.register.model.canonical_json import decode, digest, encode, same

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def turn_around(value):
    """The same value, every object's members in the opposite order."""
    if isinstance(value, dict):
        return {name: turn_around(value[name]) for name in reversed(value)}
    return [turn_around(item) for item in value] if isinstance(value, list) else value


def test_spelling():
    assert encode({"b": [1, 1.0, -0.0, True, None], "a": "é\n\u2028"}) == (
        '{"a":"é\\n\u2028","b":[1,1.0,-0.0,true,null]}'.encode()
    )


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (1, True), (0, False), ("1", 1), ([], {}), (0.0, -0.0), ("", None)]
)
def test_values_that_python_or_people_confuse_differ(one, other):
    assert not same(one, other)
    assert not same({"x": [one]}, {"x": [other]})


@given(JSON)
def test_text_decodes_to_the_same_value(value):
    assert same(decode(encode(value)), value)
    assert json.loads(encode(value)) == value


@given(JSON)
def test_order_of_members_does_not_matter(value):
    assert encode(turn_around(value)) == encode(value)
    assert digest(value) == hashlib.sha256(encode(value)).hexdigest()
