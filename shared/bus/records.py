"""The log, to be read by people: a cycle with all that happened to it, the last ones, what was missed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from nats.aio.client import Client

from shared.bus.dead_letters import DeadLetters
from shared.bus.namespace import Namespace, cycle_of
from shared.bus.stream import Message, Stream
from shared.bus.wire import Unreadable
from shared.catalogue import missed_slots
from shared.errors import Newer
from shared.events import CycleMissed, TradingDue
from shared.missed import GRACE, MissedSlot, ahead, expected, missed
from shared.reason import Reason
from shared.stored import Stored
from shared.types import CycleId, Market, UtcTime, slot_time, split_cycle
from shared.why import Record

DAY = timedelta(days=1)


class Records:
    """Writes nothing."""

    def __init__(self, connection: Client, namespace: Namespace) -> None:
        self._stream = Stream(connection, namespace, namespace.events)
        self.letters = DeadLetters(connection, namespace)

    async def cycle(self, cycle: CycleId) -> Record:
        """Everything the log holds of a cycle; a record without entries if it is not there."""
        market, slot = split_cycle(cycle)
        places = (f"ev.*.{market}.{slot}", f"ev.*.*.{market}.{slot}")
        found = [_told(message) for message in await self._stream.last_of_each(places)]
        entries = tuple(told for told in found if isinstance(told, Stored))
        unreadable = tuple(str(told) for told in found if isinstance(told, Unreadable))
        faults = tuple(letter.as_fault() for letter in await self.letters.of(cycle))
        return Record(cycle, entries, faults, unreadable)

    async def last_started(self, market: Market | None = None) -> CycleId | None:
        """The cycle that was started last, by the clock or the exit guard, of a market or of all."""
        found = [await self._stream.last(f"ev.{kind}.{market or '*'}.*") for kind in ("tick", "exit")]
        last = max((message for message in found if message is not None), key=lambda m: m.seq, default=None)
        return None if last is None else cycle_of(last.subject)

    async def missed(
        self, markets: Sequence[Market], now: UtcTime, interval_min: int, *, span: timedelta = DAY, tape: bool = False
    ) -> list[MissedSlot]:
        """Every slot of the last `span` without an end, oldest first.

        tape: time is the tape's, so the newest slot of the log stands for now.
        """
        each = await asyncio.gather(*(self._missed(market, now, interval_min, span, tape) for market in markets))
        return sorted(chain(*each), key=lambda slot: (slot.slot_at, slot.market))

    async def _missed(
        self, market: Market, now: UtcTime, interval_min: int, span: timedelta, tape: bool
    ) -> list[MissedSlot]:
        first, last = await self._slots(market)
        if first is None or last is None:
            return []
        at = last + timedelta(minutes=interval_min) if tape else now
        slots = expected(first, last + GRACE if tape else now, interval_min, span)
        names = [f"{slot:%Y%m%dT%H%MZ}" for slot in slots]
        places = [f"ev.{kind}.{market}.{name}" for name in names for kind in ("tick", "missed", "ended.*", "settled")]
        told = [(cycle_of(m.subject), _told(m)) for m in await self._stream.last_of_each(places)]
        # Rubbish in the place of an event starts and ends nothing; that it lies there is told.
        events = [line.event for _, line in told if isinstance(line, Stored)]
        rubbish = {
            cycle: missed_slots.UNREADABLE_SLOT.because({"line": str(line)})
            for cycle, line in told
            if isinstance(line, Unreadable)
        }
        found = missed(market, slots, events, at, interval_min)
        return [replace(slot, more=slot.more or rubbish.get(slot.cycle)) for slot in found]

    async def ahead(self, markets: Sequence[Market], now: UtcTime) -> Reason | None:
        """Say that the newest slot of some market has not come yet; None where all is well."""
        for market in markets:
            found = [await self._newest_of(kind, market) for kind in (TradingDue, CycleMissed)]
            in_order = [slot for _, slot in sorted(place for place in found if place is not None)]
            if said := ahead(market, in_order, now):
                return said
        return None

    async def end(self) -> int:
        """The sequence of the newest message; 0 of an empty log."""
        return await self._stream.last_seq()

    async def after(self, seq: int, pattern: str = "ev.>") -> AsyncIterator[Stored | Unreadable]:
        """Every event behind a place; in the place of one nobody can read, why not."""
        async for message in self._stream.after(seq, pattern):
            yield _told(message)

    async def newest(self, patterns: Sequence[str], limit: int) -> list[Stored | Unreadable]:
        """At least the newest `limit` events under some patterns, if there are as many; in the order of the log.

        Found by the slots in the subjects' names, so that nothing else is read.
        """
        places: set[str] = set()
        for pattern in patterns:
            places |= await self._stream.subjects(pattern)
        by_slot = sorted(places, key=lambda place: place.rpartition(".")[2])
        if len(by_slot) > limit:  # all of the oldest slot that is needed
            oldest = by_slot[-limit].rpartition(".")[2]
            by_slot = [place for place in by_slot if place.rpartition(".")[2] >= oldest]
        return [_told(message) for message in await self._stream.last_of_each(by_slot)]

    async def _slots(self, market: Market) -> tuple[UtcTime | None, UtcTime | None]:
        """The oldest and the newest slot the bot dealt with."""
        places = [kind.places(market=market) for kind in (TradingDue, CycleMissed)]
        ends = await asyncio.gather(*map(self._stream.first, places), *map(self._stream.last, places))
        found = [_slot(message) for message in ends if message]
        return min(found, default=None), max(found, default=None)

    async def _newest_of(
        self, kind: type[TradingDue] | type[CycleMissed], market: Market
    ) -> tuple[int, UtcTime] | None:
        """The market's last start or miss: its place in the log and its slot."""
        message = await self._stream.last(kind.places(market=market))
        return None if message is None else (message.seq, _slot(message))


def _told(message: Message) -> Stored | Unreadable:
    try:
        return message.stored()
    except Unreadable as e:
        return e
    except Newer as e:
        return Unreadable(str(e), message.subject, newer=True)


def _slot(message: Message) -> UtcTime:
    return slot_time(message.subject.rpartition(".")[2])
