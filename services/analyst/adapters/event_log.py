"""What the analyst reads of the event log on JetStream: snapshots and openings, and what its own calls cost."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import structlog

from services.analyst.core import budget
from services.analyst.core.budget import Day
from shared.bus.event_log import EventLog
from shared.bus.wire import Unreadable
from shared.errors import Permanent
from shared.events import DecisionMade, SnapshotTaken
from shared.stored import Stored
from shared.types import CycleId
from shared.writing import KST

log = structlog.get_logger("analyst")


class SnapshotMissing(Permanent):
    """A signal names a snapshot that is not in the log; it will not appear later."""


class LoggedCosts:
    """cap: what a day has cost of which a decision cannot be read."""

    def __init__(self, log: EventLog, cap: Decimal) -> None:
        self._log, self._cap = log, cap

    async def day(self, name: str) -> Day:
        """A day of Seoul, by when each decision was stored. Raises LogUnreachable."""
        begin = datetime.combine(date.fromisoformat(name), time(), KST).astimezone(UTC)
        found = await self._log.stored_since(begin, DecisionMade.places())
        if spoilt := next((one for one in found if isinstance(one, Unreadable)), None):
            log.error("a decision cannot be read: nobody knows what it cost, so all is spent", why=str(spoilt))
            return Day(spent=self._cap)
        made = [one.event for one in found if isinstance(one, Stored) and one.at < begin + timedelta(days=1)]
        return budget.counted(event for event in made if isinstance(event, DecisionMade))


class LoggedSnapshots:
    def __init__(self, log: EventLog) -> None:
        self._log = log

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        """Raises SnapshotMissing, and LogUnreachable where the broker does not answer."""
        subject = SnapshotTaken.subject_of(cycle)
        stored = await self._log.load(subject)
        if stored is None or not isinstance(stored.event, SnapshotTaken):
            raise SnapshotMissing(f"there is no snapshot of {cycle} at {subject}")
        return stored.event

    async def opening(self, snapshot: SnapshotTaken) -> DecisionMade | None:
        """Raises LogUnreachable where the broker does not answer."""
        if snapshot.position is None or snapshot.position.opened_by is None:
            return None
        stored = await self._log.load(DecisionMade.subject_of(snapshot.position.opened_by))
        return stored.event if stored is not None and isinstance(stored.event, DecisionMade) else None
