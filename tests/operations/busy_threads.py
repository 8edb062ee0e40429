"""Threads that ask for something again and again while parts of what they ask are killed."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count


class Over(Exception):
    """No more is to be asked."""


class BusyThreads:
    """A thread for each act, which gets the number of its turn, until it is over."""

    def __init__(self, acts: Sequence[Callable[[int], None]], seconds: float) -> None:
        """`seconds` is how long an act that has begun may take after the end."""
        self._over, self._seconds = threading.Event(), seconds
        self._threads = [
            threading.Thread(target=self._go_on, args=(act,), daemon=True) for act in acts
        ]
        self.odd: list[object] = []
        """Answers and faults that nothing explains."""

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Meanwhile, all of it."""
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(self._seconds)

    def _go_on(self, act: Callable[[int], None]) -> None:
        try:
            for turn in count():
                if self._over.is_set():
                    return
                act(turn)
        except Over:
            pass
        except Exception as error:
            self.odd.append(error)
