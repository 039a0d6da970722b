"""The clock's other two jobs: say that the account is to be valued, and that a day is to be reported on."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import structlog

from services.clock.core import beside, schedule
from services.clock.core.moment import Moment
from services.clock.core.schedule import REPORT, SNAPSHOT
from services.clock.patience import each, patiently
from services.clock.ports import JobLog, Owner
from services.clock.slot_time import SlotTime
from shared.clock import monotonic
from shared.events import ReportDue, ValuationDue
from shared.switch import Job
from shared.types import Market, UtcTime

log = structlog.get_logger("clock")
HOUR = timedelta(hours=1)
_LOOK_S = 0.02


@dataclass(slots=True)
class Beside:
    """answer_s: how long a tape stands still for a valuation, so that its prices are the slot's."""

    markets: tuple[Market, ...]
    interval_min: int
    enabled: bool
    log: JobLog
    owner: Owner
    time: SlotTime
    idle: str = ""  # why nothing runs, beside the owner's own wish
    answer_s: float = 10.0
    _answered: bool = True
    _over: UtcTime | None = None  # the hour that was told not to be valued
    _tape_at: UtcTime | None = None

    async def run(self) -> None:
        """On the machine's time, as far as the exchange confirms it: hour by hour."""
        while self.enabled:
            moment = await patiently(self.catch_up, self.time.alarm)
            await self.time.wait(moment, schedule.slot_before(moment.at, beside.HOUR_MIN) + HOUR)

    async def catch_up(self) -> Moment:
        """Say what is due, and at which time; nothing by a time that the exchange does not confirm."""
        moment = await self.time.look()
        if moment.is_confirmed:
            await self._due(moment.at)
        return moment

    async def _due(self, now: UtcTime) -> None:
        await each({SNAPSHOT: partial(self._valuations, now), REPORT: partial(self._reports, now)})

    async def _valuations(self, now: UtcTime) -> None:
        if await self._held_up(SNAPSHOT):
            return
        last = await self.log.last(ValuationDue)
        slot = beside.valuation_slot(last, now)
        if slot is not None:
            await self.log.ask(beside.valuation(slot, self.markets))
        elif last is not None and last < schedule.slot_before(now, beside.HOUR_MIN) != self._over:
            self._over = schedule.slot_before(now, beside.HOUR_MIN)
            log.warning("an hour is not valued: it is over", job=SNAPSHOT, hours=(now - last) // HOUR)

    async def _reports(self, now: UtcTime) -> None:
        if await self._held_up(REPORT):
            return
        for day in beside.report_slots(await self.log.last(ReportDue), now):
            await self.log.ask(beside.report(day, self.markets, self.interval_min))

    async def on_tape(self, slot: UtcTime, *, valued: bool = True) -> None:
        """Say what is due at an hour of the tape, after its cycles have ended; wait until it is valued."""
        self._tape_at, self.idle = slot, ""
        if valued and not await self._held_up(SNAPSHOT):
            await self.log.ask(beside.valuation(slot, self.markets))
            await self._until_valued(slot)
        if slot == schedule.slot_before(slot, beside.DAY_MIN) and not await self._held_up(REPORT):
            await self.log.ask(beside.report(slot, self.markets, self.interval_min))

    async def _until_valued(self, slot: UtcTime) -> None:
        """Where one was waited for in vain, the next are only looked at: nobody may be there to answer."""
        deadline = monotonic() + self.answer_s
        while not await self.log.is_valued(slot):
            if not self._answered or monotonic() > deadline:
                if self._answered:
                    log.warning("nobody values the account; the tape goes on", slot=slot.isoformat())
                self._answered = False
                return
            await self.time.alarm.sleep(_LOOK_S)
        self._answered = True

    async def _held_up(self, job: str) -> str:
        status = (await self.owner.wish()).status
        return schedule.held_up(status, await self.owner.job(job), enabled=self.enabled)

    async def jobs(self) -> tuple[Job, Job]:
        """When each runs next, or why it does not; on a tape in its time."""
        told, now = [], self._tape_at or self.time.alarm.now()
        for job, every_min in ((SNAPSHOT, beside.HOUR_MIN), (REPORT, beside.DAY_MIN)):
            why = await self._held_up(job) or self.idle or self.time.fault
            next_run = schedule.slot_before(now, every_min) + timedelta(minutes=every_min)
            told.append(Job(id=job, next_run=None if why else next_run, note=why))
        return told[0], told[1]
