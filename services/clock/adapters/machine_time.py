"""The machine's clock, and waiting on it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from shared.clock import SystemClock, monotonic
from shared.fixed_clock import Clock
from shared.types import UtcTime

# A sleep does not count the time a laptop was asleep, and the clock may be set: so look often.
_NAP_S = 1.0


@dataclass(frozen=True, slots=True)
class MachineTime:
    clock: Clock = field(default_factory=SystemClock)
    now_s: Callable[[], float] = monotonic

    def now(self) -> UtcTime:
        return self.clock.now()

    async def wait_until(self, at: UtcTime) -> None:
        """Wait until the clock shows it, or as long as that was to take: a clock set back holds nobody up."""
        until = self.now_s() + (at - self.clock.now()).total_seconds()
        while (left := min((at - self.clock.now()).total_seconds(), until - self.now_s())) > 0:  # noqa: ASYNC110
            await asyncio.sleep(min(left, _NAP_S))  # nobody could set an event

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
