"""The clock's look at the time: this machine's, held against the exchange's before anything is said to be due."""

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.clock.core.time_reading import TimeReading
from services.clock.ports import ExchangeTime, Timer
from shared.catalogue import missed_slots, sentence
from shared.reason import Reason
from shared.telemetry import Trouble
from shared.types import UtcTime

log = structlog.get_logger("clock")
LOOK_EVERY = timedelta(seconds=60)  # so that a clock that was set is soon known of
LOOK_AGAIN = timedelta(seconds=15)  # while the time is not confirmed: a slot is traded up to a minute late


@dataclass(slots=True)
class SlotTime:
    """exchange: None on a tape, whose time is its own."""

    timer: Timer
    exchange: ExchangeTime | None = None
    fault: Reason | None = None  # what is wrong with this machine's clock, and what is not done meanwhile
    _wrong: Trouble = field(default_factory=lambda: Trouble(log, "no slot is started"))

    async def read(self) -> TimeReading:
        skew_s = 0.0 if self.exchange is None else await self.exchange.skew_s()
        reading = TimeReading(self.timer.now(), skew_s)
        if skew_s is None:
            return reading  # what was known of the clock is still all that is known
        self.fault = missed_slots.skewed(missed_slots.CLOCK_WRONG, skew_s) if reading.is_wrong else None
        self._wrong.met(sentence(self.fault, "en")) if self.fault else self._wrong.over()
        return reading

    async def wait(self, reading: TimeReading, until: UtcTime) -> None:
        """Wait until it is so late by the time of `reading`, at most until the clock is to be looked at again."""
        soon = LOOK_EVERY if reading.is_confirmed else LOOK_AGAIN
        await self.timer.wait_until(min(reading.machine_at(until), self.timer.now() + soon))

    def now(self, reading: TimeReading) -> UtcTime:
        """The time since a look, by the same clock."""
        return reading.at + (self.timer.now() - reading.machine)
