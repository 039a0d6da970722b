"""How a cycle ended; the fields are its result, whatever the kind."""

from decimal import Decimal
from typing import Any, Literal

from shared.events.base import Choice, Confidence, CycleEvent, Side
from shared.events.order import INTENT_OR_END, Books, SaleStep
from shared.events.signal import Objection
from shared.types import Exact, Krw, Price, UtcTime, Volume


class CycleEnded(CycleEvent):
    """A cycle's one end. These fields are its result, whatever the kind."""

    SUBJECT = "ev.ended.{stage}.{market}.{slot}"
    ONCE = INTENT_OR_END
    stage: str
    decision: Choice  # what was done: hold unless an order was executed or may have been
    confidence: Confidence | None = None
    reason: str
    reason_code: str
    price: Exact[Price] | None = None
    amount: Exact[Volume] = Volume(Decimal(0))
    total: Exact[Krw] = Krw(Decimal(0))

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(stage=self.stage, market=self.market, slot=self.slot)


class CycleRejected(CycleEnded):
    """The gate said no."""

    kind: Literal["CycleRejected"] = "CycleRejected"
    objections: tuple[Objection, ...]


class OrderFilled(CycleEnded):
    """Something was bought or sold."""

    kind: Literal["OrderFilled"] = "OrderFilled"
    fee: Exact[Krw]
    executed_at: UtcTime
    step: SaleStep | None = None  # of a sale that was cut


class OrderSkipped(CycleEnded):
    """The analyst said hold."""

    kind: Literal["OrderSkipped"] = "OrderSkipped"


class OrderDenied(CycleEnded):
    """Our own risk rules said no."""

    kind: Literal["OrderDenied"] = "OrderDenied"
    wanted: Side
    books: Books | None = None


class OrderRejected(CycleEnded):
    """The exchange said no."""

    kind: Literal["OrderRejected"] = "OrderRejected"
    wanted: Side


class OrderUnresolved(CycleEnded):
    """An order may exist and could not be cleared up: a person must look."""

    kind: Literal["OrderUnresolved"] = "OrderUnresolved"
    client_order_id: str


class CycleFailed(CycleEnded):
    """A stage gave up; its message lies among the dead letters."""

    kind: Literal["CycleFailed"] = "CycleFailed"


SUCCESS = {"CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied"}  # ends that are no failure


def result(end: CycleEnded) -> dict[str, Any]:
    """The owner's result of a cycle; money as JSON numbers, as he wrote it."""
    return {
        "status": "success" if end.kind in SUCCESS else "failed",
        "decision": end.decision,
        "confidence": end.confidence,
        "reason": end.reason,
        "reason_code": end.reason_code,
        "price": None if end.price is None else float(end.price),
        "amount": float(end.amount),
        "total": float(end.total),
    }
