"""A row of candles out of the windows of several snapshots (pure)."""

from datetime import timedelta

import polars as pl

from shared.api.chart import Candle
from shared.candles import SCHEMA, closed_before
from shared.events import SnapshotTaken
from shared.types import UtcTime

UNIT_MIN = 60
UNIT = timedelta(minutes=UNIT_MIN)


class CandleSeries:
    """Grows backwards: the newest snapshot first, each older one only adds what lies before."""

    def __init__(self, market: str, *, first: UtcTime | None, cut: UtcTime | None, limit: int) -> None:
        self._market, self._first, self._cut, self._limit = market, first, cut, limit
        self._frame = pl.DataFrame(schema=SCHEMA)

    @property
    def is_whole(self) -> bool:
        return len(self._frame) >= self._limit or (
            self._first is not None and self.begins is not None and self.begins <= self._first
        )

    @property
    def begins(self) -> UtcTime | None:
        """When its oldest candle opened."""
        begins: UtcTime | None = None if self._frame.is_empty() else self._frame["open_time"][0]
        return begins

    def add(self, snapshot: SnapshotTaken) -> None:
        window = snapshot.candles.window(self._market, UNIT_MIN)
        if self._cut is not None:
            window = closed_before(window, self._cut, UNIT)
        if self.begins is not None:
            window = window.filter(pl.col("open_time") < self.begins)
        self._frame = pl.concat([window, self._frame])

    def candles(self) -> tuple[Candle, ...]:
        frame = self._frame if self._first is None else self._frame.filter(pl.col("open_time") >= self._first)
        rows = frame.tail(self._limit).rename({"open_time": "at"}).iter_rows(named=True)
        return tuple(map(Candle.model_validate, rows))
