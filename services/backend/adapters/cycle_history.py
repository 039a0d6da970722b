"""A cycle with every event of it, and the slots that were missed."""

import json
from dataclasses import dataclass, field

from services.backend.adapters.broker_answers import broker_answers
from shared.api.bot import Missed
from shared.api.cycles import Logged
from shared.bus.records import Records
from shared.bus.wire import encode
from shared.catalogue import sentence
from shared.events import DecisionMade, SnapshotTaken
from shared.fixed_clock import Clock
from shared.missed import MissedSlot
from shared.reason import Reason
from shared.stored import Stored
from shared.types import Language, Market
from shared.why import Record

_KNOWN_S = 10  # a slot that nobody started is told at most so much later


@dataclass(slots=True)
class JetStreamCycleHistory:
    """tape: time is the tape's, see Records.missed.

    Every screen asks what was missed: while the log has not grown, it is what it was a moment ago.
    """

    records: Records
    clock: Clock
    markets: tuple[Market, ...]
    interval_min: int
    tape: bool
    language: Language
    _known: tuple[tuple[int, int], tuple[Missed, ...]] = field(default=((-1, -1), ()))

    async def of(self, cycle: str) -> tuple[tuple[Logged, ...], Record]:
        async with broker_answers():
            record = await self.records.cycle(cycle)
        return tuple(logged(entry) for entry in record.entries if isinstance(entry, Stored)), record

    async def with_opening(self, cycle: str) -> tuple[Record, DecisionMade | None]:
        async with broker_answers():
            record = await self.records.cycle(cycle)
            snapshot = record.first(SnapshotTaken)
            by = snapshot.position.opened_by if snapshot and snapshot.position else None
            opening = (await self.records.cycle(by)).first(DecisionMade) if by else None
        return record, opening

    async def missed(self) -> tuple[Missed, ...]:
        now = self.clock.now()
        async with broker_answers():
            place = (await self.records.end(), int(now.timestamp()) // _KNOWN_S)
            if place != self._known[0]:
                found = await self.records.missed(self.markets, now, self.interval_min, tape=self.tape)
                self._known = place, tuple(_missed(slot, self.language) for slot in found)
        return self._known[1]


def _missed(slot: MissedSlot, language: Language) -> Missed:
    more = slot.more or Reason("")
    return Missed(
        cycle=slot.cycle,
        market=slot.market,
        slot_at=slot.slot_at,
        cause=slot.cause,
        detail=sentence(more, language),
        reason_code=more.code,
        figures=more.figures,
    )


def logged(stored: Stored) -> Logged:
    event = json.loads(encode(stored.event))
    if "candles" in event:
        del event["candles"]["arrow"]  # some ten thousand characters that nobody can read
    return Logged(seq=stored.seq, stored_at=stored.at, subject=stored.event.subject, event=event)
