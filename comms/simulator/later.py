"""What a provider does some time after it took a message, in one thread, in the order of the times."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)
TRIES = 3
PAUSE = 5.0  # seconds between them


class Later:
    """Does things at their time; what it has not done when the process ends is forgotten."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, int, Callable[[], None]]] = []
        self._number = itertools.count()
        self._changed = threading.Condition()
        threading.Thread(target=self._run, daemon=True).start()

    def after(self, seconds: float, do: Callable[[], None], tried: int = 0) -> None:
        """Have something done; where it fails it is tried again, as providers do when nobody answers."""
        with self._changed:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._number), tried, do))
            self._changed.notify()

    def _run(self) -> None:
        while True:
            tried, do = self._next()
            try:
                do()
            except Exception as fault:
                log.warning("could not be told: %s", type(fault).__name__)
                if tried + 1 < TRIES:
                    self.after(PAUSE, do, tried + 1)

    def _next(self) -> tuple[int, Callable[[], None]]:
        with self._changed:
            while not self._due or self._due[0][0] > time.monotonic():
                self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
            _, _, tried, do = heapq.heappop(self._due)
        return tried, do
