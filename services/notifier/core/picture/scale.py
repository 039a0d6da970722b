"""Where a value stands in the picture, and which round values are written beside it (pure)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_ROOM = 0.06  # of the span, above and below


@dataclass(frozen=True, slots=True)
class Scale:
    """low, high: the values at `start` and at `end`, which are pixels."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def around(cls, values: Iterable[float], *, bottom: float, top: float) -> "Scale":
        """With some room on either side; of values that are all the same, a little above and below."""
        known = list(values)
        low, high = min(known), max(known)
        room = (high - low) * _ROOM or abs(high) * 0.01 or 1.0
        return cls(low - room, high + room, bottom, top)

    def at(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self, most: int) -> list[float]:
        """List the round values within, at most so many, lowest first."""
        rough = (self.high - self.low) / most
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * step for step in _STEPS if power * step >= rough)
        first = math.ceil(self.low / step)
        return [n * step for n in range(first, math.floor(self.high / step) + 1)]
