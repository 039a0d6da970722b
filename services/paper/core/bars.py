"""Bars of one market in every unit, and what of them is known at a moment (pure)."""

from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

import polars as pl

UNITS_MIN = (1, 3, 5, 10, 15, 30, 60, 240)
DAY_MIN = 1440
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE_MS = 60_000

_NUMBERS = ("open", "high", "low", "close", "volume", "value")


def to_ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def from_ms(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


class Bar(NamedTuple):
    """What is known of a bar; of the forming one only what had happened."""

    start_ms: int
    open: float
    high: float
    low: float
    close: float
    volume: float  # coins
    value: float  # won; the tape has none, so it is volume at the bar's middle price
    known_ms: int  # time of the last thing known of it


class Bars:
    """Bars of one unit: (n, 7) ascending by `start_ms`, gaps stay gaps."""

    def __init__(self, unit_min: int, frame: pl.DataFrame) -> None:
        self.unit_ms = unit_min * MINUTE_MS
        self.frame = frame
        self.starts = array("q", frame["start_ms"].to_list())  # bisect in it costs a tenth of polars' search_sorted

    @classmethod
    def of(cls, unit_min: int, candles: pl.DataFrame) -> Self:
        """candles: `shared.candles.SCHEMA`, checked."""
        middle = pl.mean_horizontal("open", "high", "low", "close")
        start = pl.col("open_time").dt.timestamp("ms").alias("start_ms")
        return cls(unit_min, candles.with_columns(start, value=middle * pl.col("volume")).select("start_ms", *_NUMBERS))

    def resampled(self, unit_min: int) -> "Bars":
        unit_ms = unit_min * MINUTE_MS
        groups = self.frame.group_by((pl.col("start_ms") // unit_ms * unit_ms).alias("start_ms"), maintain_order=True)
        return Bars(unit_min, groups.agg(*_MERGED))

    def before(self, later: "Bars") -> "Bars":
        """These bars until `later` begin; the first of those may be a part, so these tell it if they can."""
        first = later.starts[0]
        older = self.frame.filter(pl.col("start_ms") <= first)
        overlaps = older.height > 0 and older["start_ms"][-1] == first
        return Bars(self.unit_ms // MINUTE_MS, pl.concat([older, later.frame.slice(int(overlaps))]))

    def count_before(self, ms: int) -> int:
        """How many bars start before that moment."""
        return bisect_left(self.starts, ms)

    def closed_by(self, ms: int) -> int:
        """How many bars had closed by then."""
        return self.count_before(ms - ms % self.unit_ms)

    def at(self, index: int) -> Bar:
        return self._known(self.frame.row(index))

    def newest(self, end: int, count: int) -> list[Bar]:
        """The last `count` of the first `end` bars, newest first."""
        first = max(0, end - count)
        return [self._known(row) for row in reversed(self.frame.slice(first, end - first).rows())]

    def _known(self, row: tuple[Any, ...]) -> Bar:
        return Bar._make((*row, row[0] + self.unit_ms - 1))

    def forming(self, ms: int) -> Bar | None:
        """The bar standing open at that moment, of which only its open is known."""
        index = self.closed_by(ms)
        if index == len(self.starts) or self.starts[index] > ms:
            return None
        start, price = self.starts[index], self.frame.item(index, "open")
        return Bar(start, price, price, price, price, 0.0, 0.0, known_ms=start)


_MERGED = (
    pl.col("open").first(),
    pl.col("high").max(),
    pl.col("low").min(),
    pl.col("close").last(),
    pl.col("volume").sum(),
    pl.col("value").sum(),
)


def merged(start_ms: int, bars: list[Bar]) -> Bar | None:
    """Several bars, oldest first, as one that begins at `start_ms`."""
    if not bars:
        return None
    return Bar(
        start_ms,
        bars[0].open,
        max(bar.high for bar in bars),
        min(bar.low for bar in bars),
        bars[-1].close,
        sum(bar.volume for bar in bars),
        sum(bar.value for bar in bars),
        bars[-1].known_ms,
    )
