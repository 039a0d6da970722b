"""What was ordered and what was executed."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from shared.events.base import Confidence, CycleEvent, Part, Side
from shared.events.snapshot import Position
from shared.reason import Figure
from shared.types import CycleId, Exact, Krw, Price, UtcTime, Volume, is_panic

# One intent or end may follow the last of them that the writer knows of: so there is one end, and no
# intent after a failure.
INTENT_OR_END = "ev.*.*.{market}.{slot}"


class Books(Part):
    """What the risk rules saw of the bot's own trading before an order, over all markets."""

    at: UtcTime  # the exchange's time of the look; its UTC day is `today`
    orders_today: int  # intended ones, whatever became of them
    profit_today: Exact[Krw]  # of what was sold, fees included; negative is a loss
    last_loss_at: UtcTime | None  # the last sale at a loss
    held: Exact[Volume]  # in this market, by the bot's fills
    drift: Exact[Volume]  # of that, what the account does not have
    unresolved: CycleId | None = None  # an order of this market that a person must settle
    unreadable: CycleId | None = None  # a cycle of this market whose intent, fill or settlement nobody can read
    foreign: CycleId | None = None  # an order of this market that a person must adopt; a sell before a buy
    foreign_side: Side | None = None


# slippage: the bids within the limit take no more. book: the shown bids take no more. smallest: they take less than
# the smallest order, which went all the same. rest: what would have been left could not be sold any more, and went
# along. largest: the exchange takes no larger order.
SaleCut = Literal["slippage", "book", "smallest", "rest", "largest"]


class SaleStep(Part):
    """One order of a sale that the book did not take whole within EXIT_SLIPPAGE_MAX."""

    wanted: Exact[Volume]  # coins to be sold
    left: Exact[Volume]  # of these, after this order; a later one sells them
    best: Exact[Price]  # bid when it was cut
    worst: Exact[Price]  # the lowest bid it was to take
    limit: Exact[Decimal]  # EXIT_SLIPPAGE_MAX
    cut: SaleCut


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
    books: Books | None = None
    step: SaleStep | None = None  # of a sale that was cut


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
    profit: Exact[Krw] | None = None  # of a sale: what it brought less what was paid for it, fees included
    confidence: Confidence | None
    reason: str = ""  # of an older event alone, which kept a sentence and no figures
    step: SaleStep | None = None  # of a sale that was cut
    reason_code: str = ""  # of the decision, like the next two
    figures: tuple[Figure, ...] = ()
    said: str = ""


class OrderFound(CycleEvent):
    """The exchange lists an order under our name that the log does not know, or says came to nothing.

    The log may have forgotten it, the exchange may have said no to an order that it took, or another bot trades on
    this account. Its market stands still until a person adopts it: FillRecorded, then OrderSettled.
    """

    SUBJECT = "ev.found.{market}.{slot}"
    kind: Literal["OrderFound"] = "OrderFound"
    client_order_id: str
    exchange_order_id: str
    side: Side
    state: str  # the exchange's word
    is_open: bool
    executed: Exact[Volume]  # when it was found
    ordered_at: UtcTime  # the exchange's times
    at: UtcTime
    log_says: str  # the event that says it came to nothing; empty where the log does not know the order

    @property
    def is_panics_elsewhere(self) -> bool:
        """Whether a panic sold with another data folder's journal, as a copy's, and this log was not told of it."""
        return not self.log_says and is_panic(self.cycle)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was executed and nothing can be any more: there is nothing to adopt."""
        return not self.is_open and self.executed == 0


class OrderSettled(CycleEvent):
    """A person looked at an order of unknown outcome, or adopted one: its market goes on. No end; the cycle has one."""

    SUBJECT = "ev.settled.{market}.{slot}"
    kind: Literal["OrderSettled"] = "OrderSettled"
    client_order_id: str
    executed: Exact[Volume]  # recorded as a fill where it is more than nothing
    said: str  # what the exchange showed
    by: str
    at: UtcTime
