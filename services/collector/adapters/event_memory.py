"""What the bot did before, out of its own event log."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog

from shared.bus.event_log import EventLog
from shared.bus.wire import Unreadable
from shared.events import CycleEnded, FillRecorded, PastCycle, Position
from shared.stored import Stored
from shared.types import Market, slot_name, slot_time

log = structlog.get_logger("collector")
PAST_MAX = 5


@dataclass(frozen=True, slots=True)
class EventMemory:
    """interval_min: between two slots."""

    events: EventLog
    interval_min: int

    async def position(self, market: Market) -> Position | None:
        pattern = FillRecorded.places(market=market)
        try:
            last = await self.events.load(pattern)
        except Unreadable:
            last = await self._last_readable(await self.events.subjects(pattern))
        if last is None or not isinstance(last.event, FillRecorded) or last.event.position.volume == 0:
            return None
        return last.event.position

    async def past(self, market: Market, before_slot: str) -> tuple[PastCycle, ...]:
        at, step = slot_time(before_slot), timedelta(minutes=self.interval_min)
        slots = [slot_name(at - n * step) for n in range(1, PAST_MAX + 1)]
        ends = await asyncio.gather(*(self._end(CycleEnded.places(market=market, slot=slot)) for slot in slots))
        return tuple(
            PastCycle(cycle=end.cycle, end=end.kind, decision=end.decision, reason_code=end.reason_code)
            for end in ends
            if end is not None
        )

    async def _end(self, subject: str) -> CycleEnded | None:
        stored = await self._readable(subject)
        return stored.event if stored and isinstance(stored.event, CycleEnded) else None

    async def _last_readable(self, subjects: set[str]) -> Stored | None:
        """Rubbish in the place of a fill is no fill: the one before it counts."""
        for subject in sorted(subjects, reverse=True):  # a market's fills are in the order of their slots
            if stored := await self._readable(subject):
                return stored
        return None

    async def _readable(self, subject: str) -> Stored | None:
        try:
            return await self.events.load(subject)
        except Unreadable as e:
            log.error("passed over something unreadable", subject=subject, why=str(e))
            return None
