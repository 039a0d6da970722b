"""Reads recorded cycles out of an event log on NATS. It can only read."""

from dataclasses import dataclass, replace
from datetime import datetime

from nats.aio.client import Client

from services.replay.recording import Recording, recording
from shared.bus.ask import direct, last_of, subjects
from shared.bus.wire import decode
from shared.bus.world import World, cycle_of
from shared.events import DecisionMade, SnapshotTaken, TradingDue, all_of
from shared.types import CycleId, slot_time, split_cycle


@dataclass(frozen=True)
class RecordedCycles:
    """Every answer raises BrokerAway, and NoStream where there is no log."""

    nc: Client
    world: World

    async def started(self) -> list[CycleId]:
        """Every cycle of the clock's, by slot and then market."""
        pattern = self.world.subject(TradingDue.places())
        found = [cycle_of(subject) for subject in await subjects(self.nc, self.world.events, pattern)]
        return sorted(filter(None, found), key=lambda cycle: split_cycle(cycle)[::-1])

    async def read(self, cycle: CycleId) -> Recording:
        """Raises Unreadable where an event is another version's."""
        places = [self.world.subject(place) for place in all_of(cycle)]
        found = await last_of(self.nc, self.world.events, places)
        read = recording(cycle, [(self.world.plain(headers["Nats-Subject"]), body) for body, headers in found])
        return replace(read, opening=await self._opening(read))

    async def _opening(self, read: Recording) -> DecisionMade | None:
        """The analyst was told why the held position was bought."""
        snapshot = read.find(SnapshotTaken)
        if snapshot is None or snapshot.position is None or snapshot.position.opened_by is None:
            return None
        place = DecisionMade.subject_of(snapshot.position.opened_by)
        raw = await direct(self.nc, self.world.events, {"last_by_subj": self.world.subject(place)})
        event = None if raw is None else decode(raw[0], place)
        return event if isinstance(event, DecisionMade) else None


def between(cycles: list[CycleId], first: datetime | None, last: datetime | None) -> list[CycleId]:
    """The cycles whose slots lie in [first, last]; None leaves that side open."""
    return [
        cycle
        for cycle in cycles
        if (first is None or first <= slot_time(split_cycle(cycle)[1]))
        and (last is None or slot_time(split_cycle(cycle)[1]) <= last)
    ]
