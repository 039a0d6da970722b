"""The clock's portfolio jobs: say that the account is to be valued, and that a day is to be reported on."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from services.clock.core import portfolio_jobs, schedule
from services.clock.core.schedule import REPORT, SNAPSHOT
from services.clock.core.time_reading import TimeReading
from services.clock.ports import JobLog, OwnerControl
from services.clock.retry import retry_until_done, run_each
from services.clock.slot_time import SlotTime
from shared.clock import monotonic
from shared.events import ReportDue, ValuationDue
from shared.reason import Reason
from shared.switch import Job
from shared.types import Market, UtcTime

log = structlog.get_logger("clock")
HOUR = timedelta(hours=1)
_LOOK_S = 0.02


@dataclass(slots=True)
class PortfolioJobs:
    """answer_s: how long a tape stands still for a valuation, so that its prices are the slot's."""

    markets: tuple[Market, ...]
    interval_min: int
    enabled: bool
    log: JobLog
    owner: OwnerControl
    time: SlotTime
    idle: Reason | None = None  # why nothing runs, beside the owner's own wish
    answer_s: float = 10.0
    _answered: bool = True
    _over: UtcTime | None = None  # the hour that was told not to be valued
    _tape_at: UtcTime | None = None

    async def run(self) -> None:
        """On the machine's time, as far as the exchange confirms it: hour by hour."""
        while self.enabled:
            reading = await retry_until_done(self.catch_up, self.time.timer)
            await self.time.wait(reading, schedule.slot_before(reading.at, portfolio_jobs.HOUR_MIN) + HOUR)

    async def catch_up(self) -> TimeReading:
        """Say what is due, and at which time; nothing by a time that the exchange does not confirm."""
        reading = await self.time.read()
        if reading.is_confirmed:
            await self._due(reading.at)
        return reading

    async def _due(self, now: UtcTime) -> None:
        await run_each({SNAPSHOT: partial(self._valuations, now), REPORT: partial(self._reports, now)})

    async def _valuations(self, now: UtcTime) -> None:
        if await self._blocked_by(SNAPSHOT):
            return
        last = await self.log.last(ValuationDue)
        slot = portfolio_jobs.valuation_slot(last, now)
        if slot is not None:
            await self.log.ask(portfolio_jobs.valuation(slot, self.markets))
        elif last is not None and last < schedule.slot_before(now, portfolio_jobs.HOUR_MIN) != self._over:
            self._over = schedule.slot_before(now, portfolio_jobs.HOUR_MIN)
            log.warning("an hour is not valued: it is over", job=SNAPSHOT, hours=(now - last) // HOUR)

    async def _reports(self, now: UtcTime) -> None:
        if await self._blocked_by(REPORT):
            return
        for day in portfolio_jobs.report_slots(await self.log.last(ReportDue), now):
            await self.log.ask(portfolio_jobs.report(day, self.markets, self.interval_min))

    async def on_tape(self, slot: UtcTime, *, valued: bool = True) -> None:
        """Say what is due at an hour of the tape, after its cycles have ended; wait until it is valued."""
        self._tape_at, self.idle = slot, None
        if valued and not await self._blocked_by(SNAPSHOT):
            await self.log.ask(portfolio_jobs.valuation(slot, self.markets))
            await self._until_valued(slot)
        if slot == schedule.slot_before(slot, portfolio_jobs.DAY_MIN) and not await self._blocked_by(REPORT):
            await self.log.ask(portfolio_jobs.report(slot, self.markets, self.interval_min))

    async def _until_valued(self, slot: UtcTime) -> None:
        """Where one was waited for in vain, the next are only looked at: nobody may be there to answer."""
        deadline = monotonic() + self.answer_s
        while not await self.log.is_valued(slot):
            if not self._answered or monotonic() > deadline:
                if self._answered:
                    log.warning("nobody values the account; the tape goes on", slot=slot.isoformat())
                self._answered = False
                return
            await self.time.timer.sleep(_LOOK_S)
        self._answered = True

    async def _blocked_by(self, job: str) -> Reason | None:
        status = (await self.owner.state()).status
        return schedule.blocked_by(status, await self.owner.job(job), enabled=self.enabled)

    async def jobs(self) -> tuple[Job, Job]:
        """When each runs next, or why it does not; on a tape in its time."""
        runs, now = [], self._tape_at or self.time.timer.now()
        for job, every_min in ((SNAPSHOT, portfolio_jobs.HOUR_MIN), (REPORT, portfolio_jobs.DAY_MIN)):
            why = await self._blocked_by(job) or self.idle or self.time.fault
            next_run = schedule.slot_before(now, every_min) + timedelta(minutes=every_min)
            runs.append(Job.of(job, None if why else next_run, why))
        return runs[0], runs[1]
