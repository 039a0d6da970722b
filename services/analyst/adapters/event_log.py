"""Snapshots out of the event log on JetStream, where the collector put them."""

from shared.bus.event_log import EventLog
from shared.errors import Permanent
from shared.events import DecisionMade, SnapshotTaken
from shared.types import CycleId


class SnapshotMissing(Permanent):
    """A signal names a snapshot that is not in the log; it will not appear later."""


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
