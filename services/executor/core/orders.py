"""What we ask of the exchange, what it shows of that, and what came of it (pure)."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from itertools import count

from shared.catalogue import orders
from shared.events import OrderBook, OrderFound, OrderIntended, SaleStep, Side
from shared.reason import Reason
from shared.types import CycleId, Krw, Market, Price, UtcTime, Volume, exit_cycle, slot_time, split_cycle


def client_order_id(cycle: CycleId, closes: CycleId | None, taken: Container[str]) -> str:
    """Name a cycle's order: no side, no attempt, so that a repeat gives the same name.

    An exit's is of the position it closes (by the cycle that opened it), and not of the second it fired in: a second
    bot on the account with the same past fires a second later, and the exchange must know both by one name. taken:
    the names the log knows. At most 42 characters; Upbit takes 64 and never the same twice.
    """
    if closes is None:
        return str(cycle)
    market, slot = split_cycle(closes)
    opened = slot_time(slot)
    names = (exit_cycle(market, opened + timedelta(seconds=n), "close") for n in count())
    return next(name for name in names if name not in taken)


@dataclass(frozen=True, slots=True)
class Buy:
    """A market order that spends `funds` won, fee not counted."""

    market: Market
    client_order_id: str
    funds: Krw


@dataclass(frozen=True, slots=True)
class Sell:
    """A market order that gives `volume` coins. step: what was cut from it; None: nothing."""

    market: Market
    client_order_id: str
    volume: Volume
    step: SaleStep | None = None


Order = Buy | Sell


@dataclass(frozen=True, slots=True)
class TradingConditions:
    """What the exchange shows right before an order: its rules for this account, what is free, the book."""

    market_state: str
    min_total_buy: Krw
    min_total_sell: Krw
    fee_rate_buy: Decimal
    krw_free: Krw
    coin_free: Volume
    coin_locked: Volume  # in open orders
    book: OrderBook  # its time is the exchange's clock


@dataclass(frozen=True, slots=True)
class Trade:
    price: Price
    volume: Volume
    funds: Krw
    at: UtcTime


_CLOCKS = timedelta(seconds=5)  # a trade is told in whole seconds, and by another clock than the book

# The life of an order at Upbit: each state, and whether it is the last one. What came of an order that is over is
# what was executed of it, whatever its last state is called; parts of a `wait` may have been executed already.
LIFE: dict[str, bool] = {
    "wait": False,  # in the book, or being matched
    "watch": False,  # reserved in the app: no order of ours, but one could be shown so
    "done": True,  # filled whole
    # Taken back, expired, ended by the exchange; and nearly every market buy, whose rest is worth less than the
    # smallest piece of a coin.
    "cancel": True,
}


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order as the exchange shows it."""

    exchange_order_id: str
    market: Market
    side: Side
    state: str
    executed_volume: Volume
    paid_fee: Krw
    trades: tuple[Trade, ...]

    @property
    def is_settled(self) -> bool:
        """Whether nothing can change any more, and every executed coin is shown with its trade.

        A state we do not know is not an end.
        """
        shown = sum((trade.volume for trade in self.trades), Decimal(0))
        return LIFE.get(self.state, False) and shown == self.executed_volume

    def differs_from(self, order: OrderIntended | OrderFound) -> Reason | None:
        """What makes this another order than the one that was intended, or found in a list; None if nothing does."""
        name = order.client_order_id
        if (self.market, self.side) != (order.market, order.side):
            return orders.ANOTHER_ORDER.because({"name": name, "market": self.market, "side": self.side})
        if isinstance(order, OrderIntended) and self._exceeds(order):
            return orders.MORE_EXECUTED.because({"name": name})
        return None

    def is_older_than(self, intent: OrderIntended) -> bool:
        """Whether it was executed before this bot looked at the market for it: another one on this account sent it."""
        looked_at = intent.books.at if intent.books else None
        return looked_at is not None and any(trade.at < looked_at - _CLOCKS for trade in self.trades)

    def _exceeds(self, intent: OrderIntended) -> bool:
        """Whether more was executed than was ordered; the exchange may round each trade to the won."""
        if intent.volume is not None:
            return self.executed_volume > intent.volume
        funds = sum((trade.funds for trade in self.trades), Decimal(0))
        return intent.funds is not None and funds > intent.funds + len(self.trades)


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """An order under a name of ours, as a list of the exchange shows it: without its trades."""

    client_order_id: str  # a cycle's id, or shaped like one
    exchange_order_id: str
    side: Side
    state: str
    executed_volume: Volume
    created_at: UtcTime

    @property
    def is_over(self) -> bool:
        return LIFE.get(self.state, False)


@dataclass(frozen=True, slots=True)
class OrderList:
    at: UtcTime  # the exchange's
    orders: tuple[ListedOrder, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Fill:
    """What was executed of an order, all its trades together."""

    exchange_order_id: str
    side: Side
    volume: Volume
    funds: Krw  # fee not counted
    fee: Krw
    trades: int
    executed_at: UtcTime

    @property
    def price(self) -> Price:
        return Price(self.funds / self.volume)

    @property
    def total(self) -> Krw:
        """Won that left with a buy or came with a sell, fee included."""
        return Krw(self.funds + self.fee if self.side == "buy" else self.funds - self.fee)

    def slippage(self, expected: Price) -> float:
        """How much worse than `expected` it went, as a share; positive is worse."""
        dearer = float(self.price / expected - 1)
        return dearer if self.side == "buy" else -dearer


def fill_of(placed: PlacedOrder) -> Fill | None:
    """Sum up the trades of a settled order; None if nothing was executed.

    Success is what was executed, whatever the state is called.
    """
    if placed.executed_volume == 0:
        return None
    return Fill(
        exchange_order_id=placed.exchange_order_id,
        side=placed.side,
        volume=placed.executed_volume,
        funds=Krw(_sum([trade.funds for trade in placed.trades])),
        fee=placed.paid_fee,
        trades=len(placed.trades),
        executed_at=max(trade.at for trade in placed.trades),
    )


def _sum(amounts: Sequence[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))
