"""The executor's memory: the event log."""

from typing import Protocol

from services.executor.core.ends import End
from shared.bus.wire import Stored
from shared.errors import Permanent
from shared.events import (
    CycleEvent,
    Event,
    FillRecorded,
    OrderIntended,
    SnapshotTaken,
)
from shared.types import CycleId, Market, split_cycle


class NoSnapshot(Permanent):
    """A decision came without the snapshot it was made on."""


class Log(Protocol):
    """shared.bus.log.EventLog, or what keeps the same laws."""

    async def emit(self, event: Event, *, after: int = 0) -> Stored: ...

    async def load(self, subject: str) -> Stored | None: ...


class EventOrderLog:
    def __init__(self, log: Log) -> None:
        self._log = log

    async def end(self, cycle: CycleId) -> End | None:
        market, slot = split_cycle(cycle)
        found = await self._log.load(f"ev.ended.*.{market}.{slot}")
        return found.event if found and isinstance(found.event, End) else None

    async def fill(self, cycle: CycleId) -> FillRecorded | None:
        found = await self._at(FillRecorded, cycle)
        return found.event if found and isinstance(found.event, FillRecorded) else None

    async def intent(self, cycle: CycleId) -> Stored | None:
        return await self._at(OrderIntended, cycle)

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        found = await self._at(SnapshotTaken, cycle)
        if found is None or not isinstance(found.event, SnapshotTaken):
            raise NoSnapshot(f"there is no snapshot of {cycle}")
        return found.event

    async def last_fill(self, market: Market) -> FillRecorded | None:
        found = await self._log.load(FillRecorded.SUBJECT.format(market=market, slot="*"))
        return found.event if found and isinstance(found.event, FillRecorded) else None

    async def store(self, event: OrderIntended | FillRecorded | End, *, after: int = 0) -> Stored:
        return await self._log.emit(event, after=after)

    async def _at(self, kind: type[CycleEvent], cycle: CycleId) -> Stored | None:
        return await self._log.load(kind.subject_of(cycle))
