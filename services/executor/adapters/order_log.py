"""The executor's memory: the event log.

What all orders came to is kept as running figures: each look reads only what was stored since the last one.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from services.executor.core import exits
from services.executor.core.ends import End
from services.executor.core.ledger import Ledger
from shared.bus.wire import Unreadable
from shared.errors import Permanent
from shared.events import (
    CycleEnded,
    CycleEvent,
    DecisionMade,
    Event,
    ExitDue,
    FillRecorded,
    OrderFound,
    OrderIntended,
    OrderSettled,
    SnapshotTaken,
)
from shared.reach import Reach
from shared.stored import Stored
from shared.types import CycleId, split_cycle

log = structlog.get_logger("executor")
# Each in the order of the log; what one kind says does not hang on the order among them.
_KINDS: tuple[type[CycleEvent], ...] = (OrderIntended, FillRecorded, OrderFound, OrderSettled)


Written = OrderIntended | FillRecorded | End | OrderFound | OrderSettled


class NoSnapshot(Permanent):
    """A decision came without the snapshot it was made on."""


class EventStore(Protocol):
    """shared.bus.event_log.EventLog, or what keeps the same laws."""

    async def emit(self, event: Event, *, after: int = 0) -> Stored: ...

    async def load(self, subject: str) -> Stored | None: ...

    async def since(self, seq: int, pattern: str) -> list[tuple[int, Stored | Unreadable]]: ...

    async def load_all(self, patterns: Sequence[str]) -> list[tuple[str, Stored | Unreadable]]: ...

    async def reach(self, stamp_of: int = 0) -> Reach: ...


class EventOrderLog:
    """on_stored: told each event that was not there before."""

    def __init__(self, log: EventStore, on_stored: Callable[[Event], None] = lambda _: None) -> None:
        self._log, self._on_stored = log, on_stored
        self._ledger = Ledger()
        self._read = dict.fromkeys(_KINDS, 0)  # how far
        self._reading = asyncio.Lock()

    async def end(self, cycle: CycleId) -> End | None:
        found = await self._log.load(CycleEnded.places_of(cycle))
        return found.event if found and isinstance(found.event, End) else None

    async def ended_as(self, cycle: CycleId) -> str | None:
        try:
            found = await self._log.load(CycleEnded.places_of(cycle))
        except Unreadable as e:
            _log_unreadable(e)
            return "Unreadable"
        return found.event.kind if found else None

    async def fill(self, cycle: CycleId) -> FillRecorded | None:
        found = await self._at(FillRecorded, cycle)
        return found.event if found and isinstance(found.event, FillRecorded) else None

    async def intent(self, cycle: CycleId) -> Stored | None:
        return await self._at(OrderIntended, cycle)

    async def snapshot(self, cycle: CycleId) -> SnapshotTaken | ExitDue:
        for kind in (SnapshotTaken, ExitDue):
            found = await self._at(kind, cycle)
            if found and isinstance(found.event, SnapshotTaken | ExitDue):
                return found.event
        raise NoSnapshot(f"there is no snapshot of {cycle}")

    async def decision(self, cycle: CycleId) -> DecisionMade | None:
        try:
            found = await self._at(DecisionMade, cycle) or await self._at(ExitDue, cycle)
        except Unreadable as e:
            _log_unreadable(e)
            return None
        if found and isinstance(found.event, ExitDue):
            return exits.decision_of(found.event)
        return found.event if found and isinstance(found.event, DecisionMade) else None

    async def ledger(self) -> Ledger:
        async with self._reading:
            for kind in _KINDS:
                for seq, entry in await self._log.since(self._read[kind], _places(kind)):
                    self._read[kind] = seq
                    if isinstance(entry, Unreadable):
                        _log_unreadable(entry)
                        self._ledger.add_unreadable(entry.subject)
                    else:
                        self._ledger.add(entry.event)
            await self._read_ends()
            return self._ledger

    async def _read_ends(self) -> None:
        """How the open orders ended; of no other cycle, so that a long log costs nothing."""
        cycles = list(self._ledger.open)
        if not cycles:
            return
        slots = {".".join(split_cycle(cycle)): cycle for cycle in cycles}
        for subject, entry in await self._log.load_all([CycleEnded.places_of(cycle) for cycle in cycles]):
            if isinstance(entry, Unreadable):
                _log_unreadable(entry)
            end = entry.event if isinstance(entry, Stored) and isinstance(entry.event, End) else None
            self._ledger.end(slots[subject.split(".", 3)[3]], end)

    async def store(self, event: Written, *, after: int = 0) -> Stored:
        stored = await self._log.emit(event, after=after)
        if stored.new:
            self._on_stored(event)
        return stored

    async def is_taken(self, cycle: CycleId) -> bool:
        return False  # what is stored nowhere but here is its end

    async def _at(self, kind: type[CycleEvent], cycle: CycleId) -> Stored | None:
        return await self._log.load(kind.subject_of(cycle))


def _places(kind: type[CycleEvent]) -> str:
    return kind.places()


def _log_unreadable(e: Unreadable) -> None:
    log.error("passed over something unreadable", why=str(e))
