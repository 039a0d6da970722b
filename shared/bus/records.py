"""The log, to be read by people: a cycle with all that happened to it, the last ones, what was missed."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from nats.aio.client import Client

from shared.bus.ask import Raw, direct, last_of, read_from, state, subjects
from shared.bus.letters import Letters
from shared.bus.wire import Unreadable, decode
from shared.bus.world import World, cycle_of
from shared.errors import Newer
from shared.events import CycleMissed, TradingDue
from shared.missed import GRACE, MissedSlot, ahead, expected, missed
from shared.stored import Stored
from shared.types import CycleId, Market, UtcTime, slot_time, split_cycle
from shared.why import Record

DAY = timedelta(days=1)


class Records:
    """Writes nothing."""

    def __init__(self, connection: Client, world: World) -> None:
        self._nc, self._world = connection, world
        self.letters = Letters(connection, world)

    async def cycle(self, cycle: CycleId) -> Record:
        """Everything the log holds of a cycle; a record without entries if it is not there."""
        market, slot = split_cycle(cycle)
        found = await self._last(f"ev.*.{market}.{slot}", f"ev.*.*.{market}.{slot}")
        entries = tuple(told for told in found if isinstance(told, Stored))
        unreadable = tuple(str(told) for told in found if isinstance(told, Unreadable))
        faults = tuple(letter.as_fault() for letter in await self.letters.of(cycle))
        return Record(cycle, entries, faults, unreadable)

    async def last_started(self, market: Market | None = None) -> CycleId | None:
        """The cycle that was started last, by the clock or the exit guard, of a market or of all."""
        places = (self._at(f"ev.{kind}.{market or '*'}.*") for kind in ("tick", "exit"))
        found = [await direct(self._nc, self._world.events, {"last_by_subj": place}) for place in places]
        last = max((raw[1] for raw in found if raw is not None), key=lambda h: int(h["Nats-Sequence"]), default=None)
        return None if last is None else cycle_of(last["Nats-Subject"])

    async def missed(
        self, markets: Sequence[Market], now: UtcTime, interval_min: int, *, span: timedelta = DAY, tape: bool = False
    ) -> list[MissedSlot]:
        """Every slot of the last `span` without an end, oldest first.

        tape: time is the tape's, so the newest slot of the log stands for now.
        """
        found: list[MissedSlot] = []
        for market in markets:
            first, last = await self._slots(market)
            if first is None or last is None:
                continue
            at = last + timedelta(minutes=interval_min) if tape else now
            slots = expected(first, last + GRACE if tape else now, interval_min, span)
            names = [f"{slot:%Y%m%dT%H%MZ}" for slot in slots]
            places = [f"ev.{kind}.{market}.{name}" for name in names for kind in ("tick", "missed", "ended.*")]
            raws = await last_of(self._nc, self._world.events, [self._at(place) for place in places])
            told = [(cycle_of(raw[1]["Nats-Subject"]), self._told(raw)) for raw in raws]
            # Rubbish in the place of an event starts and ends nothing; that it lies there is told.
            events = [line.event for _, line in told if isinstance(line, Stored)]
            rubbish = {cycle: f"nobody can read {line}" for cycle, line in told if isinstance(line, Unreadable)}
            for slot in missed(market, slots, events, at, interval_min):
                found.append(replace(slot, detail=slot.detail or rubbish.get(slot.cycle, "")))
        return sorted(found, key=lambda slot: (slot.slot_at, slot.market))

    async def ahead(self, markets: Sequence[Market], now: UtcTime) -> str:
        """Say that the newest slot of some market has not come yet; nothing where all is well."""
        for market in markets:
            found = [await self._newest_of(kind, market) for kind in (TradingDue, CycleMissed)]
            in_order = [slot for _, slot in sorted(place for place in found if place is not None)]
            if said := ahead(market, in_order, now):
                return said
        return ""

    async def end(self) -> int:
        """The sequence of the newest message; 0 of an empty log."""
        return int((await state(self._nc, self._world.events))["last_seq"])

    async def after(self, seq: int, pattern: str = "ev.>") -> AsyncIterator[Stored | Unreadable]:
        """Every event behind a place; in the place of one nobody can read, why not."""
        async for raw in read_from(self._nc, self._world.events, self._at(pattern), seq=seq + 1):
            yield self._told(raw)

    async def newest(self, patterns: Sequence[str], limit: int) -> list[Stored | Unreadable]:
        """At least the newest `limit` events under some patterns, if there are as many; in the order of the log.

        Found by the slots in the subjects' names, so that nothing else is read.
        """
        places: set[str] = set()
        for pattern in patterns:
            places |= await subjects(self._nc, self._world.events, self._at(pattern))
        by_slot = sorted(places, key=lambda place: place.rpartition(".")[2])
        if len(by_slot) > limit:  # all of the oldest slot that is needed
            oldest = by_slot[-limit].rpartition(".")[2]
            by_slot = [place for place in by_slot if place.rpartition(".")[2] >= oldest]
        return [self._told(raw) for raw in await last_of(self._nc, self._world.events, by_slot)]

    def _told(self, raw: Raw) -> Stored | Unreadable:
        try:
            return self._stored(raw)
        except Unreadable as e:
            return e
        except Newer as e:
            return Unreadable(str(e), self._world.plain(raw[1]["Nats-Subject"]), newer=True)

    async def _slots(self, market: Market) -> tuple[UtcTime | None, UtcTime | None]:
        """The oldest and the newest slot the bot dealt with."""
        found = []
        for kind in (TradingDue, CycleMissed):
            place = self._at(kind.places(market=market))
            for question in ({"seq": 1, "next_by_subj": place}, {"last_by_subj": place}):
                raw = await direct(self._nc, self._world.events, question)
                if raw is not None:
                    found.append(slot_time(raw[1]["Nats-Subject"].rpartition(".")[2]))
        return min(found, default=None), max(found, default=None)

    async def _newest_of(
        self, kind: type[TradingDue] | type[CycleMissed], market: Market
    ) -> tuple[int, UtcTime] | None:
        """The market's last start or miss: its place in the log and its slot."""
        place = self._at(kind.places(market=market))
        raw = await direct(self._nc, self._world.events, {"last_by_subj": place})
        if raw is None:
            return None
        return int(raw[1]["Nats-Sequence"]), slot_time(raw[1]["Nats-Subject"].rpartition(".")[2])

    async def _last(self, *places: str) -> list[Stored | Unreadable]:
        found = await last_of(self._nc, self._world.events, [self._at(place) for place in places])
        return [self._told(raw) for raw in found]

    def _at(self, place: str) -> str:
        return self._world.subject(place)

    def _stored(self, raw: Raw) -> Stored:
        body, headers = raw
        event = decode(body, self._world.plain(headers["Nats-Subject"]))
        at = datetime.fromisoformat(headers["Nats-Time-Stamp"])
        delivery, stamp = int(headers.get("delivery", 1)), headers.get("emitted-at", "")
        return Stored(event, int(headers["Nats-Sequence"]), at, delivery=delivery, stamp=stamp)
