"""What is held and how its closing stands, out of the event log."""

from dataclasses import dataclass

from services.clock.ports import LastExit
from shared.bus.event_log import EventLog
from shared.events import CycleEnded, ExitDue, FillRecorded, Position
from shared.types import Market


@dataclass(frozen=True, slots=True)
class EventExitLog:
    events: EventLog

    async def position(self, market: Market) -> Position | None:
        stored = await self.events.load(FillRecorded.places(market=market))
        return stored.event.position if stored and isinstance(stored.event, FillRecorded) else None

    async def last_exit(self, market: Market) -> LastExit | None:
        stored = await self.events.load(ExitDue.places(market=market))
        if stored is None or not isinstance(stored.event, ExitDue):
            return None
        due = stored.event
        match due.rule:
            case "owner" | "panic":
                rule = None
            case guards:
                rule = guards
        ended = not await self.events.is_empty(CycleEnded.places_of(due.cycle))
        fill = await self.events.load(FillRecorded.subject_of(due.cycle)) if ended else None
        return LastExit(
            cycle=due.cycle,
            seq=stored.seq,
            at=due.at,
            ended=ended,
            opened_by=due.position.opened_by,
            attempt=due.attempt if rule else 0,
            rule=rule,
            limit=due.limit,
            step=due.step,
            left=fill.event.position if fill and isinstance(fill.event, FillRecorded) else None,
        )

    async def put_exit(self, due: ExitDue, *, after: int) -> bool:
        stored = await self.events.emit(due, after=after)
        return stored.event == due
