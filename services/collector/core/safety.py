"""The owner's three safety checks: how Bitcoin weighs on the market, flash crash, RSI divergence (pure).

Every function takes candles in `shared.candles.SCHEMA`, ascending, closed, and sees nothing else. Numbers
are rounded to nine digits, so that no decision hangs on the last bit of a sum.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import correlation, fmean, linear_regression
from typing import NamedTuple

import polars as pl

from shared import indicators
from shared.events import FlashCrash, MarketRisk, RsiDivergence
from shared.writing import pct, signed_pct

# Times are whole milliseconds, as the frames hold them.
MINUTE = 60_000
HOUR = 60 * MINUTE
RISK_WINDOW = 7 * 24 * HOUR
PAIRS_MIN = 24  # fewer common hourly returns say nothing about correlation
MEDIUM_SHARE = 0.5  # of the fall that makes the risk high
MEDIUM_VOLATILITY = 0.012  # hourly standard deviation of Bitcoin's returns; about 6 % a day

CRASH_WINDOW = 4 * HOUR  # a crash is looked for in the candles of the last hours
BEFORE_MIN = 24  # returns before that window, or its volatility is unknown
FALL_MIN = 0.05  # in a dead quiet market many deviations are still no crash
REGAINED = 0.5  # of the fall, by the last close: recovered

RSI_PERIOD = 14
SWING = 3  # candles on either side that a swing point stands out from
SWINGS_APART_MAX = 60  # hours between the two points
SWING_AGE_MAX = 24  # hours from the second point to the last candle


def calculate_market_risk(
    market_hours: pl.DataFrame, btc_hours: pl.DataFrame, *, drop_1h: float, drop_24h: float
) -> MarketRisk:
    """Say how the market hangs on Bitcoin, and whether Bitcoin is falling.

    drop_1h, drop_24h: falls of Bitcoin as shares, 0.03 is 3 %. btc_hours: 25 candles or more.
    Correlation and beta are of the hourly log returns both have in the 7 days up to Bitcoin's last candle
    (a return over a missing hour is left out); None below 24 of them or if one price never moved.
    Bitcoin's change is its last close against the last close at least 1 h and 24 h earlier.

    high: Bitcoin fell by drop_1h in 1 h or by drop_24h in 24 h, or more.
    medium: by half of either; or by less, but by drop_1h or drop_24h times this market's beta above 1;
    or the standard deviation of its hourly returns is 1.2 % or more. Every cause stands in the reasons.
    """
    times, closes = _times(btc_hours), btc_hours["close"].to_list()
    week = bisect_right(times, times[-1] - RISK_WINDOW)
    btc_returns = _returns(times[week:], closes[week:])
    market_returns = _returns(_times(market_hours), market_hours["close"].to_list())
    common = [at for at in btc_returns if at in market_returns]
    x, y = [btc_returns[at] for at in common], [market_returns[at] for at in common]
    comparable = len(x) >= PAIRS_MIN and min(x) < max(x) and min(y) < max(y)
    beta = linear_regression(x, y).slope if comparable else None
    volatility = _deviation([*btc_returns.values()]) if len(btc_returns) > 1 else 0.0

    high, medium = [], []
    changes = {hours: _change(times, closes, hours) for hours in (1, 24)}
    for (hours, change), drop in zip(changes.items(), (drop_1h, drop_24h), strict=True):
        if change <= -drop:
            high.append(f"BTC {signed_pct(change)} in {hours} h, limit -{pct(drop)}")
        elif change <= -drop * MEDIUM_SHARE:
            medium.append(f"BTC {signed_pct(change)} in {hours} h, half of the limit -{pct(drop)}")
        elif beta is not None and change * max(beta, 1.0) <= -drop:
            medium.append(f"BTC {signed_pct(change)} in {hours} h times beta {beta:.2f}, limit -{pct(drop)}")
    if volatility >= MEDIUM_VOLATILITY:
        medium.append(f"BTC moves {pct(volatility, 2)} an hour, limit {pct(MEDIUM_VOLATILITY, 2)}")
    return MarketRisk(
        level="high" if high else "medium" if medium else "low",
        correlation=_tidy(correlation(x, y)) if comparable else None,
        beta=None if beta is None else _tidy(beta),
        btc_change_1h=changes[1],
        btc_change_24h=changes[24],
        btc_volatility=_tidy(volatility),
        reasons=tuple(high + medium),
    )


class _Fall(NamedTuple):
    sigma: float
    share: float
    first: int  # candle it began in
    last: int  # candle of its low
    regained: float


def detect_flash_crash(candles: pl.DataFrame, *, unit_min: int, sigma: float) -> FlashCrash:
    """Look for a fall far beyond what the hours before it were used to.

    unit_min: minutes of a candle, at most 240. sigma: standard deviations that make a crash.
    A fall goes from the close before a candle to the low of that or a later candle, all within the last 4
    hours: closes and lows come in a known order, a candle's own high and low do not. It is measured in
    standard deviations of the one-candle log returns before those 4 hours, times the square root of the
    candles it took, missing ones included: a slow slide is no crash, nor is a step down over a long silence.
    A crash is a fall beyond sigma and of 5 % or more. Its volume is told and decides nothing: a thin market
    falls too.

    running: the last close has regained less than half of the way from the lowest low since it began;
    recovered: half or more. If several falls count, a running one goes first, then the strongest; without
    any, the strongest fall is told with state none. `at` is the open time of the candle of the low;
    volume_ratio the mean volume of the fall's candles against those before. With fewer than 24 returns
    before the 4 hours nothing can be measured: none, sigma 0.
    """
    times = _times(candles)
    start = bisect_left(times, times[-1] + unit_min * MINUTE - CRASH_WINDOW)
    close, low, volume = (candles[name].to_list() for name in ("close", "low", "volume"))
    calm = [math.log(b / a) for a, b in pairwise(close[:start])]
    if len(calm) < BEFORE_MIN:
        return FlashCrash(state="none", unit_min=unit_min, fall=0.0, sigma=0.0, volume_ratio=None)
    deviation = max(_deviation(calm), 1e-6)  # a price that never moved
    opened = [at / (unit_min * MINUTE) for at in times]
    falls = _falls(opened, close, low, start, deviation)
    crashes = [fall for fall in falls if fall.sigma >= sigma and fall.share >= FALL_MIN]
    running = [fall for fall in crashes if fall.regained < REGAINED]
    worst = max(running or crashes or falls)
    usual = fmean(volume[:start])
    during = fmean(volume[worst.first : worst.last + 1])
    return FlashCrash(
        state="running" if running else "recovered" if crashes else "none",
        unit_min=unit_min,
        fall=_tidy(worst.share),
        sigma=_tidy(worst.sigma),
        volume_ratio=_tidy(during / usual) if usual > 0 else None,
        at=candles["open_time"][worst.last] if crashes else None,
    )


def detect_rsi_divergence(hours: pl.DataFrame) -> RsiDivergence:
    """Compare the last two swing points of price with the RSI (14, Wilder) at them.

    A swing low is a close below the 3 before and not above the 3 after, so it is known only 3 candles later;
    a swing high likewise. bullish: the second low is lower, its RSI higher. bearish: the second high is higher, its
    RSI lower. The points lie at most 60 h apart and the second at most 24 h before the last candle. If both
    kinds show, the one whose second point is newer is told. first_at, second_at: open times of the points.
    """
    closes = hours["close"].to_list()
    rsi = hours.select(rsi=indicators.rsi(n=RSI_PERIOD))["rsi"].to_list()
    times = _times(hours)
    found = []
    for kind, sign in (("bullish", 1.0), ("bearish", -1.0)):
        points = [i for i in _swing_lows([sign * close for close in closes]) if rsi[i] is not None]
        if len(points) < 2:
            continue
        one, two = points[-2:]
        near = times[two] - times[one] <= SWINGS_APART_MAX * HOUR and times[-1] - times[two] <= SWING_AGE_MAX * HOUR
        further = sign * closes[two] < sign * closes[one]
        weaker = sign * _tidy(rsi[two]) > sign * _tidy(rsi[one])
        if near and further and weaker:
            found.append((two, one, kind))
    if not found:
        return RsiDivergence(kind="none")
    two, one, kind = max(found)
    return RsiDivergence(kind=kind, first_at=hours["open_time"][one], second_at=hours["open_time"][two])


def _tidy(value: float) -> float:
    return round(value, 9)


def _times(candles: pl.DataFrame) -> list[int]:
    return candles["open_time"].cast(pl.Int64).to_list()


def _returns(times: Sequence[int], closes: Sequence[float]) -> dict[int, float]:
    """Log return of each candle whose predecessor opened one hour earlier, by its open time."""
    steps = zip(pairwise(times), pairwise(closes), strict=True)
    return {at: math.log(close / last) for (before, at), (last, close) in steps if at - before == HOUR}


def _deviation(values: Sequence[float]) -> float:
    """The sample's standard deviation; the library's own is exact to the last bit and ten times slower."""
    mean = fmean(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _change(times: Sequence[int], closes: Sequence[float], hours: int) -> float:
    then = bisect_right(times, times[-1] - hours * HOUR) - 1
    return _tidy(closes[-1] / closes[then] - 1)


def _falls(
    opened: Sequence[float], close: Sequence[float], low: Sequence[float], start: int, deviation: float
) -> list[_Fall]:
    """Every way down from the close before candle i to the low of candle j >= i, i >= start.

    opened: open times in candles, so that missing ones count.
    """
    falls = []
    for i in range(start, len(close)):
        top, bottom = close[i - 1], min(low[i:])
        regained = (close[-1] - bottom) / (top - bottom) if bottom < top else 1.0
        for j in range(i, len(close)):
            steps = opened[j] - opened[i - 1]
            strength = math.log(top / low[j]) / deviation / math.sqrt(steps)
            falls.append(_Fall(strength, 1 - low[j] / top, i, j, regained))
    return falls


def _swing_lows(values: Sequence[float]) -> list[int]:
    return [
        i
        for i in range(SWING, len(values) - SWING)
        if values[i] < min(values[i - SWING : i]) and values[i] <= min(values[i + 1 : i + SWING + 1])
    ]
