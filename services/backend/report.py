"""ReportDue in, ReportReady out: the day before, from the books, once they have come as far as the question."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from services.backend.core.report import Day, report
from services.backend.ports import BooksWriter
from shared.bus.event_log import EventLog
from shared.bus.wire import must_be
from shared.errors import Transient
from shared.events import ReportDue, ReportReady
from shared.stored import Stored

_LOOKS, _LOOK_S = 40, 0.05


class BooksBehind(Transient):
    """The books have not read as far as the report's question; a report now would leave things out."""


class Days(Protocol):
    async def of(self, due: ReportDue) -> Day: ...


@dataclass(frozen=True, slots=True)
class Reporter:
    days: Days
    books: BooksWriter
    log: EventLog

    async def __call__(self, stored: Stored) -> None:
        """Made once: what lies in the log stays."""
        due = must_be(stored.event, ReportDue)
        if not await self.log.is_empty(ReportReady.SUBJECT.format(slot=due.slot)):
            return
        await self._caught_up(stored.seq)
        await self.log.emit(report(due, await self.days.of(due)))

    async def _caught_up(self, seq: int) -> None:
        """Wait a moment for the books; the bus tries again for ever."""
        for _ in range(_LOOKS):
            if await self.books.last_seq() >= seq:
                return
            await asyncio.sleep(_LOOK_S)
        raise BooksBehind(f"the books stand before event {seq}")
