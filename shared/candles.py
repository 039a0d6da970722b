"""The candle frame: its columns, its check at the door, and how it is written as Arrow (pure)."""

import io
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any

import numpy as np
import polars as pl

from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.errors import Permanent

# One row per candle, ascending by open time, unique. A bar nobody traded in is absent, as at Upbit.
_COLUMNS: dict[str, pl.DataType] = {
    "open_time": pl.Datetime("ms", "UTC"),
    "open": pl.Float64(),
    "high": pl.Float64(),
    "low": pl.Float64(),
    "close": pl.Float64(),
    "volume": pl.Float64(),  # coins
}
SCHEMA = pl.Schema(_COLUMNS)
PRICES = ("open", "high", "low", "close")
_MESSAGE = b"\xff\xff\xff\xff"  # what each of Arrow's messages begins with; the length of its own head follows


class BadCandles(Permanent):
    """The candles cannot be true: duplicates, disorder, nulls, impossible bars."""


def check(frame: pl.DataFrame, *, name: str) -> pl.DataFrame:
    """Return the frame in SCHEMA's columns and types; refuse what cannot be true.

    frame: at least SCHEMA's columns, any order. name: what to call it in the error.
    Raises BadCandles naming the first fault and where it stands.
    """
    missing = [column for column in SCHEMA if column not in frame.columns]
    if missing:
        raise BadCandles(f"{name}: column {missing[0]!r} is missing; needed are {', '.join(SCHEMA)}")
    try:
        frame = frame.select(SCHEMA.names()).cast(SCHEMA)
    except pl.exceptions.PolarsError as e:
        raise BadCandles(f"{name}: a column has the wrong type: {str(e).splitlines()[0]}") from e
    if frame.is_empty():
        raise BadCandles(f"{name}: there is no candle in it")
    for fault, times in faults(frame).items():
        raise BadCandles(f"{name}: the candle of {times[0]} {fault}")
    return frame


def faults(frame: pl.DataFrame) -> dict[str, list[Any]]:
    """What cannot be true of candles, and the open times of those that have it; a fault nobody has is left out.

    frame: (n, 6) in SCHEMA, in the order in which it came.
    """
    step = pl.col("open_time").diff().dt.total_milliseconds()
    top, bottom = pl.max_horizontal("open", "close"), pl.min_horizontal("open", "close")
    known = {
        "has a null": pl.any_horizontal(pl.all().is_null()),
        "is not a number": pl.any_horizontal(
            pl.col(*PRICES, "volume").is_nan() | pl.col(*PRICES, "volume").is_infinite()
        ),
        "has a price of zero or less": pl.any_horizontal(pl.col(*PRICES) <= 0),
        "has a negative volume": pl.col("volume") < 0,
        "has its high below its open or close": pl.col("high") < top,
        "has its low above its open or close": pl.col("low") > bottom,
        "stands twice": step == 0,
        "is out of order": step < 0,
    }
    bad = frame.select(pl.col("open_time"), **{k: v.fill_null(False) for k, v in known.items()})
    return {fault: bad.filter(pl.col(fault))["open_time"].to_list() for fault in known if bad[fault].any()}


def closed_before(frame: pl.DataFrame, at: datetime, unit: timedelta) -> pl.DataFrame:
    """The candles that had closed at `at`: never the forming one. frame: ascending, as SCHEMA says."""
    return frame.head(len(CandleArrays.of(frame).closed_before(at, unit)))


def packed(windows: Iterable[tuple[str, int, CandleArrays]]) -> bytes:
    """Several windows (market, minutes of a candle, its candles) as one compressed Arrow file."""
    parts = list(windows)
    candles = CandleArrays.join([part for *_, part in parts])
    frame = pl.DataFrame(
        [
            *_keys(tuple((market, unit_min, len(part)) for market, unit_min, part in parts)),
            pl.Series("open_time", candles.opened).cast(SCHEMA["open_time"]),
            *(pl.Series(name, getattr(candles, name)) for name in (*PRICES, "volume")),
        ]
    )
    data = io.BytesIO()
    frame.write_ipc(data, compression="zstd")
    return data.getvalue()


@lru_cache(maxsize=16)  # a market's are the same each hour
def _keys(windows: tuple[tuple[str, int, int], ...]) -> tuple[pl.Series, pl.Series]:
    """The columns market and unit_min of windows of so many rows."""
    markets, units, rows = zip(*windows, strict=True)
    return (
        pl.Series("market", np.repeat(np.array(markets, object), rows), pl.String()),
        pl.Series("unit_min", np.repeat(np.array(units, np.int32), rows)),
    )


def window(arrow: bytes, rows: Mapping[tuple[str, int], int], wanted: tuple[str, int]) -> CandleArrays:
    """The candles of one window; empty if there is no such one. Raises BadCandles.

    arrow: as `packed` made it. rows: how many candles each window has, in the order in which they were packed.
    """
    candles, end = _opened(arrow), 0
    if len(candles) != sum(rows.values()):
        raise BadCandles(f"the windows name {sum(rows.values())} candles, their frame holds {len(candles)}")
    for key, count in rows.items():
        end += count
        if key == wanted:
            return candles[end - count : end]
    return NO_CANDLES


@lru_cache(maxsize=4)  # those who ask for a cycle's windows ask for several, one after the other
def _opened(arrow: bytes) -> CandleArrays:
    """Every window's candles, one window behind the other."""
    return CandleArrays.of(_frame(arrow))


def _frame(arrow: bytes) -> pl.DataFrame:
    """An Arrow file holds the messages of a stream, and polars reads a stream in a third of the time."""
    try:
        return pl.read_ipc_stream(_head() + arrow[arrow.index(_MESSAGE) :])
    except (ValueError, pl.exceptions.PolarsError):  # laid out otherwise, by another version
        return pl.read_ipc(arrow)


@cache
def _head() -> bytes:
    """The message that a stream of windows begins with: its schema."""
    data = io.BytesIO()
    pl.DataFrame(schema={"market": pl.String(), "unit_min": pl.Int32(), **SCHEMA}).write_ipc_stream(data)
    stream = data.getvalue()
    return stream[: len(_MESSAGE) + 4 + int.from_bytes(stream[len(_MESSAGE) : len(_MESSAGE) + 4], "little")]


def forget() -> None:
    """Open every frame anew, as a process does that has not met it."""
    _opened.cache_clear()
