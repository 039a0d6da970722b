"""Time is an input. This is the only file that may ask the machine for it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.types import UtcTime


class Clock(Protocol):
    def now(self) -> UtcTime: ...


class SystemClock:
    def now(self) -> UtcTime:
        return datetime.now(UTC)


class SteadyClock:
    """The machine's time when it was made, and how long that is ago: a clock that is set later moves it nowhere."""

    def __init__(self) -> None:
        self._began_at, self._began = SystemClock().now(), monotonic()

    def now(self) -> UtcTime:
        return self._began_at + timedelta(seconds=monotonic() - self._began)


class FixedClock:
    """Says what it is told; moved by hand or by a tape."""

    def __init__(self, at: UtcTime) -> None:
        self.at = at

    def now(self) -> UtcTime:
        return self.at


# Where it exists, the one that counts a laptop's sleep too: an order must not leave an hour late.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def monotonic() -> float:
    """Seconds that only grow; for measuring how long something took, never for dates."""
    return time.clock_gettime(_SINCE_BOOT)
