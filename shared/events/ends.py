"""How a cycle ended; the fields are its result, whatever the kind."""

from decimal import Decimal
from typing import Literal

from shared.events.base import Choice, Confidence, CycleEvent, Side
from shared.events.order import INTENT_OR_END, Books, SaleStep
from shared.events.signal import Objection
from shared.reason import Figure
from shared.types import Exact, Krw, Price, UtcTime, Volume

Executor = Literal["executor"]


class CycleEnded(CycleEvent):
    """A cycle's one end. These fields are its result, whatever the kind.

    The subject names who said it, by which the broker knows his login: what was ordered, the executor alone.
    """

    SUBJECT = "ev.ended.{stage}.{market}.{slot}"
    ONCE = INTENT_OR_END
    stage: str
    decision: Choice  # what was done: hold unless an order was executed or may have been
    confidence: Confidence | None = None
    reason: str = ""  # of an older event alone, which kept a sentence and no figures
    reason_code: str
    price: Exact[Price] | None = None
    amount: Exact[Volume] = Volume(Decimal(0))
    total: Exact[Krw] = Krw(Decimal(0))
    figures: tuple[Figure, ...] = ()  # that decided; see shared/reason.py
    said: str = ""  # the words of the model, of the exchange or of a fault

    @property
    def sayer(self) -> str:
        return self.stage

    @property
    def subject(self) -> str:
        return self.SUBJECT.format(stage=self.sayer, market=self.market, slot=self.slot)


class GivenUp(CycleEnded):
    """An end for a stage that could give none; said by the clock where its process died at every delivery."""

    by: Literal["clock"] | None = None  # None: by the stage itself

    @property
    def sayer(self) -> str:
        return self.by or self.stage


class CycleRejected(CycleEnded):
    """The gate said no."""

    kind: Literal["CycleRejected"] = "CycleRejected"
    stage: Literal["filter"]
    objections: tuple[Objection, ...]


class OrderFilled(CycleEnded):
    """Something was bought or sold."""

    kind: Literal["OrderFilled"] = "OrderFilled"
    stage: Executor
    fee: Exact[Krw]
    executed_at: UtcTime
    step: SaleStep | None = None  # of a sale that was cut


class OrderSkipped(CycleEnded):
    """The analyst said hold."""

    kind: Literal["OrderSkipped"] = "OrderSkipped"
    stage: Executor


class OrderDenied(CycleEnded):
    """Our own risk rules said no."""

    kind: Literal["OrderDenied"] = "OrderDenied"
    stage: Executor
    wanted: Side
    books: Books | None = None


class OrderRejected(CycleEnded):
    """The exchange said no."""

    kind: Literal["OrderRejected"] = "OrderRejected"
    stage: Executor
    wanted: Side


class OrderUnresolved(GivenUp):
    """An order may exist and could not be cleared up: a person must look."""

    kind: Literal["OrderUnresolved"] = "OrderUnresolved"
    stage: Executor
    client_order_id: str


class CycleFailed(GivenUp):
    """A stage gave up; its message lies among the dead letters."""

    kind: Literal["CycleFailed"] = "CycleFailed"


SUCCESS = {"CycleRejected", "OrderFilled", "OrderSkipped", "OrderDenied"}  # ends that are no failure
