"""Sees to it that a report that was due and has not come is told: whoever was to write it may be dead."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.notifier.core.messages import no_report
from services.notifier.core.words import Language
from services.notifier.ports import Messenger
from shared.events import ReportDue, ReportReady
from shared.fixed_clock import Clock
from shared.stored import Stored

log = structlog.get_logger("notifier")
LATE = timedelta(minutes=10)


@dataclass(slots=True)
class LateReport:
    """last: the newest ReportDue and the newest ReportReady. After a restart an alarm may come a second time."""

    last: Callable[[], Awaitable[tuple[Stored | None, Stored | None]]]
    messenger: Messenger
    clock: Clock
    language: Language
    _told: str = field(default="")  # the slot

    async def look(self) -> None:
        asked, made = await self.last()
        now = self.clock.now()
        if asked is None or not isinstance(asked.event, ReportDue) or now - asked.at < LATE:
            return
        slot = asked.event.slot
        there = made is not None and isinstance(made.event, ReportReady) and made.event.slot == slot
        if there or slot == self._told:
            return
        minutes = LATE // timedelta(minutes=1)
        log.error("the daily report has not come", slot=slot, look="upcycle events, the log of backend")
        await self.messenger.tell("error", no_report(slot, minutes, now, self.language))
        self._told = slot
