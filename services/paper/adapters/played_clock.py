"""A clock that plays the tape from a moment on, faster or slower than real time."""

from datetime import datetime, timedelta

from shared.clock import monotonic


class PlayedClock:
    """speed: seconds of the tape in one of ours. Stands still at `last`."""

    def __init__(self, start: datetime, speed: float, last: datetime) -> None:
        self._speed, self._last = speed, last
        self.start_at(start)

    def start_at(self, moment: datetime) -> None:
        self._start, self._since = moment, monotonic()

    def now(self) -> datetime:
        passed = (monotonic() - self._since) * self._speed
        left = (self._last - self._start).total_seconds()
        return self._last if passed >= left else self._start + timedelta(seconds=passed)
