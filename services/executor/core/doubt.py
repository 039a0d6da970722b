"""Why what the exchange shows of an order does not say for certain what became of it, for a person (pure)."""

from services.executor.core.answers import LookupFailure
from services.executor.core.orders import PlacedOrder
from shared.events import OrderFound, OrderIntended
from shared.types import plain


def doubt(
    lookup: PlacedOrder | LookupFailure, order: OrderIntended | OrderFound, not_there: bool = False
) -> str | None:
    """What hinders to settle an intended order, or to adopt one that was found in a list; None if nothing does.

    not_there: the person has looked and found no such order.
    """
    is_found = isinstance(order, OrderFound)
    if isinstance(lookup, LookupFailure):
        if is_found or not lookup.missing:
            silent = "listed it and does not show it now" if is_found else "does not say what became of it"
            return f"the exchange {silent} ({lookup.text}); try again later"
        todo = f"look for it at Upbit yourself, and if it is not there either: upcycle settle {order.cycle} --not-there"
        return None if not_there else f"the exchange has no such order; {todo}"
    if lookup.differs_from(order):
        another = f"the exchange shows a {lookup.side} of {lookup.market} under that name, which is not this order"
        todo = f"another bot trades on this account; stop it, then: upcycle settle {order.cycle} --not-ours"
        return another if is_found else f"{another}: {todo}"
    if not lookup.is_settled:
        todo = "adopt" if is_found else "settle"
        return f"the order is still open ({lookup.state}); cancel it at the exchange, then {todo} it"
    return None


def summary(lookup: PlacedOrder | LookupFailure) -> str:
    """What the exchange shows, in one line."""
    if isinstance(lookup, LookupFailure):
        return lookup.text
    return f"{lookup.state}, executed {plain(lookup.executed_volume)}, fee {plain(lookup.paid_fee)}"
