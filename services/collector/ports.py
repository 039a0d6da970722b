"""What the collector needs from the world, in its own words, and how that may fail."""

from typing import Protocol

import polars as pl

from shared.candle_arrays import CandleArrays
from shared.errors import Permanent, Transient
from shared.events import Absent, Balances, FearGreed, OrderBook, PastCycle, Position
from shared.types import Market, Price, UtcTime


class UnknownMarket(Permanent):
    """The exchange does not trade this market; the text names it."""


class KeyRefused(Permanent):
    """The exchange does not accept our key, or not for this; the text has its reason, never the key."""


class RequestRefused(Permanent):
    """The exchange will not answer what we asked: a fault of ours."""


class ExchangeBusy(Transient):
    """The exchange is there but does not answer now: too many requests, maintenance, its own fault."""


class ExchangeUnreachable(Transient):
    """No answer came: no connection, or it took too long."""


class UnreadableAnswer(Transient):
    """An answer came that cannot be one."""


class MarketData(Protocol):
    """Every time in it is the exchange's own."""

    async def order_book(self, market: Market) -> OrderBook: ...

    async def balances(self, market: Market) -> Balances:
        """Won and the market's coin; zero of what the account does not hold."""

    async def last_price(self, market: Market) -> Price: ...

    async def is_warned(self, market: Market) -> bool:
        """Whether the exchange flags the market as a candidate for delisting."""

    async def candles(self, market: Market, unit_min: int, *, to: UtcTime, count: int) -> CandleArrays:
        """The newest `count` candles that open before `to`, checked; the last may be forming.

        Empty if there are none of that unit.
        """


class SentimentIndex(Protocol):
    async def known_at(self, at: UtcTime) -> FearGreed | Absent:
        """The index as it was known then. Never raises: what goes wrong is the reason of its absence."""


class Memory(Protocol):
    """What the bot's own event log remembers."""

    async def position(self, market: Market) -> Position | None:
        """What the bot holds after its last fill."""

    async def past(self, market: Market, before_slot: str) -> tuple[PastCycle, ...]:
        """The market's last five ends before that slot, newest first."""


class HistoryIndex(Protocol):
    async def digest(self, market: Market, at: UtcTime) -> str:
        """Which history the gate is to read: with every hour that had closed by `at`, if it can be had."""


class HourPages(Protocol):
    """Hourly candles as the exchange hands them out."""

    async def now(self, market: Market) -> UtcTime:
        """The exchange's own time."""

    async def hours(self, market: Market, to: UtcTime) -> pl.DataFrame:
        """The newest 200 closed hours that opened before `to`, in shared.candles.SCHEMA, ascending; may be empty."""
