"""When it is proved that there is no order of a name (pure).

No answer to a POST proves it. An edge sends a request on twice and gives the second answer; a proxy says no in the
exchange's own form after the exchange has said yes. So a no is a hint that still needs the exchange's own word about
that very name, held for a while: nobody documents how long a new order may stay hidden.
"""

from dataclasses import InitVar, dataclass

from services.executor.core.orders import Fill, PlacedOrder, fill_of
from shared import refusals
from shared.catalogue import orders
from shared.reason import Reason

HIDDEN_S, TIMES = 3.0, 4  # so long, and so often, the exchange must not have it, where it has said no itself
_SEAL = object()


@dataclass(frozen=True, slots=True)
class NoOrder:
    """No order of this name has brought anything or will. Only the three functions below can say so."""

    why: Reason
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only services.executor.core.proof proves that there is no order")


def never_sent() -> NoOrder:
    """Only this run could have sent it, and it knows that no connection was made."""
    return NoOrder(orders.NEVER_SENT.because(), _SEAL)


def settled(placed: PlacedOrder) -> Fill | NoOrder | None:
    """What came of an order the exchange shows; None while that can still change."""
    if not placed.is_settled:
        return None
    return fill_of(placed) or NoOrder(orders.NOT_EXECUTED.because(), _SEAL)


def not_there(name: str, message: str, *, times: int, after_s: float, lookup_s: float) -> NoOrder | None:
    """The POST was answered with this no, and the exchange says `after_s` later that it has no such order.

    times: how often it has said so by now. lookup_s: how long an order is asked for at all. A nonce that was used is
    another copy of the request at work.
    """
    holds_s = lookup_s if name.lower() == "nonce_used" else min(HIDDEN_S, lookup_s)
    holds = times >= TIMES and after_s >= holds_s
    return NoOrder(refusals.reason_of_refusal(name, message), _SEAL) if holds else None
