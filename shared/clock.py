"""Time is an input. This is the only file that may ask the machine for it."""

import time
from datetime import UTC, datetime
from typing import Protocol

from shared.types import UtcTime


class Clock(Protocol):
    def now(self) -> UtcTime: ...


class SystemClock:
    def now(self) -> UtcTime:
        return datetime.now(UTC)


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
