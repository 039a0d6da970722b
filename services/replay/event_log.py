"""Reads recorded cycles out of an event log on NATS. It can only read."""

from dataclasses import dataclass, replace
from datetime import datetime

from nats.aio.client import Client

from services.replay.recording import Recording, recording
from shared.bus.namespace import Namespace, cycle_of
from shared.bus.stream import Stream
from shared.events import DecisionMade, SnapshotTaken, TradingDue, all_of
from shared.types import CycleId, slot_time, split_cycle


@dataclass(frozen=True)
class RecordedCycles:
    """Every answer raises BrokerAway, and NoStream where there is no log."""

    nc: Client
    namespace: Namespace

    async def started(self) -> list[CycleId]:
        """Every cycle of the clock's, by slot and then market."""
        found = [cycle_of(subject) for subject in await self._stream.subjects(TradingDue.places())]
        return sorted(filter(None, found), key=lambda cycle: split_cycle(cycle)[::-1])

    async def read(self, cycle: CycleId) -> Recording:
        """Raises Unreadable where an event is another version's."""
        found = await self._stream.last_of_each(all_of(cycle))
        read = recording(cycle, [(message.subject, message.body) for message in found])
        return replace(read, opening=await self._opening(read))

    async def _opening(self, read: Recording) -> DecisionMade | None:
        """The analyst was told why the held position was bought."""
        snapshot = read.find(SnapshotTaken)
        if snapshot is None or snapshot.position is None or snapshot.position.opened_by is None:
            return None
        message = await self._stream.last(DecisionMade.subject_of(snapshot.position.opened_by))
        event = None if message is None else message.event()
        return event if isinstance(event, DecisionMade) else None

    @property
    def _stream(self) -> Stream:
        return Stream(self.nc, self.namespace, self.namespace.events)


def between(cycles: list[CycleId], first: datetime | None, last: datetime | None) -> list[CycleId]:
    """The cycles whose slots lie in [first, last]; None leaves that side open."""
    return [
        cycle
        for cycle in cycles
        if (first is None or first <= slot_time(split_cycle(cycle)[1]))
        and (last is None or slot_time(split_cycle(cycle)[1]) <= last)
    ]
