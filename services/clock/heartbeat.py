"""Every 10 s: what runs next, and that the clock is alive."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from services.clock.beside import Beside
from services.clock.core import schedule
from services.clock.patience import patiently
from services.clock.ports import Alarm, Owner
from shared.switch import Heartbeat, Job
from shared.types import UtcTime

log = structlog.get_logger("clock")
EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class Pulse:
    owner: Owner
    alarm: Alarm
    started_at: UtcTime
    interval_min: int
    enabled: bool
    trading: Callable[[str], Job]
    beside: Beside
    fault: Callable[[], str] = lambda: ""

    async def run(self) -> None:
        await patiently(self.begin, self.alarm)
        while True:
            await patiently(self.beat, self.alarm)
            await self.alarm.sleep(EVERY_S)

    async def begin(self) -> None:
        """Bring the owner's wish in line with the setting, and show the banner."""
        now = self.alarm.now()
        await self.owner.change(lambda wish: schedule.wish_at_start(wish, now, enabled=self.enabled))
        jobs = {job.id: job.note or f"next run {job.next_run}" for job in await self.jobs()}
        log.info("AI Trading Bot", started_at=self.started_at.isoformat(), interval_min=self.interval_min, jobs=jobs)

    async def beat(self) -> None:
        jobs, now = await self.jobs(), self.alarm.now()
        about = {"started_at": self.started_at, "interval_min": self.interval_min, "fault": self.fault()}
        await self.owner.beat(Heartbeat(at=now, jobs=jobs, **about))

    async def jobs(self) -> tuple[Job, ...]:
        """The owner's three, each with its next run or why it has none."""
        status, wish = (await self.owner.wish()).status, await self.owner.job(schedule.TRADING)
        why = status if status == "paused" else schedule.held_up(status, wish, enabled=self.enabled)
        return (self.trading(why), *await self.beside.jobs())
