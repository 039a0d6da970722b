"""What each indicator says of the last closed candle: +1 buy, -1 sell, 0 nothing (pure).

    name        value                                             +1                -1
    rsi         Wilder's RSI of 14 hours                          30 and below      70 and above
    bollinger   place in the 20-hour band, 0 lower, 1 upper edge  0 and below       1 and above
    stochastic  slow %K of 14 and 3 hours                         20 and below      80 and above
    macd        histogram of 12, 26 and 9 hours, in ATRs          above 0           below 0
    trend       close over its 50-hour mean, in ATRs              just came above   just fell below
    volume      over the 20 hours before, 1 is as usual           1.5 and more, and the candle rose / fell
    days        close over its 20-day mean, as a share            above 0           below 0

Every value is a ratio, so the unit of the price does not matter. An indicator that is not defined (too few
candles, a market that stands still) does not vote.
"""

from collections.abc import Iterator
from statistics import fmean

from shared.candle_arrays import CandleArrays
from shared.events import Vote
from shared.indicators import latest

MUCH_VOLUME = 1.5


def votes(hours: CandleArrays, days: CandleArrays) -> tuple[Vote, ...]:
    """Let every indicator vote.

    hours, days: closed candles only; either may be empty.
    """
    return (*_votes_of_hours(hours), *_vote_of_days(hours, days))


def _votes_of_hours(hours: CandleArrays) -> Iterator[Vote]:
    if len(hours) < 2:
        return
    before, now = map(_read, hours.close[-2:].tolist(), latest(hours, 2))
    if (value := now["rsi"]) is not None:
        yield _vote("rsi", value, buy=value <= 30, sell=value >= 70)
    if (value := now["bollinger"]) is not None:
        yield _vote("bollinger", value, buy=value <= 0, sell=value >= 1)
    if (value := now["stochastic"]) is not None:
        yield _vote("stochastic", value, buy=value <= 20, sell=value >= 80)
    if (value := now["macd"]) is not None:
        yield _vote("macd", value, buy=value > 0, sell=value < 0)
    if (value := now["trend"]) is not None and (old := before["trend"]) is not None:
        yield _vote("trend", value, buy=old < 0 <= value, sell=value < 0 <= old)
    if (value := now["volume"]) is not None:
        much, rise = value >= MUCH_VOLUME, hours.close[-1] - hours.open[-1]
        yield _vote("volume", value, buy=much and rise > 0, sell=much and rise < 0)


def _read(close: float, row: dict[str, float | None]) -> dict[str, float | None]:
    """The values that vote, of one candle."""
    histogram, mean, atr = row["macd_histogram"], row["sma_50"], row["atr"]
    values = {
        "rsi": row["rsi"],
        "bollinger": row["bollinger"],
        "stochastic": row["stochastic_k"],
        "macd": histogram / atr if histogram is not None and atr else None,
        "trend": (close - mean) / atr if mean is not None and atr else None,
        "volume": row["volume_ratio"],
    }
    # What is shown is what decides: both see the same six digits.
    return {name: None if value is None else round(value, 6) for name, value in values.items()}


def _vote_of_days(hours: CandleArrays, days: CandleArrays) -> Iterator[Vote]:
    if not len(hours) or len(days) < 20:
        return
    value = round(float(hours.close[-1]) / fmean(days.close[-20:].tolist()) - 1, 6)
    yield _vote("days", value, buy=value > 0, sell=value < 0)


def _vote(name: str, value: float, *, buy: bool, sell: bool) -> Vote:
    return Vote(name=name, value=value, vote=1 if buy else -1 if sell else 0)
