"""What was ordered and what was executed."""

from typing import Literal

from pydantic import Field

from shared.events.base import Confidence, CycleEvent, Side
from shared.events.snapshot import Position
from shared.types import Exact, Krw, Price, UtcTime, Volume

# One intent or end may follow the last of them that the writer knows of: so there is one end, and no
# intent after a failure.
INTENT_OR_END = "ev.*.*.{market}.{slot}"


class OrderIntended(CycleEvent):
    """Stored before the request leaves. Whoever finds it asks the exchange and never sends again."""

    SUBJECT = "ev.intent.executor.{market}.{slot}"
    ONCE = INTENT_OR_END
    kind: Literal["OrderIntended"] = "OrderIntended"
    client_order_id: str = Field(max_length=64)
    side: Side
    funds: Exact[Krw] | None = None  # of a buy: won to spend, fee not counted
    volume: Exact[Volume] | None = None  # of a sell: coins to give
    expected_price: Exact[Price]  # best price of the other side when it was decided


class FillRecorded(CycleEvent):
    """What was executed. The books read this and nothing else."""

    SUBJECT = "ev.fill.{market}.{slot}"
    kind: Literal["FillRecorded"] = "FillRecorded"
    client_order_id: str
    exchange_order_id: str
    side: Side
    price: Exact[Price]  # funds / volume
    volume: Exact[Volume]
    funds: Exact[Krw]  # sum over the trades, without fee
    fee: Exact[Krw]
    trades: int
    executed_at: UtcTime  # of the last trade
    slippage: float  # against the snapshot's price, positive is worse
    position: Position  # the bot's own, after this
    confidence: Confidence | None
    reason: str
