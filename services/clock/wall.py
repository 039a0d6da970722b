"""The clock on the machine's time: sleep to the next boundary, say what is due, repeat.

The machine's time counts only as far as the exchange confirms it, right before each slot. Where the two are more than
30 s apart nothing is started: the slots of the earlier of them are missed with the reason `clock`, and those of a
future that never was are left alone. Where the exchange does not answer, the newest slot is started all the same,
since the collector holds it against the exchange's time again; nothing is recorded as missed by a time nobody confirms.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import structlog

from services.clock.core import schedule
from services.clock.core.schedule import DueSlot, ForgottenSlots, LateSlot, MistimedSlot
from services.clock.core.time_reading import TimeReading
from services.clock.handler import CycleStarter
from services.clock.ports import CycleLog
from services.clock.retry import retry_until_done, run_each
from services.clock.slot_time import SlotTime
from shared.catalogue import sentence
from shared.missed import ahead
from shared.reason import Reason
from shared.switch import Job
from shared.types import Market, UtcTime

log = structlog.get_logger("clock")


@dataclass(slots=True)
class WallClock:
    markets: tuple[Market, ...]
    interval_min: int
    enabled: bool
    log: CycleLog
    start: CycleStarter
    time: SlotTime
    _last: dict[Market, UtcTime] = field(default_factory=dict)  # newest slot that is dealt with, by a confirmed time
    _tried: dict[Market, UtcTime] = field(default_factory=dict)  # newest slot started by a time nobody confirmed
    _ahead: dict[Market, Reason | None] = field(default_factory=dict)  # of a log whose newest slot is not believed
    _wrong_s: float | None = None  # the skew, from when it was too large until the slots of that time are recorded

    async def run(self) -> None:
        while self.enabled:
            reading = await retry_until_done(self.catch_up, self.time.timer)
            await self.time.wait(reading, self._newest(reading.at) + timedelta(minutes=self.interval_min))

    async def catch_up(self) -> TimeReading:
        """Deal with every slot that is due, and say at which time."""
        reading = await self.time.read()
        if reading.is_wrong:
            self._wrong_s = reading.skew_s

        async def one(market: Market) -> None:
            if reading.skew_s is None:
                await self._unconfirmed(market, reading.at)
            else:
                await self._confirmed(market, reading)

        await run_each({market: partial(one, market) for market in self.markets})
        if reading.is_confirmed:
            self._wrong_s = None
        return reading

    async def _confirmed(self, market: Market, reading: TimeReading) -> None:
        last = self._last.get(market)
        if last is None or self._ahead.get(market):  # told until a slot of now follows in the log
            last = max(filter(None, (last, await self._last_of_log(market, reading.at))), default=None)
        if last is None and reading.is_wrong:
            return
        for item in schedule.due_slots(last, reading.at, self.interval_min):
            if isinstance(item, ForgottenSlots):
                span = {"slots": item.slots, "first": f"{item.first}", "to": f"{item.last}"}
                log.error("slots too old to record", market=market, **span)
                continue
            await self.start(market, self._still(item, reading))
            self._last[market] = item.slot
        if not reading.is_wrong:
            # From now on a gap is one: only the very first start has nothing to make up for.
            self._last.setdefault(market, last or self._newest(reading.at))

    async def _unconfirmed(self, market: Market, at: UtcTime) -> None:
        if self.time.fault:
            return  # the last word of the exchange was that this clock is wrong
        newest = self._newest(at)
        last = [*await self.log.last_slots(market), *(d[market] for d in (self._last, self._tried) if market in d)]
        if max(last, default=newest - timedelta(minutes=1)) < newest and schedule.is_in_time(newest, at):
            await self.start(market, DueSlot(newest))
            self._tried[market] = newest

    async def _last_of_log(self, market: Market, at: UtcTime) -> UtcTime | None:
        slots = await self.log.last_slots(market)
        fault = ahead(market, slots, at)
        if fault and fault != self._ahead.get(market):
            log.error(sentence(fault, "en"))
        self._ahead[market] = fault
        return schedule.newest_credible(slots, at)

    def _still(self, item: DueSlot | LateSlot, reading: TimeReading) -> DueSlot | LateSlot | MistimedSlot:
        """Recording a long absence takes time, in which the newest slot may have grown too old."""
        now = self.time.now(reading)
        late = isinstance(item, LateSlot) or not schedule.is_in_time(item.slot, now)
        if self._wrong_s is not None and (late or reading.is_wrong):
            return MistimedSlot(item.slot, self._wrong_s)
        return LateSlot(item.slot, (now - item.slot).total_seconds()) if late else item

    def job(self, blocked_by: Reason | None) -> Job:
        now = self.time.timer.now()
        if why := blocked_by or self.time.fault:
            return schedule.next_trading(now, self.interval_min, why)
        return Job.of(schedule.TRADING, schedule.next_trading(now, self.interval_min, None).next_run, self.fault)

    @property
    def fault(self) -> Reason | None:
        """What is wrong with the time; None where nothing is."""
        return self.time.fault or next(filter(None, self._ahead.values()), None)

    def _newest(self, at: UtcTime) -> UtcTime:
        return schedule.slot_before(at, self.interval_min)
