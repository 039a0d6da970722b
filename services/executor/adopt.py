"""An order of ours that the log lacks, taken over at a person's word: its fill is recorded, its market goes on.

Like settling (settle.py): it asks the exchange and writes to the log, in that order, and never sends an order. Cut
short anywhere, it is done again.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.executor.comparison import Comparison
from services.executor.core import ends, orders
from services.executor.core.answers import LookupFailure
from services.executor.core.doubt import doubt, summary
from services.executor.core.ledger import Ledger
from services.executor.core.orders import PlacedOrder
from services.executor.ports import ListingExchange, OrderLog
from shared.errors import Permanent
from shared.events import FillRecorded, OrderFound, OrderSettled
from shared.types import CycleId, UtcTime, Volume


class CannotAdopt(Permanent):
    """It is not certain what the order came to, or there is nothing to adopt; the text says which."""


@dataclass(frozen=True, slots=True)
class Adopter:
    exchange: ListingExchange
    log: OrderLog
    compare: Comparison

    async def found(self) -> list[OrderFound]:
        """Look at the exchange's list now; the orders to adopt, oldest first."""
        await self.compare()
        return list((await self.log.ledger()).found.values())

    async def look_up(self, event: OrderFound) -> PlacedOrder | LookupFailure:
        """What the exchange shows of an order now."""
        return await self.exchange.find(event.client_order_id)

    async def __call__(self, cycle: CycleId, *, by: str, at: UtcTime) -> OrderSettled:
        """Record what was executed, then that it is settled. Raises CannotAdopt."""
        ledger = await self.log.ledger()
        cycle = ledger.cycle_of(cycle)  # a person may read the order's name off the exchange
        event = ledger.found.get(cycle)
        if event is None:
            raise CannotAdopt(f"{cycle} has no order that the log lacks; upcycle adopt lists those there are")
        if before := _before(event, ledger):
            raise CannotAdopt(f"{cycle}: {before} is older, and positions add up in order; adopt that one first")
        lookup = await self.look_up(event)
        if no := doubt(lookup, event):
            raise CannotAdopt(f"{cycle}: {no}")
        executed = Volume(Decimal(0))
        ledger = await self.log.ledger()  # anew: an exit may have sold while the exchange was asked
        if open_ := next(ledger.open_in(event.market), None):
            raise CannotAdopt(f"{cycle}: {open_} is under way in this market; try again once it has ended")
        if isinstance(lookup, PlacedOrder) and (fill := orders.fill_of(lookup)):
            decided = await self.log.decision(cycle)
            decision = decided if decided and decided.decision == fill.side else ends.adopted(cycle, fill)
            recorded = ends.booked(decision, event, fill, ledger)
            stored = (await self.log.store(recorded)).event
            executed = stored.volume if isinstance(stored, FillRecorded) else fill.volume
        settled = OrderSettled(
            cycle=cycle, client_order_id=event.client_order_id, executed=executed, said=summary(lookup), by=by, at=at
        )
        await self.log.store(settled)
        return settled


def _before(event: OrderFound, ledger: Ledger) -> CycleId | None:
    """An older order of the same market that is to be adopted first."""
    older = (cycle for cycle, other in ledger.found.items() if other.market == event.market)
    first = next(older, None)
    return None if first == event.cycle else first
