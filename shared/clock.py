"""Time is an input. This is the only file that may ask the machine for it."""

import time
from datetime import UTC, datetime, timedelta

from shared.types import UtcTime


class SystemClock:
    def now(self) -> UtcTime:
        return datetime.now(UTC)


class SteadyClock:
    """The machine's time when it was made, and how long that is ago: a clock that is set later moves it nowhere."""

    def __init__(self) -> None:
        self._began_at, self._began = SystemClock().now(), monotonic()

    def now(self) -> UtcTime:
        return self._began_at + timedelta(seconds=monotonic() - self._began)


# Where it exists, the one that counts a laptop's sleep too: an order must not leave an hour late.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def monotonic() -> float:
    """Seconds that only grow; for measuring how long something took, never for dates."""
    return time.clock_gettime(_SINCE_BOOT)
