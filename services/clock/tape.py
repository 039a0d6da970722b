"""The clock on a stepped tape: move the exchange's time hour by hour, each only after the cycles before ended.

Where the exchange is past an hour that the log does not know, say of a log that was put back from an older copy, the
hour is missed, as it is for who comes late on the wall's time.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog

from services.clock.core import schedule
from services.clock.core.schedule import BACKFILL, LateSlot
from services.clock.guard import ExitGuard
from services.clock.handler import CycleStarter
from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.ports import CycleLog, Ends, OwnerControl, TapeTime, Timer
from services.clock.retry import retry_until_done
from shared.catalogue import jobs, sentence
from shared.clock import monotonic
from shared.errors import Permanent
from shared.reason import Reason
from shared.switch import SELLS, Job
from shared.types import CycleId, Market, UtcTime, cycle_id

log = structlog.get_logger("clock")
YEAR_FIRST = timedelta(days=400)  # the gate reads a year before the first slot
HOUR = timedelta(hours=1)
OVER = jobs.TAPE_OVER.because()
_HOLD_S = 0.5  # how often a paused tape asks whether it may go on
_LOOK_S = 1.0  # a wake-up may get lost, and one may come a moment before its event can be read
_LOOK_AGAIN_S = 0.05


class TapeStopped(Permanent):
    """The tape cannot go on; the text says why."""


@dataclass(slots=True)
class TapeClock:
    """begin: first slot; None is 400 days into the tape, for the gate's year, or as late as the hours allow."""

    markets: tuple[Market, ...]
    begin: UtcTime | None
    hours: int
    log: CycleLog
    owner: OwnerControl
    start: CycleStarter
    time: TapeTime
    ends: Ends
    timer: Timer
    portfolio_jobs: PortfolioJobs
    give_up_s: float = 120.0
    guard: ExitGuard | None = None
    stopped: Reason | None = None  # why it cannot go on
    _stands: UtcTime = field(default=datetime.min.replace(tzinfo=UTC))  # the exchange's time
    _trading: Job = field(default=Job.of(schedule.TRADING, None, jobs.TAPE_NOT_BEGUN.because()))

    async def run(self) -> None:
        """Play the tape to its end, then stay idle: the process lives until it is told to stop."""
        try:
            await self._play()
        except Permanent as e:
            log.error("the tape stopped", why=str(e))
            self.stopped = jobs.TAPE_STOPPED.because({"fault": str(e)})
            self._idle(self.stopped)

    async def _play(self) -> None:
        tape = await retry_until_done(self.time.state, self.timer)
        self._stands = tape.now
        latest = tape.last - self.hours * HOUR
        first = self.begin or max(tape.first + HOUR, min(tape.first + YEAR_FIRST, latest))
        slots = schedule.tape_slots(first, self.hours, tape.last)
        if not slots or first < tape.first:
            raise TapeStopped(f"TAPE_FROM is {first}; the tape runs from {tape.first} to {tape.last}")
        if len(slots) < self.hours:
            log.warning("the tape is shorter than asked for", hours=len(slots), asked=self.hours, ends=f"{tape.last}")
        for n, slot in enumerate(slots, 1):
            self._trading = Job.of(schedule.TRADING, slot, jobs.TAPE_HOUR.because({"n": n, "hours": len(slots)}))
            await self._hold()
            await retry_until_done(partial(self._step, slot), self.timer)
            await retry_until_done(partial(self._portfolio_jobs, slot), self.timer)
        self._idle(OVER)
        log.info(sentence(OVER, "en"), hours=len(slots), first=slots[0].isoformat(), last=slots[-1].isoformat())

    def _idle(self, why: Reason) -> None:
        self._trading, self.portfolio_jobs.idle = Job.of(schedule.TRADING, None, why), why

    async def _hold(self) -> None:
        """A paused tape waits: no hour is missed where time is ours."""
        while await retry_until_done(self._is_blocked, self.timer):
            await self.timer.sleep(_HOLD_S)

    async def _is_blocked(self) -> bool:
        return (await self.owner.state()).status not in SELLS or (await self.owner.job(schedule.TRADING)).paused

    async def _step(self, slot: UtcTime) -> None:
        """Play one hour; what of it was played before, by this process or another, stays as it is.

        One market after the other: they share an account, and only so is a tape the same from run to run.
        """
        cycles = {market: cycle_id(market, slot) for market in self.markets}
        if all([await self.log.has_ended(cycle) for cycle in cycles.values()]):
            return
        if slot >= self._stands:
            await self._guarded(slot)
            self._stands = await self.time.move(slot)
        for market, cycle in cycles.items():
            if not await self.log.has_started(cycle):
                if self._stands > slot:
                    await self._miss(market, slot)
                    continue
                await self.start.start(market, slot)
                if not await self.log.has_started(cycle):
                    continue  # spent: an order of it was adopted, which the log had forgotten
            await self._until_ended(cycle)

    async def _miss(self, market: Market, slot: UtcTime) -> None:
        """Say that an hour will never be traded: its prices are gone."""
        late = self._stands - slot
        if late > BACKFILL:
            raise TapeStopped(
                f"the exchange stands at {self._stands} already, {late.days} days past the hour that is next by the "
                f"log ({cycle_id(market, slot)}); choose another data folder (--data-dir), or set TAPE_FROM near it"
            )
        await self.start(market, LateSlot(slot, late.total_seconds()))

    async def _portfolio_jobs(self, slot: UtcTime) -> None:
        """The other jobs; no hour is valued at the prices of a later one."""
        await self.portfolio_jobs.on_tape(slot, valued=slot >= self._stands)

    async def _guarded(self, slot: UtcTime) -> None:
        """Show the exit guard the hour before a slot, bar by bar of the tape's smallest, while something is held.

        Each bar is shown once it has closed, with the exchange's time there and before the slot's own cycles; its low
        comes before its high. On a tape of hours that is one look, and an exit then sells at the next hour's open.
        """
        if self.guard is None:
            return
        for market in self.markets:
            if cycle := await self.guard.under_way(market):  # of a clock that died while it waited
                await self._until_ended(cycle)
        held = [market for market in self.markets if await self.guard.holds(market)]
        units = {market: timedelta(minutes=await self.guard.past.unit_min(market)) for market in held}
        at, step = slot - HOUR, min(units.values(), default=HOUR)
        while at < slot and units:
            at += step
            await self.time.move(at)
            for market in [market for market, unit in units.items() if (at - slot) % unit == timedelta()]:
                bar = await self.guard.past.bar(market, at)
                if bar is not None and (cycle := await self.guard.on_bar(market, bar)):
                    await self._until_ended(cycle)
                if not await self.guard.holds(market):
                    del units[market]

    async def _until_ended(self, cycle: CycleId) -> None:
        deadline = monotonic() + self.give_up_s
        woken = True
        while not await self.log.has_ended(cycle):
            if monotonic() > deadline:
                raise TapeStopped(f"{cycle} did not end within {self.give_up_s:.0f} s")
            woken = await self.ends.changed(_LOOK_AGAIN_S if woken else _LOOK_S)

    def job(self, blocked_by: Reason | None) -> Job:
        if self._trading.next_run is None or not blocked_by:
            return self._trading
        return Job.of(schedule.TRADING, None, blocked_by)
