"""Sales under our names that the log lacks: another bot on this account has sold what this one believes it holds."""

from collections.abc import Container

from services.executor.core import comparison
from services.executor.ports import ListingExchange, OrderLog
from shared.types import CycleId, UtcTime


async def sales(
    exchange: ListingExchange, orders: OrderLog, under_way: Container[CycleId], since: UtcTime
) -> list[CycleId]:
    """Those made since then that nobody has adopted. under_way: orders of a panic that the log does not know yet.

    Raises as `list_orders` and the log do.
    """
    listed = await exchange.list_orders(since)
    ledger = await orders.ledger()
    new = comparison.unexplained(listed.orders, ledger, under_way)
    found = {
        ledger.cycle_of(order.client_order_id) for order in new if order.side == "sell" and order.executed_volume > 0
    }
    return sorted(found | {cycle for cycle, event in ledger.found.items() if event.side == "sell"})
