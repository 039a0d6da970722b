"""The valuation before, out of the event log."""

from dataclasses import dataclass

import structlog

from shared.bus.event_log import EventLog
from shared.bus.wire import Unreadable
from shared.events import PortfolioValued

log = structlog.get_logger("executor")


@dataclass(frozen=True, slots=True)
class LastValued:
    events: EventLog

    async def __call__(self) -> PortfolioValued | None:
        """None where there is none that can be read: then nothing is known of before."""
        try:
            last = await self.events.load(PortfolioValued.SUBJECT.format(slot="*"))
        except Unreadable as e:
            log.error("passed over something unreadable", why=str(e))
            return None
        return last.event if last and isinstance(last.event, PortfolioValued) else None
