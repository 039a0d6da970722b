"""A history as rows of days, which are all the breakout rule needs; made once, they serve any hour (pure).

Times are whole milliseconds since 1970, UTC: the rows are read far more often than they are shown.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from shared.types import UtcTime

DAY_MS = 86_400_000
YEAR_MS = 365 * DAY_MS


@dataclass(frozen=True, slots=True)
class Days:
    """One entry a day that has bars, oldest first; and flat beside them the bars that made a new high of their day.

    The first bar whose high reaches a price is always one of those: they are the only ones kept.
    """

    start: list[int]  # 00:00 UTC
    first: list[int]  # open time of its first bar
    open: list[float]
    high: list[float]
    low: list[float]
    tops: list[int]  # where its new highs begin in the lists below; one more entry closes the last day
    top_time: list[int]
    top_open: list[float]
    top_high: list[float]


@dataclass(frozen=True, slots=True)
class History:
    """Candles and their days."""

    days: Days
    unit_ms: int  # of a candle
    time: list[int]  # open times of all candles
    close: list[float]


@dataclass(frozen=True, slots=True)
class Year:
    """What may be seen of a history at one moment: its days from `begin` to before `end`.

    Of the last of them only the first bar has surely closed: nothing but its open and that bar's time may be read.
    """

    days: Days
    begin: int
    end: int
    last_close: float  # of the last candle that had closed; 0 if there is none
    missing: int  # candles that the year lacks, those before a shorter history begins and after it ends among them

    @property
    def buy_and_hold(self) -> float:
        return self.last_close / self.days.open[self.begin] - 1 if self.begin < self.end else 0.0


def history_of(candles: pl.DataFrame, *, unit: timedelta = timedelta(hours=1)) -> History:
    """Make the day rows. candles: (n, 6) in shared.candles.SCHEMA, ascending."""
    bars = candles.select(pl.col("open_time").to_physical(), "open", "high", "low", "close").with_columns(
        day=pl.col("open_time") // DAY_MS * DAY_MS
    )
    new_day = (pl.col("day") != pl.col("day").shift(1)).fill_null(value=True)
    top = pl.col("high").cum_max().over("day")
    tops = bars.filter(new_day | (top > top.shift(1)))
    rows = bars.group_by("day", maintain_order=True).agg(
        pl.col("open_time", "open").first(), pl.col("high").max(), pl.col("low").min()
    )
    kept = tops.group_by("day", maintain_order=True).len()["len"].cum_sum().to_list()
    days = Days(
        start=rows["day"].to_list(),
        first=rows["open_time"].to_list(),
        open=rows["open"].to_list(),
        high=rows["high"].to_list(),
        low=rows["low"].to_list(),
        tops=[0, *kept],
        top_time=tops["open_time"].to_list(),
        top_open=tops["open"].to_list(),
        top_high=tops["high"].to_list(),
    )
    return History(days, round(unit.total_seconds() * 1000), bars["open_time"].to_list(), bars["close"].to_list())


def year_before(history: History, at_ms: int) -> Year:
    """The closed candles of the 365 days before a moment, from a whole day on; a shorter history gives what it has."""
    days, closed_ms = history.days, at_ms - history.unit_ms  # the last open time that had closed
    begins = (at_ms - YEAR_MS) // DAY_MS * DAY_MS
    begin, end = bisect_left(days.start, begins), bisect_right(days.first, closed_ms)
    count = bisect_right(history.time, closed_ms)
    missing = (at_ms - begins) // history.unit_ms - (count - bisect_left(history.time, begins))
    return Year(days, min(begin, end), end, history.close[count - 1] if begin < end else 0.0, missing)


def whole(history: History) -> Year:
    """All of it, as if seen after its last candle."""
    time = history.time
    missing = (time[-1] - time[0]) // history.unit_ms + 1 - len(time) if time else 0
    return Year(history.days, 0, len(history.days.start), history.close[-1] if time else 0.0, missing)


def to_ms(at: UtcTime) -> int:
    return round(at.timestamp() * 1000)
