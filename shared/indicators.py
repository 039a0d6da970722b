"""The indicators of a chart, all at once, as one table; null until there are enough candles (pure).

TA-Lib does the sums. Its smoothed ones (RSI, MACD, ATR, EMA) remember their start: give 120 candles or
more, or the first values say more about the start than about the market.
"""

from functools import cache
from math import isnan

import polars as pl
import polars_talib as ta

_CLOSE, _VOLUME = pl.col("close"), pl.col("volume")
SMA, EMA = (5, 20, 50, 120), (12, 26)
RETURNS = (1, 24)


def rsi(close: str = "close", n: int = 14) -> pl.Expr:
    """Wilder's relative strength, 0..100; null while the price has never moved."""
    return _rsi(pl.col(close), n).fill_nan(None)


def table(candles: pl.DataFrame) -> pl.DataFrame:
    """Every indicator of every candle: (n, 22), open_time first, a row a candle, null where not defined.

    candles: (n, 6) in shared.candles.SCHEMA, ascending; may be empty.

    rsi                             Wilder's, of 14, 0..100; null while the price has never moved
    macd, macd_signal, _histogram   12, 26 and 9, in the price's unit; averages begin with a simple mean
    bollinger_upper, _middle, _lower  20 and 2, in the price's unit; the population's deviation (ddof 0)
    bollinger                       place of the close in that band: 0 lower, 1 upper edge; null in a band without width
    stochastic_k, stochastic_d      slow, 14, 3 and 3, 0..100; null where 14 candles had one single price
    atr                             Wilder's, of 14, in the price's unit; begins with the mean of the first 14 ranges
    sma_n, ema_n                    simple and exponential means of n closes, in the price's unit
    volume_ratio                    volume over the mean of the 20 candles before: 2.0 is twice the usual
    volume_trend                    mean volume of the last 5 over that of the 20 before them
    return_n                        close over the close n candles before, as a share; a missing hour is no candle
    """
    return _table(candles).fill_nan(None)


def latest(candles: pl.DataFrame, rows: int = 1) -> list[dict[str, float | None]]:
    """The last rows of `table` without their time, oldest first; fewer where there are fewer candles."""
    found = _table(candles)[-rows:].rows(named=True)
    return [{name: _defined(value) for name, value in row.items() if name != "open_time"} for row in found]


def _table(candles: pl.DataFrame) -> pl.DataFrame:
    """NaN, which is TA-Lib's word for not defined, is still in it: as an expression of each column, making null
    of it takes as long as all the rest."""
    return candles.select(_sums()).select(_told())


def _defined(value: float | None) -> float | None:
    return None if value is None or isnan(value) else value


# Building the expressions takes longer than computing them, so that is done once.
@cache
def _sums() -> list[pl.Expr]:
    """What TA-Lib and rolling windows give."""
    ranges = _ranges()
    low, high = pl.col("low").rolling_min(14), pl.col("high").rolling_max(14)
    return [
        pl.col("open_time"),
        _CLOSE,
        _rsi(_CLOSE, 14).alias("rsi"),
        ta.macd(_CLOSE, fastperiod=12, slowperiod=26, signalperiod=9).alias("macd_lines"),
        ta.bbands(_CLOSE, timeperiod=20, nbdevup=2.0, nbdevdn=2.0).alias("band"),
        pl.when(high > low).then(100 * (_CLOSE - low) / (high - low)).rolling_mean(3).alias("stochastic_k"),
        # TA-Lib leaves the first candle's range out, begins a candle later and is off by percents until it forgets.
        pl.when(pl.int_range(pl.len()) < 14).then(ranges.rolling_mean(14)).otherwise(ranges).alias("ranges"),
        *(ta.sma(_CLOSE, timeperiod=n).alias(f"sma_{n}") for n in SMA),
        *(ta.ema(_CLOSE, timeperiod=n).alias(f"ema_{n}") for n in EMA),
        _over(_VOLUME, _VOLUME.shift(1).rolling_mean(20)).alias("volume_ratio"),
        _over(_VOLUME.rolling_mean(5), _VOLUME.shift(5).rolling_mean(20)).alias("volume_trend"),
        *((_CLOSE / _CLOSE.shift(n) - 1).alias(f"return_{n}") for n in RETURNS),
    ]


@cache
def _told() -> list[pl.Expr]:
    """What is made of them."""
    lines, band = pl.col("macd_lines").struct, pl.col("band").struct
    upper, lower = band.field("upperband"), band.field("lowerband")
    return [
        pl.col("open_time", "rsi"),
        lines.field("macd"),
        lines.field("macdsignal").alias("macd_signal"),
        lines.field("macdhist").alias("macd_histogram"),
        upper.alias("bollinger_upper"),
        band.field("middleband").alias("bollinger_middle"),
        lower.alias("bollinger_lower"),
        pl.when(upper > lower).then((_CLOSE - lower) / (upper - lower)).alias("bollinger"),
        pl.col("stochastic_k"),
        pl.col("stochastic_k").rolling_mean(3).alias("stochastic_d"),
        pl.col("ranges").ewm_mean(alpha=1 / 14, adjust=False, ignore_nulls=True).alias("atr"),
        pl.col(*(f"sma_{n}" for n in SMA), *(f"ema_{n}" for n in EMA)),
        pl.col("volume_ratio", "volume_trend", *(f"return_{n}" for n in RETURNS)),
    ]


def _rsi(close: pl.Expr, n: int) -> pl.Expr:
    # TA-Lib says 0 of a price that stands still, which would read as oversold.
    return pl.when(close.cum_max() > close.cum_min()).then(ta.rsi(close, timeperiod=n))


def _ranges() -> pl.Expr:
    """True range of each candle; of the first its high less its low."""
    before = _CLOSE.shift(1)
    high, low = pl.col("high"), pl.col("low")
    return pl.max_horizontal(high - low, (high - before).abs(), (low - before).abs())


def _over(value: pl.Expr, usual: pl.Expr) -> pl.Expr:
    return pl.when(usual > 0).then(value / usual)
