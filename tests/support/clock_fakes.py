"""The clock's world in memory; nothing here waits."""

import asyncio
from datetime import UTC, datetime, timedelta

from services.clock.portfolio_jobs import PortfolioJobs
from services.clock.ports import Tape
from services.clock.slot_time import SlotTime
from shared.events import CycleEvent, CycleMissed, ReportDue, TradingDue, ValuationDue
from shared.switch import DesiredJobState, DesiredState, Heartbeat
from shared.types import slot_time, split_cycle

AT = datetime(2026, 1, 5, 3, tzinfo=UTC)


class FakeLog:
    """One event a slot, the first one, as the server keeps it."""

    def __init__(self) -> None:
        self.said: dict[str, CycleEvent] = {}
        self.ended: set[str] = set()

    def starts(self) -> list[str]:
        return [cycle for cycle, event in self.said.items() if isinstance(event, TradingDue)]

    def misses(self) -> dict[str, str]:
        return {cycle: e.reason for cycle, e in self.said.items() if isinstance(e, CycleMissed)}

    async def put(self, event):
        return self.said.setdefault(event.cycle, event) is event

    async def last_started(self, market):
        return max((c for c in self.starts() if split_cycle(c)[0] == market), default=None)

    async def last_slots(self, market):
        mine = [event for event in self.said.values() if event.market == market]
        last = {type(event): n for n, event in enumerate(mine)}
        return [slot_time(mine[n].slot) for n in sorted(last.values())]

    async def has_started(self, cycle):
        return cycle in self.starts()

    async def has_ended(self, cycle):
        return cycle in self.ended


class FakeJobs:
    """What was asked for, once a slot; each valuation is answered at once, unless nobody is there."""

    def __init__(self, *, answered: bool = True) -> None:
        self.asked: dict[str, ValuationDue | ReportDue] = {}
        self.answered = answered

    def slots(self, kind: type) -> list[str]:
        return [due.slot for due in self.asked.values() if isinstance(due, kind)]

    async def ask(self, due):
        self.asked.setdefault(due.subject, due)

    async def last(self, kind):
        return max((due.slot_at for due in self.asked.values() if isinstance(due, kind)), default=None)

    async def is_valued(self, slot_at):
        return self.answered


class FakeOwner:
    def __init__(self, *wishes: DesiredState) -> None:
        """wishes: one for each time it is asked, the last one for ever after."""
        self.wishes = list(wishes) or [DesiredState()]
        self.beats: list[Heartbeat] = []
        self.halted: dict[str, DesiredJobState] = {}

    async def state(self):
        return self.wishes.pop(0) if len(self.wishes) > 1 else self.wishes[0]

    async def change(self, to):
        wish = to(await self.state())
        self.wishes = self.wishes if wish is None else [wish]
        return self.wishes[0]

    async def job(self, id):
        return self.halted.get(id, DesiredJobState())

    async def beat(self, heartbeat):
        self.beats.append(heartbeat)


class FakeTimer:
    """Time that jumps to whatever is waited for."""

    def __init__(self, at: datetime = AT) -> None:
        self.at = at

    def now(self):
        return self.at

    async def wait_until(self, at):
        self.at = max(self.at, at)

    async def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)
        await asyncio.sleep(0)  # whoever sleeps lets others run


class JumpingTimer(FakeTimer):
    """A machine whose clock is set while it runs; `at` is the true time, and waiting ends as MachineTime's does.

    jumps: (after so many seconds, the clock is so many seconds ahead from then on), in order.
    """

    def __init__(self, jumps: list[tuple[float, float]], at: datetime = AT) -> None:
        super().__init__(at)
        self._jumps = [(at + timedelta(seconds=after), ahead_s) for after, ahead_s in jumps]
        self.ahead_s, self.waits = 0.0, 0

    def now(self):
        return self.at + timedelta(seconds=self.ahead_s)

    async def sleep(self, seconds):
        await self.wait_until(self.now() + timedelta(seconds=seconds))

    async def wait_until(self, at):
        self.waits += 1
        until = self.at + (at - self.now())
        while self.at < until and self.now() < at:
            self.at = min(until, max(self.at, self._jumps[0][0])) if self._jumps else until
            while self._jumps and self._jumps[0][0] <= self.at:
                self.ahead_s = self._jumps.pop(0)[1]
        await asyncio.sleep(0)


class FakeExchangeTime:
    """An exchange that has the true time of a JumpingTimer, except while it is silent or lies.

    silent: the seconds after which it answers no more, and answers again. off_s: how wrong its header is.
    """

    def __init__(self, timer: JumpingTimer, *, silent: tuple[float, float] = (0, 0), off_s: float = 0.0) -> None:
        self._alarm, self._begin, self._silent, self._off_s = timer, timer.at, silent, off_s

    async def skew_s(self):
        since_s = (self._alarm.at - self._begin).total_seconds()
        if self._silent[0] <= since_s < self._silent[1]:
            return None
        return self._alarm.ahead_s - self._off_s


def no_portfolio_jobs() -> PortfolioJobs:
    """The jobs beside the cycles of a clock that is asked for none of them."""
    return PortfolioJobs(("KRW-ETH",), 60, True, FakeJobs(), FakeOwner(), SlotTime(FakeTimer()))


class FakeTape:
    def __init__(self, now: datetime, *, first: datetime, last: datetime) -> None:
        self.at, self.first, self.last = now, first, last
        self.moves: list[datetime] = []

    async def state(self):
        return Tape(now=self.at, first=self.first, last=self.last)

    async def move(self, to):
        self.moves.append(to)
        self.at = max(self.at, to)
        return self.at


class EndsAtOnce:
    """A pipeline that ends whatever was started as soon as somebody waits for it."""

    def __init__(self, log: FakeLog) -> None:
        self.log = log
        self.order: list[str] = []

    async def changed(self, within_s):
        for cycle in self.log.starts():
            if cycle not in self.log.ended:
                self.log.ended.add(cycle)
                self.order.append(cycle)
        return True


class EndsNever:
    async def changed(self, within_s):
        return False
