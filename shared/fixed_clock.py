"""What a clock is, and the one that is set by hand (pure); the machine's own are in clock.py."""

from typing import Protocol

from shared.types import UtcTime


class Clock(Protocol):
    def now(self) -> UtcTime: ...


class FixedClock:
    """Says what it is told; moved by hand or by a tape."""

    def __init__(self, at: UtcTime) -> None:
        self.at = at

    def now(self) -> UtcTime:
        return self.at
