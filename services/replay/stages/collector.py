"""The collector again, on the snapshot that it took then."""

from dataclasses import dataclass

from services.collector.handler import CollectorHandler
from services.filter.ports import CandleHistory
from services.replay.recording import Recording
from shared.candle_arrays import CandleArrays
from shared.candle_frame import CandleFrame
from shared.events import Absent, Balances, FearGreed, OrderBook, PastCycle, Position, SnapshotTaken, TradingDue
from shared.settings import Settings
from shared.types import Market, Price, UtcTime


async def again(recording: Recording, settings: Settings, history: CandleHistory) -> tuple[SnapshotTaken]:
    then = recording.must(SnapshotTaken)
    world = RecordedMarket(then)
    handler = CollectorHandler.of(settings, exchange=world, sentiment=world, memory=world, history=world)
    now = await handler(recording.must(TradingDue))
    if _same_candles(then, now):
        now = now.model_copy(update={"candles": then.candles})
    return (now,)


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


def _same_candles(then: SnapshotTaken, now: SnapshotTaken) -> bool:
    """Whether both hold the same candles, in whatever bytes: Arrow's are its library's business.

    Why a window is absent is the exchange's word, which is not recorded.
    """
    if then.candles == now.candles:
        return False
    if _windows(then.candles) != _windows(now.candles):
        return False
    windows = [(w.market, w.unit_min) for w in then.candles.windows]
    return all(then.candles.window(*key) == now.candles.window(*key) for key in windows)


def _windows(candles: CandleFrame) -> list[tuple[str, int, int]]:
    return [(w.market, w.unit_min, w.rows) for w in candles.windows]
