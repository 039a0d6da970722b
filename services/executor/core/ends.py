"""The events of the executor: the intent, the fill and the five ends (pure)."""

from decimal import Decimal
from typing import Any

from services.executor.core import position
from services.executor.core.ledger import Ledger
from services.executor.core.orders import Buy, Fill, Order
from services.executor.core.proof import NoOrder
from services.executor.core.risk import Denied
from shared.catalogue import orders
from shared.events import (
    BookLevel,
    Books,
    CycleFailed,
    DecisionMade,
    FillRecorded,
    OrderDenied,
    OrderFilled,
    OrderFound,
    OrderIntended,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
    Position,
    Side,
)
from shared.reason import Reason, reason_of
from shared.types import CycleId, Krw, Volume

TAKEN = orders.IDENTIFIER_TAKEN.code  # the code of an order whose name somebody else had used

End = OrderFilled | OrderSkipped | OrderDenied | OrderRejected | OrderUnresolved | CycleFailed


def intended(decision: DecisionMade, order: Order, best: BookLevel, books: Books) -> OrderIntended:
    buys = isinstance(order, Buy)
    return OrderIntended(
        cycle=decision.cycle,
        client_order_id=order.client_order_id,
        side="buy" if buys else "sell",
        funds=order.funds if isinstance(order, Buy) else None,
        volume=None if isinstance(order, Buy) else order.volume,
        expected_price=best.ask_price if buys else best.bid_price,
        books=books,
        step=None if isinstance(order, Buy) else order.step,
    )


def fill_recorded(
    decision: DecisionMade, intent: OrderIntended | OrderFound, fill: Fill, held: Position
) -> FillRecorded:
    """held: the bot's own position before this fill."""
    return FillRecorded(
        cycle=decision.cycle,
        client_order_id=intent.client_order_id,
        exchange_order_id=fill.exchange_order_id,
        side=fill.side,
        price=fill.price,
        volume=fill.volume,
        funds=fill.funds,
        fee=fill.fee,
        trades=fill.trades,
        executed_at=fill.executed_at,
        slippage=fill.slippage(decision.price),
        position=position.after(held, fill, cycle=decision.cycle, why=decision.reason or decision.reason_code),
        profit=position.profit(held, fill),
        confidence=decision.confidence,
        **reason_of(decision).fields(),
        step=intent.step if isinstance(intent, OrderIntended) else None,
    )


def booked(decision: DecisionMade, intent: OrderIntended | OrderFound, fill: Fill, ledger: Ledger) -> FillRecorded:
    """The same by all the fills of the log, of which some may have been executed after this one."""
    held, fills = ledger.held(decision.market), ledger.fills[decision.market]
    why = decision.reason or decision.reason_code
    before, then = position.late(held, fills, fill, cycle=decision.cycle, why=why)
    return fill_recorded(decision, intent, fill, before).model_copy(update={"position": then})


def filled(decision: DecisionMade, fill: FillRecorded) -> OrderFilled:
    return OrderFilled(
        cycle=fill.cycle,
        stage="executor",
        decision=fill.side,
        confidence=fill.confidence,
        **reason_of(fill).fields() | {"reason_code": decision.reason_code},
        price=fill.price,
        amount=fill.volume,
        total=fill.funds,
        fee=fill.fee,
        executed_at=fill.executed_at,
        step=fill.step,
    )


def skipped(decision: DecisionMade) -> OrderSkipped:
    return OrderSkipped(**_nothing_done(decision, reason_of(decision)))


def denied(decision: DecisionMade, wanted: Side, no: Denied, books: Books) -> OrderDenied:
    return OrderDenied(**_nothing_done(decision, no.why), wanted=wanted, books=books)


def not_shown(decision: DecisionMade, wanted: Side, no: Reason) -> OrderRejected:
    """The exchange would not even show what an order needs to know; none was intended."""
    return OrderRejected(**_nothing_done(decision, no), wanted=wanted)


def rejected(decision: DecisionMade, wanted: Side, no: NoOrder) -> OrderRejected:
    return OrderRejected(**_nothing_done(decision, no.why), wanted=wanted)


def unresolved(decision: DecisionMade, intent: OrderIntended, why: str | Reason) -> OrderUnresolved:
    """The side stands as the decision: something may have been executed."""
    reason = orders.ORDER_UNRESOLVED.over(why, {"order": intent.client_order_id})
    fields = _nothing_done(decision, reason) | {"decision": intent.side}
    return OrderUnresolved(**fields, client_order_id=intent.client_order_id)


def taken(decision: DecisionMade, intent: OrderIntended) -> OrderUnresolved:
    """The exchange had this name before the first request of it left here: somebody else sends under our names."""
    reason = orders.IDENTIFIER_TAKEN.because({"order": intent.client_order_id, "cycle": intent.cycle})
    fields = _nothing_done(decision, reason) | {"decision": intent.side}
    return OrderUnresolved(**fields, client_order_id=intent.client_order_id)


def decision_of(intent: OrderIntended) -> DecisionMade:
    """Stand in for a decision that nobody can read any more; its order goes on all the same."""
    return DecisionMade(
        cycle=intent.cycle,
        decision=intent.side,
        confidence=None,
        reason_code=orders.DECISION_LOST.code,
        analyst="rules",
        price=intent.expected_price,
    )


def adopted(cycle: CycleId, fill: Fill) -> DecisionMade:
    """Stand in for the decision behind an order that the log does not know."""
    return DecisionMade(
        cycle=cycle,
        decision=fill.side,
        confidence=None,
        reason_code=orders.ORDER_ADOPTED.code,
        analyst="rules",
        price=fill.price,
    )


def _nothing_done(decision: DecisionMade, why: Reason) -> dict[str, Any]:
    return {
        "cycle": decision.cycle,
        "stage": "executor",
        "decision": "hold",
        "confidence": decision.confidence,
        **why.fields(),
        "price": decision.price,
        "amount": Volume(Decimal(0)),
        "total": Krw(Decimal(0)),
    }
