"""The clock on the machine's time: sleep to the next boundary, say what is due, repeat."""

from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.clock.core import schedule
from services.clock.core.schedule import Due, Forgotten, Late
from services.clock.handler import CycleStarter
from services.clock.patience import patiently
from services.clock.ports import Alarm, CycleLog
from shared.bus.switch import Job
from shared.types import Market, UtcTime

log = structlog.get_logger("clock")


@dataclass(slots=True)
class WallClock:
    markets: tuple[Market, ...]
    interval_min: int
    enabled: bool
    log: CycleLog
    start: CycleStarter
    alarm: Alarm
    _last: dict[Market, UtcTime] = field(default_factory=dict)  # newest slot that is dealt with

    async def run(self) -> None:
        while self.enabled:
            await self.alarm.wait_until(await patiently(self.catch_up, self.alarm))

    async def catch_up(self) -> UtcTime:
        """Deal with every slot that is due, and give the next one."""
        next_slot = self._newest() + timedelta(minutes=self.interval_min)
        for market in self.markets:
            last = self._last.get(market) or await self.log.last_slot(market)
            for item in schedule.due(last, self.alarm.now(), self.interval_min):
                if isinstance(item, Forgotten):
                    log.error(
                        "slots too old to record",
                        market=market,
                        slots=item.slots,
                        first=f"{item.first}",
                        to=f"{item.last}",
                    )
                else:
                    await self.start(market, self._still(item))
                    self._last[market] = item.slot
            # From now on a gap is one: only the very first start has nothing to make up for.
            self._last.setdefault(market, last or self._newest())
        return next_slot

    def job(self, held_up: str) -> Job:
        return schedule.next_trading(self.alarm.now(), self.interval_min, held_up)

    def _still(self, item: Due | Late) -> Due | Late:
        """Recording a long absence takes time, in which the newest slot may have grown too old."""
        now = self.alarm.now()
        if isinstance(item, Late) or schedule.is_in_time(item.slot, now):
            return item
        return Late(item.slot, (now - item.slot).total_seconds())

    def _newest(self) -> UtcTime:
        return schedule.slot_before(self.alarm.now(), self.interval_min)
