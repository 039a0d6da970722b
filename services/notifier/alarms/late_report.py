"""Sees to it that a report that was due and has not come is told: whoever was to write it may be dead."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from services.notifier.core.messages import no_report
from services.notifier.ports import Messenger
from shared.events import ReportDue, ReportReady
from shared.fixed_clock import Clock
from shared.stored import Stored
from shared.types import Language

log = structlog.get_logger("notifier")
LATE = timedelta(minutes=10)


@dataclass(slots=True)
class LateReportAlarm:
    """last: the newest ReportDue and the newest ReportReady. After a restart an alarm may come a second time."""

    last: Callable[[], Awaitable[tuple[Stored | None, Stored | None]]]
    messenger: Messenger
    clock: Clock
    language: Language
    _reported: str = field(default="")  # the slot

    async def check(self) -> None:
        due, ready = await self.last()
        now = self.clock.now()
        if due is None or not isinstance(due.event, ReportDue) or now - due.at < LATE:
            return
        slot = due.event.slot
        there = ready is not None and isinstance(ready.event, ReportReady) and ready.event.slot == slot
        if there or slot == self._reported:
            return
        minutes = LATE // timedelta(minutes=1)
        log.error("the daily report has not come", slot=slot, look="upcycle events, the log of backend")
        await self.messenger.tell("error", no_report(slot, minutes, now, self.language))
        self._reported = slot
