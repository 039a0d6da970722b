"""Upbit's rules for won markets: tick sizes, fee, smallest and largest order, and what a market order gets (pure)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from shared.events import BookLevel
from shared.types import Krw, Price, Volume

FEE_RATE = Decimal("0.0005")  # of the funds, maker and taker alike
MIN_TOTAL = Krw(Decimal(5000))  # fee not counted
MAX_TOTAL = Krw(Decimal(1_000_000_000))
VOLUME_STEP = Decimal("0.00000001")
KEY_WARN = timedelta(days=7)  # before a key ends: none can be prolonged

_Ticks = tuple[tuple[Decimal, Decimal], ...]


def _ticks(*rows: str) -> _Ticks:
    """Each row "lowest price, tick", dearest first."""
    pairs = (row.split() for row in rows)
    return tuple((Decimal(low.replace(",", "")), Decimal(tick)) for low, tick in pairs)


# The few coins that had a tick of their own in these years are not told apart.
_BEFORE = _ticks(
    *("2,000,000 1000", "1,000,000 500", "500,000 100", "100,000 50", "10,000 10", "1,000 1", "100 0.1", "10 0.01"),
    *("1 0.001", "0.1 0.0001", "0.01 0.00001", "0.001 0.000001", "0.0001 0.0000001", "0 0.00000001"),
)
_SINCE = _ticks(
    *("1,000,000 1000", "500,000 500", "100,000 100", "50,000 50", "10,000 10", "5,000 5", "100 1", "10 0.1"),
    *("1 0.01", "0.1 0.001", "0.01 0.0001", "0.001 0.00001", "0.0001 0.000001", "0.00001 0.0000001", "0 0.00000001"),
)
TICKS_CHANGED_AT = datetime(2025, 7, 30, 15, tzinfo=UTC)  # midnight in Seoul


def tick_size(price: Decimal, at: datetime) -> Decimal:
    """The step between allowed prices around `price`, by the table in force at `at`."""
    table = _SINCE if at >= TICKS_CHANGED_AT else _BEFORE
    return next(tick for low, tick in table if price >= low)


def floor_tick(price: Decimal, at: datetime) -> Price:
    tick = tick_size(price, at)
    return Price((price / tick).to_integral_value(ROUND_FLOOR) * tick)


def ceil_tick(price: Decimal, at: datetime) -> Price:
    tick = tick_size(price, at)
    return Price((price / tick).to_integral_value(ROUND_CEILING) * tick)


# Wide and downward, so that no quotient is ever a hair more than the money allows.
_DOWN = Context(prec=60, rounding=ROUND_DOWN)


def floor8(value: Decimal) -> Decimal:
    """Cut after the 8th decimal, as Upbit does with volumes."""
    return value.quantize(VOLUME_STEP, context=_DOWN)


class Trade(NamedTuple):
    price: Price
    volume: Volume

    @property
    def funds(self) -> Krw:
        return Krw(self.price * self.volume)


class Walk(NamedTuple):
    """What a market order got. `unspent`: won of a buy, coins of a sell that found no other side."""

    trades: tuple[Trade, ...]
    unspent: Decimal

    @property
    def volume(self) -> Volume:
        return Volume(sum((trade.volume for trade in self.trades), Decimal(0)))

    @property
    def funds(self) -> Krw:
        """Fee not counted."""
        return Krw(sum((trade.funds for trade in self.trades), Decimal(0)))

    @property
    def average(self) -> Price | None:
        """Won per coin over all trades; None if there was none."""
        return Price(self.funds / self.volume) if self.trades else None


def walk_buy(levels: Sequence[BookLevel], funds: Krw) -> Walk:
    """Spend `funds` won, fee not counted, on the asks, cheapest first.

    Volumes are cut to 8 decimals, so a rest below price * 1e-8 nearly always stays unspent.
    A rest larger than that means the book was too thin. A level without a price ends it.
    """
    trades, rest = [], Decimal(funds)
    for level in levels:
        if level.ask_price <= 0:
            break
        volume = min(level.ask_size, Volume(floor8(_DOWN.divide(rest, level.ask_price))))
        if volume > 0:
            trades.append(Trade(level.ask_price, volume))
            rest -= trades[-1].funds
        if volume < level.ask_size:
            break
    return Walk(tuple(trades), rest)


def walk_sell(levels: Sequence[BookLevel], volume: Volume) -> Walk:
    """Give `volume` coins to the bids, dearest first. `unspent` above zero means the book was too thin."""
    trades, rest = [], Decimal(volume)
    for level in levels:
        if rest <= 0 or level.bid_price <= 0:
            break
        given = Volume(min(level.bid_size, rest))
        if given > 0:
            trades.append(Trade(level.bid_price, given))
            rest -= given
    return Walk(tuple(trades), rest)


def fee(funds: Krw, rate: Decimal = FEE_RATE) -> Krw:
    """Exact, with as many decimals as it has; Upbit does not round it."""
    return Krw(funds * rate)
