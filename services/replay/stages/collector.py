"""The collector again, on the snapshot that it took then."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.collector.handler import CollectorHandler
from services.filter.ports import CandleHistory
from services.replay.recording import Recording
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.events import Absent, Balances, FearGreed, OrderBook, PastCycle, Position, SnapshotTaken, TradingDue
from shared.settings import Settings
from shared.types import Market, Price, UtcTime


async def again(recording: Recording, settings: Settings, history: CandleHistory) -> tuple[SnapshotTaken]:
    world = RecordedMarket(recording.must(SnapshotTaken))
    handler = CollectorHandler.of(
        settings, exchange=world, sentiment=world, memory=world, history=world, pack=world.pack
    )
    return (await handler(recording.must(TradingDue)),)


@dataclass
class RecordedMarket:
    """All that the collector asks for, out of the snapshot it took then."""

    snapshot: SnapshotTaken

    async def order_book(self, market: Market) -> OrderBook:
        return self.snapshot.book

    async def balances(self, market: Market) -> Balances:
        return self.snapshot.balances

    async def last_price(self, market: Market) -> Price:
        return self.snapshot.price

    async def is_warned(self, market: Market) -> bool:
        return self.snapshot.warning

    async def candles(self, market: Market, unit_min: int, *, to: UtcTime, count: int) -> CandleArrays:
        return self.snapshot.candles.window(market, unit_min)

    async def known_at(self, at: UtcTime) -> FearGreed | Absent:
        return self.snapshot.fear_greed

    async def position(self, market: Market) -> Position | None:
        return self.snapshot.position

    async def past(self, market: Market, before_slot: str) -> tuple[PastCycle, ...]:
        return self.snapshot.past

    async def digest(self, market: Market, at: UtcTime) -> str:
        return self.snapshot.history_digest

    def pack(self, windows: Iterable[tuple[CandleWindow, CandleArrays]]) -> CandleFrame:
        """The bytes of then around the same candles: Arrow's are its library's business.

        Why a window is absent is the exchange's word, which is not recorded.
        """
        parts, then = list(windows), self.snapshot.candles
        told = [[(of.market, of.unit_min, of.rows) for of in each] for each in (then.windows, [of for of, _ in parts])]
        if told[0] == told[1] and all(then.window(of.market, of.unit_min) == candles for of, candles in parts):
            return then
        return CandleFrame.pack(parts)
