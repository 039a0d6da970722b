"""Indicators over a candle frame, as polars expressions (pure); null until there are enough candles.

TA-Lib does the sums. Its smoothed ones (RSI, MACD, ATR, EMA) remember their start: give 100 candles or
more, or the first values say more about the start than about the market.
"""

import polars as pl
import polars_talib as ta


def rsi(close: str = "close", n: int = 14) -> pl.Expr:
    """Wilder's relative strength, 0..100; null while the price has never moved."""
    # TA-Lib says 0 of a price that stands still, which would read as oversold.
    c = pl.col(close)
    return pl.when(c.cum_max() > c.cum_min()).then(_defined(ta.rsi(c, timeperiod=n)))


def macd(close: str = "close", fast: int = 12, slow: int = 26, signal: int = 9) -> pl.Expr:
    """Struct of macd, signal and histogram, in the price's unit; averages begin with a simple mean."""
    lines = ta.macd(pl.col(close), fastperiod=fast, slowperiod=slow, signalperiod=signal).struct
    return pl.struct(
        macd=_defined(lines.field("macd")),
        signal=_defined(lines.field("macdsignal")),
        histogram=_defined(lines.field("macdhist")),
    )


def bollinger(close: str = "close", n: int = 20, width: float = 2.0) -> pl.Expr:
    """Struct of upper, middle and lower, in the price's unit; the deviation is the population's (ddof 0)."""
    bands = ta.bbands(pl.col(close), timeperiod=n, nbdevup=width, nbdevdn=width).struct
    return pl.struct(
        upper=_defined(bands.field("upperband")),
        middle=_defined(bands.field("middleband")),
        lower=_defined(bands.field("lowerband")),
    )


def stochastic(n: int = 14, smooth: int = 3, signal: int = 3) -> pl.Expr:
    """Struct of k and d (slow), 0..100; null where n candles had one single price (TA-Lib says 0)."""
    low, high = pl.col("low").rolling_min(n), pl.col("high").rolling_max(n)
    fast = pl.when(high > low).then(100 * (pl.col("close") - low) / (high - low))
    k = fast.rolling_mean(smooth)
    return pl.struct(k=k, d=k.rolling_mean(signal))


def atr(n: int = 14) -> pl.Expr:
    """Wilder's average true range, in the price's unit; it begins with the mean of the first n ranges."""
    # TA-Lib leaves the first candle's range out, begins a candle later and is off by percents until it forgets.
    before = pl.col("close").shift(1)
    ranges = pl.max_horizontal(
        pl.col("high") - pl.col("low"), (pl.col("high") - before).abs(), (pl.col("low") - before).abs()
    )
    place = pl.int_range(pl.len())
    begun = pl.when(place == n - 1).then(ranges.rolling_mean(n)).when(place >= n).then(ranges)
    return begun.ewm_mean(alpha=1 / n, adjust=False, ignore_nulls=True)


def sma(n: int, of: str = "close") -> pl.Expr:
    return _defined(ta.sma(pl.col(of), timeperiod=n))


def ema(n: int, of: str = "close") -> pl.Expr:
    """Exponential average that begins with the simple mean of its first n."""
    return _defined(ta.ema(pl.col(of), timeperiod=n))


def volume_ratio(n: int = 20) -> pl.Expr:
    """A candle's volume over the mean of the n before it: 2.0 is twice the usual; null where those had none."""
    usual = pl.col("volume").shift(1).rolling_mean(n)
    return pl.when(usual > 0).then(pl.col("volume") / usual)


def volume_trend(n: int = 5, usual: int = 20) -> pl.Expr:
    """Mean volume of the last n candles over that of the `usual` before them."""
    before = pl.col("volume").shift(n).rolling_mean(usual)
    return pl.when(before > 0).then(pl.col("volume").rolling_mean(n) / before)


def change(n: int) -> pl.Expr:
    """Close over the close n candles before, as a share; an hour without a trade is no candle."""
    return pl.col("close") / pl.col("close").shift(n) - 1


def table(candles: pl.DataFrame) -> pl.DataFrame:
    """Every indicator of every candle, computed at once: (n, 22), open_time first; null where not defined.

    candles: (n, 6) in shared.candles.SCHEMA, ascending; may be empty. Give 120 or more: sma_120 needs them.
    """
    line, band, slow = pl.col("_macd").struct, pl.col("_band").struct, pl.col("_slow").struct
    width = band.field("upper") - band.field("lower")
    return candles.select(
        "open_time",
        "close",
        rsi=rsi(),
        _macd=macd(),
        _band=bollinger(),
        _slow=stochastic(),
        atr=atr(),
        **{f"sma_{n}": sma(n) for n in (5, 20, 50, 120)},
        **{f"ema_{n}": ema(n) for n in (12, 26)},
        volume_ratio=volume_ratio(),
        volume_trend=volume_trend(),
        return_1=change(1),
        return_24=change(24),
    ).select(
        "open_time",
        "rsi",
        macd=line.field("macd"),
        macd_signal=line.field("signal"),
        macd_histogram=line.field("histogram"),
        bollinger=pl.when(width > 0).then((pl.col("close") - band.field("lower")) / width),
        bollinger_upper=band.field("upper"),
        bollinger_middle=band.field("middle"),
        bollinger_lower=band.field("lower"),
        stochastic_k=slow.field("k"),
        stochastic_d=slow.field("d"),
        **{name: pl.col(name) for name in _PLAIN},
    )


_PLAIN = (
    "atr", "sma_5", "sma_20", "sma_50", "sma_120", "ema_12", "ema_26",
    "volume_ratio", "volume_trend", "return_1", "return_24",
)  # fmt: skip


def _defined(value: pl.Expr) -> pl.Expr:
    return value.fill_nan(None)
