"""The clock's look at the time: this machine's, held against the exchange's before anything is said to be due."""

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.clock.core.moment import Moment
from services.clock.ports import Alarm, ExchangeTime
from shared import skew
from shared.telemetry import Trouble
from shared.types import UtcTime

log = structlog.get_logger("clock")
LOOK_EVERY = timedelta(seconds=60)  # so that a clock that was set is soon known of
LOOK_AGAIN = timedelta(seconds=15)  # while the time is not confirmed: a slot is traded up to a minute late


@dataclass(slots=True)
class SlotTime:
    """exchange: None on a tape, whose time is its own."""

    alarm: Alarm
    exchange: ExchangeTime | None = None
    fault: str = ""  # what is wrong with this machine's clock, and what is not done meanwhile
    _wrong: Trouble = field(default_factory=lambda: Trouble(log, "no slot is started"))

    async def look(self) -> Moment:
        skew_s = 0.0 if self.exchange is None else await self.exchange.skew_s()
        moment = Moment(self.alarm.now(), skew_s)
        if skew_s is None:
            return moment  # what was known of the clock is still all that is known
        self.fault = f"{skew.sentence(skew_s)}: no slot is started until it is set" if moment.is_wrong else ""
        self._wrong.met(self.fault) if self.fault else self._wrong.over()
        return moment

    async def wait(self, moment: Moment, until: UtcTime) -> None:
        """Wait until it is so late by the time of `moment`, at most until the clock is to be looked at again."""
        soon = LOOK_EVERY if moment.is_confirmed else LOOK_AGAIN
        await self.alarm.wait_until(min(moment.machine_at(until), self.alarm.now() + soon))

    def now(self, moment: Moment) -> UtcTime:
        """The time since a look, by the same clock."""
        return moment.at + (self.alarm.now() - moment.machine)
