"""A row of candles out of the windows of several snapshots (pure)."""

from datetime import timedelta

from shared.api.chart import Candle
from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.events import SnapshotTaken
from shared.types import UtcTime

UNIT_MIN = 60
UNIT = timedelta(minutes=UNIT_MIN)


class CandleSeries:
    """Grows backwards: the newest snapshot first, each older one only adds what lies before."""

    def __init__(self, market: str, *, first: UtcTime | None, cut: UtcTime | None, limit: int) -> None:
        self._market, self._first, self._cut, self._limit = market, first, cut, limit
        self._candles = NO_CANDLES

    @property
    def is_whole(self) -> bool:
        return len(self._candles) >= self._limit or (
            self._first is not None and self.begins is not None and self.begins <= self._first
        )

    @property
    def begins(self) -> UtcTime | None:
        """When its oldest candle opened."""
        return self._candles.opened_at(0) if len(self._candles) else None

    def add(self, snapshot: SnapshotTaken) -> None:
        window = snapshot.candles.window(self._market, UNIT_MIN)
        if self._cut is not None:
            window = window.closed_before(self._cut, UNIT)
        if self.begins is not None:
            window = window[: window.opened_before(self.begins)]
        self._candles = CandleArrays.join([window, self._candles])

    def candles(self) -> tuple[Candle, ...]:
        begin = 0 if self._first is None else self._candles.opened_before(self._first)
        return tuple(
            Candle(at=at, open=open_, high=high, low=low, close=close, volume=volume)
            for at, open_, high, low, close, volume in self._candles[begin:][-self._limit :].rows()
        )
