"""The indicators of a chart, all at once; not a number until there are enough candles (pure).

TA-Lib does the sums. Its smoothed ones (RSI, MACD, ATR, EMA) remember their start: give 120 candles or
more, or the first values say more about the start than about the market.
"""

from math import isnan

import numpy as np

from shared import ta_lib
from shared.candle_arrays import CandleArrays, Floats

SMA, EMA = (5, 20, 50, 120), (12, 26)
RETURNS = (1, 24)


def rsi(close: Floats, n: int = 14) -> Floats:
    """Wilder's relative strength, 0..100; NaN while the price has never moved."""
    # TA-Lib says 0 of a price that stands still, which would read as oversold.
    return np.where(np.logical_or.accumulate(close != close[:1]), ta_lib.RSI(close, n), np.nan)


def table(candles: CandleArrays) -> dict[str, Floats]:
    """Every indicator of every candle: by name, one value a candle, NaN where not defined.

    candles: ascending; may be empty.

    rsi                             Wilder's, of 14, 0..100; NaN while the price has never moved
    macd, macd_signal, _histogram   12, 26 and 9, in the price's unit; averages begin with a simple mean
    bollinger_upper, _middle, _lower  20 and 2, in the price's unit; the population's deviation (ddof 0)
    bollinger                       place of the close in that band: 0 lower, 1 upper edge; NaN in a band without width
    stochastic_k, stochastic_d      slow, 14, 3 and 3, 0..100; NaN where 14 candles had one single price
    atr                             Wilder's, of 14, in the price's unit; begins with the mean of the first 14 ranges
    sma_n, ema_n                    simple and exponential means of n closes, in the price's unit
    volume_ratio                    volume over the mean of the 20 candles before: 2.0 is twice the usual
    volume_trend                    mean volume of the last 5 over that of the 20 before them
    return_n                        close over the close n candles before, as a share; a missing hour is no candle
    """
    close, volume = candles.close, candles.volume
    macd, signal, histogram = ta_lib.MACD(close, 12, 26, 9)
    upper, middle, lower = ta_lib.BBANDS(close, 20, 2.0, 2.0)
    k = _mean(_stochastic(candles, 14), 3)
    usual = _mean(volume, 20)
    return {
        "rsi": rsi(close),
        "macd": macd,
        "macd_signal": signal,
        "macd_histogram": histogram,
        "bollinger_upper": upper,
        "bollinger_middle": middle,
        "bollinger_lower": lower,
        "bollinger": _over(close - lower, upper - lower),
        "stochastic_k": k,
        "stochastic_d": _mean(k, 3),
        # TA-Lib's own ATR leaves the first candle's range out and begins a candle later.
        "atr": ta_lib.MA(_ranges(candles), 14, ta_lib.MA_Type.RMA),
        **{f"sma_{n}": ta_lib.SMA(close, n) for n in SMA},
        **{f"ema_{n}": ta_lib.EMA(close, n) for n in EMA},
        "volume_ratio": _over(volume, _before(usual, 1)),
        "volume_trend": _over(_mean(volume, 5), _before(usual, 5)),
        **{f"return_{n}": close / _before(close, n) - 1 for n in RETURNS},
    }


def latest(candles: CandleArrays, rows: int = 1) -> list[dict[str, float | None]]:
    """The last rows of `table`, oldest first, None where not defined; fewer where there are fewer candles."""
    found = {name: values[-rows:].tolist() for name, values in table(candles).items()}
    return [
        {name: None if isnan(values[row]) else values[row] for name, values in found.items()}
        for row in range(min(rows, len(candles)))
    ]


def _stochastic(candles: CandleArrays, n: int) -> Floats:
    """Place of the close between the lowest and the highest price of n candles, 0..100."""
    low, high = ta_lib.MIN(candles.low, n), ta_lib.MAX(candles.high, n)
    return _over(100 * (candles.close - low), high - low)


def _ranges(candles: CandleArrays) -> Floats:
    """True range of each candle; of the first its high less its low."""
    high, low, before = candles.high, candles.low, _before(candles.close, 1)
    return np.fmax(high - low, np.fmax(np.abs(high - before), np.abs(low - before)))


def _mean(values: Floats, n: int) -> Floats:
    """Of each n values in a row. TA-Lib's running sum would carry a NaN, and the rest of a huge volume, on for ever."""
    means = np.full_like(values, np.nan)
    if len(values) < n:
        return means
    sums = values[n - 1 :]
    for before in range(1, n):
        sums = sums + values[n - 1 - before : len(values) - before]
    means[n - 1 :] = sums / n
    return means


def _before(values: Floats, n: int) -> Floats:
    """Each value n rows later."""
    shifted = np.full_like(values, np.nan)
    shifted[n:] = values[:-n]
    return shifted


def _over(value: Floats, usual: Floats) -> Floats:
    return np.divide(value, usual, out=np.full_like(value, np.nan), where=usual > 0)
