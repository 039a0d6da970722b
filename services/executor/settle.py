"""An order of unknown outcome, cleared up at a person's word: its fill is recorded, its market goes on.

It asks the exchange and writes to the log, in that order, and never sends an order. Cut short anywhere, it is
done again.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.executor.core import ends, exits, orders
from services.executor.core.answers import LookupFailure
from services.executor.core.deadlines import IN_DOUBT_S
from services.executor.core.doubt import doubt, summary
from services.executor.core.ledger import Ledger
from services.executor.core.orders import PlacedOrder
from services.executor.ports import ExchangePort, OrderLog
from shared.errors import Permanent
from shared.events import FillRecorded, OrderIntended, OrderSettled
from shared.stored import Stored
from shared.types import CycleId, UtcTime, Volume, slot_time, split_cycle

_WHOSE = (
    "the exchange had an order of this name before this bot sent it. Look for another bot on this account: a copy of "
    "the data folder, another machine. Only if there is none: upcycle settle {cycle} --ours; else stop the other one: "
    "upcycle settle {cycle} --not-ours"
)


_INTENDED_WITHIN_S = 600.0  # after its slot


class CannotSettle(Permanent):
    """It is not certain what became of the order, or there is nothing to settle; the text says which."""


@dataclass(frozen=True, slots=True)
class Settler:
    exchange: ExchangePort
    log: OrderLog

    async def unsettled(self) -> list[OrderIntended]:
        """The orders a person must look at, oldest first."""
        return list((await self.log.ledger()).stuck.values())

    async def look_up(self, intent: OrderIntended) -> PlacedOrder | LookupFailure:
        """What the exchange shows of an order now."""
        return await self.exchange.find(intent.client_order_id)

    async def __call__(
        self, cycle: CycleId, *, by: str, at: UtcTime, not_there: bool = False, ours: bool | None = None
    ) -> OrderSettled:
        """Record what was executed, then that it is settled. Raises CannotSettle.

        not_there: the person has looked and found no such order. The exchange's word that it has none is not
        enough by itself: nobody documents how long a new order may stay hidden, and for IN_DOUBT_S it may still be on
        its way. ours: of an order under a name that the exchange had before we sent it, whether it is this bot's.
        """
        ledger = await self.log.ledger()
        cycle = ledger.cycle_of(cycle)  # a person may read the order's name off the exchange
        intent = ledger.stuck.get(cycle)
        if intent is None and cycle in ledger.unreadable:
            return await self._unreadable(cycle, ledger, by=by, at=at, not_there=not_there)
        if intent is None:
            raise CannotSettle(f"{cycle} has no order of unknown outcome; upcycle settle lists those there are")
        lookup = await self.look_up(intent)
        theirs = ours is False and isinstance(lookup, PlacedOrder) and lookup.differs_from(intent) is not None
        if not theirs and (no := doubt(lookup, intent, not_there)):
            raise CannotSettle(f"{cycle}: {no}")
        if isinstance(lookup, LookupFailure) and (no := await self._too_soon(cycle, at)):
            raise CannotSettle(f"{cycle}: {no}")
        end = await self.log.end(cycle)
        taken = end is not None and end.reason_code == ends.TAKEN
        if ours is None and isinstance(lookup, PlacedOrder) and (taken or lookup.is_older_than(intent)):
            raise CannotSettle(f"{cycle}: {_WHOSE.format(cycle=cycle)}")
        executed = Volume(Decimal(0))
        if ours is not False and isinstance(lookup, PlacedOrder) and (fill := orders.fill_of(lookup)):
            decision = await self.log.decision(cycle) or ends.decision_of(intent)
            event = ends.booked(decision, intent, fill, ledger)
            stored = (await self.log.store(event)).event
            executed = stored.volume if isinstance(stored, FillRecorded) else fill.volume
        settled = OrderSettled(
            cycle=cycle,
            client_order_id=intent.client_order_id,
            executed=executed,
            said=summary(lookup) + (", another bot's" if ours is False else ""),
            by=by,
            at=at,
        )
        await self.log.store(settled)
        return settled

    async def _too_soon(self, cycle: CycleId, at: UtcTime) -> str | None:
        """Why no word of the exchange counts yet that it has no such order."""
        intent = await self.log.intent(cycle)
        left_s = IN_DOUBT_S - _age_s(intent, at) if intent else 0.0
        return f"the order may still arrive; try again in {left_s:.0f} s" if left_s > 0 else None

    async def _unreadable(
        self, cycle: CycleId, ledger: Ledger, *, by: str, at: UtcTime, not_there: bool
    ) -> OrderSettled:
        """Settle what nobody can read: only where the exchange has no such order and the person has looked."""
        place, names = ledger.unreadable[cycle], await self._names(cycle, ledger)
        for name in names:
            lookup = await self.exchange.find(name)
            if not isinstance(lookup, LookupFailure) or not lookup.missing:
                break
        if not isinstance(lookup, LookupFailure) or not lookup.missing:
            raise CannotSettle(
                f"{cycle}: {place} cannot be read here, and the exchange says of its order: {summary(lookup)}; "
                "upcycle adopt takes it over where the log lacks its fill, else a version that reads it is needed"
            )
        if not not_there:
            raise CannotSettle(
                f"{cycle}: {place} cannot be read here, and the exchange has no such order; look for it at Upbit "
                f"yourself, and if it is not there either: upcycle settle {cycle} --not-there"
            )
        # Nobody can read when it was intended: within minutes of its slot, since an older snapshot is not traded.
        since_slot_s = (at - slot_time(split_cycle(cycle)[1])).total_seconds()
        if (left_s := _INTENDED_WITHIN_S + IN_DOUBT_S - since_slot_s) > 0:
            raise CannotSettle(f"{cycle}: the order may still arrive; try again in {left_s:.0f} s")
        settled = OrderSettled(
            cycle=cycle, client_order_id=names[-1], executed=Volume(Decimal(0)), said=summary(lookup), by=by, at=at
        )
        stored = (await self.log.store(settled)).event
        return stored if isinstance(stored, OrderSettled) else settled

    async def _names(self, cycle: CycleId, ledger: Ledger) -> list[str]:
        """Every name its order may bear: an exit's is of the position it closes, and was the cycle's own once."""
        if names := [name for name, whose in ledger.names.items() if whose == cycle]:
            return names
        if not cycle.endswith(("-exit", "-sale")):
            return [cycle]
        try:
            snapshot = await self.log.snapshot(cycle)
        except Permanent as e:
            raise CannotSettle(
                f"{cycle}: neither its intent nor the exit itself can be read ({e}), so the name of its order is not "
                "known; a version that reads them is needed"
            ) from e
        return [cycle, orders.client_order_id(cycle, exits.closes(snapshot), ledger.names)]


def _age_s(intent: Stored, now: UtcTime) -> float:
    """How old an intent is at least: by the broker's clock, and by the exchange's, which its order book bears.

    One that says it is of the future was wrong then.
    """
    books = intent.event.books if isinstance(intent.event, OrderIntended) else None
    ages = [(now - at).total_seconds() for at in (intent.at, books.at if books else intent.at)]
    return min((age for age in ages if age >= 0), default=0.0)
