"""What was started, missed and ended, out of the event log; and a wake-up when a cycle ends."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import structlog
from nats.aio.client import Client

from shared.bus.event_log import EventLog
from shared.bus.namespace import Namespace
from shared.bus.wire import Unreadable
from shared.events import CycleEnded, CycleEvent, CycleMissed, PortfolioValued, ReportDue, TradingDue, ValuationDue
from shared.stored import Stored
from shared.types import CycleId, Market, UtcTime, slot_name, slot_time

log = structlog.get_logger("clock")


@dataclass(frozen=True, slots=True)
class JetStreamCycles:
    """Rubbish in the place of an event is an event: a stage buries it and ends its cycle. The clock goes on."""

    events: EventLog

    async def put(self, event: CycleEvent) -> bool:
        try:
            stored = await self.events.emit(event)
        except Unreadable as e:
            log.error("the slot is taken by something unreadable", cycle=event.cycle, why=str(e))
            return False
        if stored.new:
            log.info("said", cycle=event.cycle, gave=event.kind, detail=getattr(event, "detail", ""))
        return stored.new

    async def last_started(self, market: Market) -> CycleId | None:
        stored = await self._last(TradingDue, market)
        return stored.event.cycle if stored and isinstance(stored.event, TradingDue) else None

    async def last_slots(self, market: Market) -> list[UtcTime]:
        found = [await self._last(kind, market) for kind in (TradingDue, CycleMissed)]
        in_order = sorted((stored for stored in found if stored), key=lambda stored: stored.seq)
        return [slot_time(stored.event.slot) for stored in in_order if isinstance(stored.event, CycleEvent)]

    async def has_started(self, cycle: CycleId) -> bool:
        return not await self.events.is_empty(TradingDue.subject_of(cycle))

    async def has_ended(self, cycle: CycleId) -> bool:
        return not await self.events.is_empty(CycleEnded.places_of(cycle))

    async def _last(self, kind: type[CycleEvent], market: Market) -> Stored | None:
        try:
            return await self.events.load(kind.places(market=market))
        except Unreadable as e:
            log.error("the last of a market is unreadable", market=market, why=str(e))
            return None


@dataclass(frozen=True, slots=True)
class JetStreamJobs:
    events: EventLog

    async def ask(self, due: ValuationDue | ReportDue) -> None:
        try:
            stored = await self.events.emit(due)
        except Unreadable as e:
            log.error("the slot is taken by something unreadable", slot=due.slot, why=str(e))
            return
        if stored.new:
            log.info("said", gave=due.kind, slot=due.slot)

    async def last(self, kind: type[ValuationDue] | type[ReportDue]) -> UtcTime | None:
        try:
            stored = await self.events.load(kind.SUBJECT.format(slot="*"))
        except Unreadable as e:
            log.error("the last of a job is unreadable", why=str(e))
            return None
        return stored.event.slot_at if stored and isinstance(stored.event, kind) else None

    async def is_valued(self, slot_at: UtcTime) -> bool:
        return not await self.events.is_empty(PortfolioValued.SUBJECT.format(slot=slot_name(slot_at)))


@dataclass(slots=True)
class JetStreamEnds:
    """A hint, not a truth: the server hands a message on a moment before it is stored."""

    namespace: Namespace
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self, connection: Client) -> None:
        async def wake(_: Any) -> None:
            self._woken.set()

        await connection.subscribe(self.namespace.subject(CycleEnded.trunk()), cb=wake)

    async def changed(self, within_s: float) -> bool:
        try:
            await asyncio.wait_for(self._woken.wait(), within_s)
        except TimeoutError:
            return False
        self._woken.clear()
        return True
