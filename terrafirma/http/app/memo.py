"""Values that follow from what clients often send again, such as a query string."""

from collections.abc import Callable, Hashable
from typing import Any

MOST = 500


class Memo:
    """A few values by keys. When there are too many it begins anew: the frequent ones are back at once."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._values: dict[Hashable, Any] = {}

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of a key, made if it is not there. What cannot be made raises, each time."""
        values = self._values
        if key in values:
            return values[key]
        value = make()
        if len(values) >= self._most:
            values = self._values = {}
        values[key] = value
        return value
