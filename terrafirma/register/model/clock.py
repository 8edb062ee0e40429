"""The clock: instants in UTC, as entries, jobs and keys carry them."""

from datetime import UTC, datetime, timedelta

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def write_instant(moment: datetime) -> str:
    """An instant in UTC as text that sorts."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")


def moment() -> datetime:
    """This instant, to reckon with."""
    return datetime.now(UTC)


def later(seconds: float) -> str:
    """An instant so many seconds from now; before now, if they are negative. OverflowError past the year 9999."""
    return write_instant(moment() + timedelta(seconds=seconds))


def now() -> str:
    """This instant."""
    return later(0)


def today() -> str:
    """This day in UTC."""
    return moment().date().isoformat()
