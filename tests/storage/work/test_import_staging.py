"""The staged rows of an import: which rows want what an earlier row wants."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from terrafirma.storage.register.records import KeySpan
from terrafirma.storage.work.import_staging import Held, Staging, claim

DAYS = [f"2000-01-0{number}" for number in range(1, 9)]
SPANS = st.lists(
    st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).filter(lambda span: span[0] < span[1]),
    max_size=12,
)


@given(SPANS)
def test_a_row_learns_the_first_row_on_its_days(spans):
    held: Held = []
    for number, (start, end) in enumerate(spans):
        earlier = [
            other for other, span in enumerate(spans[:number]) if span[0] < end and start < span[1]
        ]
        assert claim(held, number, start, end) == min(earlier, default=number)
        assert all(one[1] <= two[0] for one, two in pairwise(held))


def test_a_file_with_one_record_in_every_row_takes_no_square(tmp_path):
    staging = Staging.begin(tmp_path / "rows.sqlite")
    span = KeySpan("name", "thailand", 1, "0001-01-01", "9999-12-31")
    staging.add([], ((number, span) for number in range(1, 100_001)))
    shared = staging.list_shared()
    assert (len(shared), shared[0], shared[-1]) == (99_999, (2, "name", 1), (100_000, "name", 1))
