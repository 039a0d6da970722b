"""The owner's own sale: his request becomes an exit like the guard's, and goes through the same rules.

It is published after the market's last exit, which must have ended: of two requests, or of one and the guard, one is
refused and waits. A request that is too old ends without one.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.executor.core import exits
from services.executor.ports import OrderLog
from shared.catalogue import exits as reasons
from shared.errors import Transient
from shared.events import CycleEnded, ExitDue, OrderDenied, SaleDue
from shared.fixed_clock import Clock
from shared.settings import Settings
from shared.stage import EventStore
from shared.stored import Stored


class ExitUnderWay(Transient):
    """Another exit of the market comes first."""


@dataclass(frozen=True, slots=True)
class Sales:
    """settings, digest, code: as they stand; the exit carries them. clock: by which the broker stamps messages."""

    events: EventStore
    log: OrderLog
    clock: Clock
    settings: Mapping[str, str]
    digest: str
    code: str

    @classmethod
    def of(cls, settings: Settings, *, events: EventStore, log: OrderLog, clock: Clock, code: str) -> "Sales":
        return cls(events, log, clock, settings.deciding(), settings.digest(), code)

    async def __call__(self, asked: Stored, due: SaleDue) -> None:
        """Publish the exit of a request, once. Raises ExitUnderWay."""
        if await self.events.load(ExitDue.subject_of(due.cycle)) or await self.log.ended_as(due.cycle):
            return
        if await self.ends_late(asked):
            return
        last = await self.events.load(ExitDue.places(market=due.market))
        if last is not None and isinstance(last.event, ExitDue) and not await self.log.ended_as(last.event.cycle):
            raise ExitUnderWay(f"{last.event.cycle} has not ended")
        exit_ = exits.owners(due, self.settings, self.digest, self.code)
        stored = await self.events.emit(exit_, after=last.seq if last else 0)
        if stored.event != exit_:
            raise ExitUnderWay(f"{stored.event.subject} came first")

    async def ends_late(self, asked: Stored) -> bool:
        """End a request, or its exit, that has waited too long; whether it did."""
        event, waited_s = asked.event, (self.clock.now() - asked.at).total_seconds()
        if not isinstance(event, SaleDue | ExitDue) or waited_s <= exits.REQUEST_WITHIN_S:
            return False
        no = reasons.SALE_TOO_LATE.because({"age": waited_s, "limit": exits.REQUEST_WITHIN_S})
        end = OrderDenied(
            cycle=event.cycle, stage="executor", decision="hold", price=event.price, wanted="sell", **no.fields()
        )
        stored = await self.log.store(end)
        return isinstance(stored.event, CycleEnded)
