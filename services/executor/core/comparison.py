"""The exchange's list of our orders against the log: which of them the log lacks, or calls nothing (pure)."""

from collections.abc import Container, Iterable

from services.executor.core.ledger import Ledger
from services.executor.core.orders import ListedOrder
from shared.events import OrderFound
from shared.types import CycleId, UtcTime

# What may be true of an order that was listed as over with nothing executed.
_CAME_TO_NOTHING = {"OrderRejected", "OrderSettled"}


def unexplained(orders: Iterable[ListedOrder], ledger: Ledger, under_way: Container[CycleId]) -> list[ListedOrder]:
    """The orders no fill accounts for and nobody works on.

    ledger: read after the list, so that each listed order of ours had its intent stored by then. under_way: cycles,
    or names of orders, that the log has not been told of yet.
    """
    return [
        order
        for order in orders
        for cycle in (ledger.cycle_of(order.client_order_id),)
        if cycle not in ledger.executed
        and cycle not in ledger.open
        and cycle not in ledger.stuck
        and cycle not in under_way
        and order.client_order_id not in under_way
        and not ledger.has_seen(cycle)
    ]


def found(order: ListedOrder, ledger: Ledger, ended_as: str | None, at: UtcTime) -> OrderFound | None:
    """What to say of an unexplained order; None where the log is right that it came to nothing.

    ended_as: the kind of its cycle's end.
    """
    cycle = ledger.cycle_of(order.client_order_id)
    settled = cycle in ledger.settled
    says = "OrderSettled" if settled else (ended_as or "Nothing") if cycle in ledger.intended else ""
    event = OrderFound(
        cycle=cycle,
        client_order_id=order.client_order_id,
        exchange_order_id=order.exchange_order_id,
        side=order.side,
        state=order.state,
        is_open=not order.is_over,
        executed=order.executed_volume,
        ordered_at=order.created_at,
        at=at,
        log_says=says,
    )
    if event.is_empty and says in _CAME_TO_NOTHING:
        return None
    # Its settlement stands already: it is found once something was executed, which only its fill ends.
    return None if settled and event.executed == 0 else event


def differing(orders: Iterable[ListedOrder], ledger: Ledger) -> list[ListedOrder]:
    """The orders of which the exchange says another volume than their fill."""
    executed = ledger.executed
    return [
        order
        for order in orders
        if executed.get(ledger.cycle_of(order.client_order_id), order.executed_volume) != order.executed_volume
    ]
