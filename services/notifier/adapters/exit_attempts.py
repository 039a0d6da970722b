"""How often the exit guard has tried to close a position, by the exit's own word in the log."""

from dataclasses import dataclass

from shared.bus.event_log import EventLog
from shared.bus.wire import Unreadable
from shared.events import ExitDue
from shared.types import CycleId


@dataclass(frozen=True, slots=True)
class ExitAttempts:
    log: EventLog

    async def __call__(self, cycle: CycleId) -> int:
        """1 where nobody can read it: then the owner rather hears of it once more."""
        try:
            stored = await self.log.load(ExitDue.subject_of(cycle))
        except Unreadable:
            return 1
        return stored.event.attempt if stored and isinstance(stored.event, ExitDue) else 1
