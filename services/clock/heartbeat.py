"""Every 10 s: what runs next, and that the clock is alive."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from services.clock.core import schedule
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.ports import OwnerControl, Timer
from services.clock.retry import retry_until_done
from shared.catalogue.jobs import TRADING_PAUSED
from shared.reason import Reason
from shared.switch import Heartbeat, Job
from shared.types import UtcTime

log = structlog.get_logger("clock")
EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class HeartbeatLoop:
    owner: OwnerControl
    timer: Timer
    started_at: UtcTime
    interval_min: int
    enabled: bool
    trading: Callable[[Reason | None], Job]
    portfolio_jobs: PortfolioJobs
    fault: Callable[[], Reason | None] = lambda: None
    stopped: Callable[[], Reason | None] | None = None  # of a tape's clock

    async def run(self) -> None:
        await retry_until_done(self.begin, self.timer)
        while True:
            await retry_until_done(self.beat, self.timer)
            await self.timer.sleep(EVERY_S)

    async def begin(self) -> None:
        """Bring the owner's wish in line with the setting, and show the banner."""
        now = self.timer.now()
        await self.owner.change(lambda wish: schedule.wish_at_start(wish, now, enabled=self.enabled))
        jobs = {job.id: job.say("en") or f"next run {job.next_run}" for job in await self.jobs()}
        log.info("AI Trading Bot", started_at=self.started_at.isoformat(), interval_min=self.interval_min, jobs=jobs)

    async def beat(self) -> None:
        jobs, fault = await self.jobs(), self.fault()
        trouble = {"fault_code": fault.code, "figures": fault.figures} if fault else {}
        if stopped := self.stopped and self.stopped():
            trouble |= {"stop_code": stopped.code, "stop_figures": stopped.figures}
        about = {"started_at": self.started_at, "interval_min": self.interval_min, "is_tape": self.stopped is not None}
        await self.owner.beat(Heartbeat(at=self.timer.now(), jobs=jobs, **about, **trouble))

    async def jobs(self) -> tuple[Job, ...]:
        """The owner's three, each with its next run or why it has none."""
        status, wish = (await self.owner.state()).status, await self.owner.job(schedule.TRADING)
        blocked_by = schedule.blocked_by(status, wish, enabled=self.enabled)
        why = TRADING_PAUSED.because() if status == "paused" else blocked_by
        return (self.trading(why), *await self.portfolio_jobs.jobs())
