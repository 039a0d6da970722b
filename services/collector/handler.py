"""TradingDue → SnapshotTaken: ask for everything at once, then put it together."""

from asyncio import gather
from collections.abc import Callable
from dataclasses import dataclass

from services.collector.core import slot, snapshot
from services.collector.ports import HistoryIndex, MarketData, Memory, SentimentIndex
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame
from shared.events import SnapshotTaken, TradingDue
from shared.settings import Settings
from shared.types import Market


@dataclass(frozen=True, slots=True)
class CollectorHandler:
    """skew_s: see services.collector.core.slot.check; by default the exchange's time is a tape's.

    pack: how the candles come to ride in the event.
    """

    exchange: MarketData
    sentiment: SentimentIndex
    memory: Memory
    history: HistoryIndex
    hazards: snapshot.HazardLimits
    skew_s: Callable[[], float | None] = lambda: None
    pack: snapshot.Pack = CandleFrame.pack

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        exchange: MarketData,
        sentiment: SentimentIndex,
        memory: Memory,
        history: HistoryIndex,
        skew_s: Callable[[], float | None] = lambda: None,
        pack: snapshot.Pack = CandleFrame.pack,
    ) -> "CollectorHandler":
        return cls(exchange, sentiment, memory, history, snapshot.HazardLimits.of(settings), skew_s, pack)

    async def __call__(self, due: TradingDue) -> SnapshotTaken:
        market = due.market
        windows = snapshot.windows(market)
        shown, beside, frames = await gather(
            gather(
                self.exchange.order_book(market),
                self.exchange.balances(market),
                self.exchange.last_price(market),
                self.exchange.is_warned(market),
            ),
            gather(
                self.memory.position(market),
                self.memory.past(market, due.slot),
                self.sentiment.known_at(due.slot_at),
                self.history.digest(market, due.slot_at),
            ),
            gather(*(self._closed(due, of, unit_min) for of, unit_min in windows)),
        )
        exchange, candles = snapshot.ExchangeData(*shown), dict(zip(windows, frames, strict=True))
        slot.check(due, now=exchange.balances.at, book_at=exchange.book.at, skew_s=self.skew_s())
        return snapshot.assemble(due, exchange, snapshot.Context(*beside), candles, self.hazards, self.pack)

    async def _closed(self, due: TradingDue, market: Market, unit_min: int) -> CandleArrays:
        boundary = snapshot.boundary(due.slot_at, unit_min)
        return await self.exchange.candles(market, unit_min, to=boundary, count=snapshot.ROWS)
