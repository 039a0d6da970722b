"""The machine's clock, and waiting on it."""

import asyncio
from dataclasses import dataclass, field

from shared.clock import Clock, SystemClock
from shared.types import UtcTime

# A sleep does not count the time a laptop was asleep, and the clock may be set: so look often.
_NAP_S = 1.0


@dataclass(frozen=True, slots=True)
class MachineTime:
    clock: Clock = field(default_factory=SystemClock)

    def now(self) -> UtcTime:
        return self.clock.now()

    async def wait_until(self, at: UtcTime) -> None:
        while (left := (at - self.clock.now()).total_seconds()) > 0:  # noqa: ASYNC110 (nobody could set an event)
            await asyncio.sleep(min(left, _NAP_S))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
