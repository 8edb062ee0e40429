"""The pause that a receiver asks for with Retry-After."""

from datetime import UTC, datetime, timedelta

import pytest

from terrafirma.register.webhooks.messages import LONGEST_PAUSE, read_retry_after

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("60", 60),
        (" 60 ", 60),
        ("0", 0),
        ("Sat, 28 Nov 2026 12:05:00 GMT", 300),
        ("Sat, 28 Nov 2026 11:00:00 GMT", 0),
        ("999999999", LONGEST_PAUSE.total_seconds()),
        ("9999999999999", 0),
        ("-5", 0),
        ("soon", 0),
        ("1e9", 0),
        ("", 0),
        ("٦٠", 0),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_until_a_date(text, seconds):
    assert read_retry_after(text, NOW) == timedelta(seconds=seconds)
