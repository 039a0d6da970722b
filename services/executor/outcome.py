"""What became of an order: asked of the exchange by the order's own name. Never sends.

Whoever has sent an order, or finds that another run may have, asks here and nowhere else: the executor for a decision
or an exit, and the owner's panic.
"""

from collections.abc import Awaitable, Callable

from services.executor.core import proof
from services.executor.core.answers import Answer, LookupFailure, NeverSent, SaidNo
from services.executor.core.orders import Fill, PlacedOrder
from services.executor.core.proof import NoOrder
from services.executor.ports import CancellingExchange, ExchangePort, Pace
from shared.catalogue import orders
from shared.events import OrderIntended

AGAIN_AFTER_S = (0.1, 5.0)  # doubling from the first to the second

# What was executed; the proof that nothing was; or nobody knows.
Outcome = Fill | NoOrder | LookupFailure


async def find_out(
    exchange: ExchangePort,
    pace: Pace,
    intent: OrderIntended,
    answer: Answer | None,
    *,
    for_s: float,
    while_open: Callable[[], Awaitable[None]] | None = None,
) -> Outcome:
    """Ask until it is settled or proved that there is none, for `for_s` at most.

    answer: what the only POST of this name was answered; None where another run may have sent one.
    while_open: done once, if the order is found open.
    """
    if isinstance(answer, NeverSent) and not answer.reached_exchange:
        return proof.never_sent()
    began, (pause_s, longest_s) = pace.now(), AGAIN_AFTER_S
    until, absent = began + for_s, 0
    while True:
        asked_at = pace.now()  # its answer may be as old as that
        lookup = await exchange.find(intent.client_order_id)
        if isinstance(lookup, PlacedOrder):
            if difference := lookup.differs_from(intent):
                return LookupFailure(difference)
            if lookup.is_older_than(intent):
                return LookupFailure(orders.EXECUTED_BEFORE.because({"name": intent.client_order_id}), taken=True)
            if settled := proof.settled(lookup):
                return settled
            if while_open:
                await while_open()
                while_open = None
        elif lookup.missing and isinstance(answer, SaidNo):
            absent, after_s = absent + 1, asked_at - began
            no = proof.not_there(answer.name, answer.message, times=absent, after_s=after_s, lookup_s=until - began)
            if no:
                return no
        left_s = until - pace.now()
        if left_s <= 0:
            return (
                lookup
                if isinstance(lookup, LookupFailure)
                else LookupFailure(orders.STILL_OPEN.because({"state": lookup.state}))
            )
        blocked = isinstance(lookup, LookupFailure) and lookup.blocked
        await pace.pause(left_s if blocked else min(pause_s, left_s))
        pause_s = min(2 * pause_s, longest_s)


async def cancel_and_find_out(
    exchange: CancellingExchange, pace: Pace, intent: OrderIntended, answer: Answer | None, *, for_s: float
) -> Outcome:
    """The same, of an order that is cancelled if it is found open."""

    async def cancel() -> None:
        await exchange.cancel(intent.client_order_id)

    return await find_out(exchange, pace, intent, answer, for_s=for_s, while_open=cancel)
