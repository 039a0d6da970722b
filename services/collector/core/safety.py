"""The owner's three safety checks: how Bitcoin weighs on the market, flash crash, RSI divergence (pure).

Every function takes candles that have closed, and sees nothing else. Numbers are rounded to nine digits, and sums and
logarithms are the language's own, the same on every machine: so that no decision hangs on the last bit of a sum.
"""

import math
from functools import lru_cache, reduce

import numpy as np

from shared import indicators
from shared.candle_arrays import CandleArrays, Floats, Times
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
    market_hours: CandleArrays, btc_hours: CandleArrays, *, drop_1h: float, drop_24h: float
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
    times, closes = btc_hours.opened, btc_hours.close
    week = times.searchsorted(times[-1] - RISK_WINDOW, "right")
    btc_times, btc_returns = _returns(times[week:], closes[week:])
    beside = market_hours.opened.searchsorted(times[week])
    market_times, market_returns = _returns(market_hours.opened[beside:], market_hours.close[beside:])
    _, of_btc, of_market = np.intersect1d(btc_times, market_times, assume_unique=True, return_indices=True)
    x, y = btc_returns[of_btc], market_returns[of_market]
    comparable = len(x) >= PAIRS_MIN and x.min() < x.max() and y.min() < y.max()
    correlation, beta = _regression(x, y) if comparable else (None, None)
    volatility = _deviation(btc_returns) if len(btc_returns) > 1 else 0.0

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
        correlation=None if correlation is None else _tidy(correlation),
        beta=None if beta is None else _tidy(beta),
        btc_change_1h=changes[1],
        btc_change_24h=changes[24],
        btc_volatility=_tidy(volatility),
        reasons=tuple(high + medium),
    )


def detect_flash_crash(candles: CandleArrays, *, unit_min: int, sigma: float) -> FlashCrash:
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
    times, close, low, volume = candles.opened, candles.close, candles.low, candles.volume
    start = int(times.searchsorted(times[-1] + unit_min * MINUTE - CRASH_WINDOW))
    if start - 1 < BEFORE_MIN:
        return FlashCrash(state="none", unit_min=unit_min, fall=0.0, sigma=0.0, volume_ratio=None)
    deviation = max(_deviation(_log(close[1:start] / close[: start - 1])), 1e-6)  # a price that never moved

    # Every way down from the close before candle `first` to the low of candle `last`, which may be the same.
    first, last = _ways(start, len(close))
    top, bottom = close[first - 1], low[last]
    steps = (times[last] - times[first - 1]) / (unit_min * MINUTE)  # missing candles count
    strength, share = _log(top / bottom) / deviation / np.sqrt(steps), 1 - bottom / top
    lowest = np.minimum.accumulate(low[: start - 1 : -1])[::-1][first - start]
    fell = lowest < top
    regained = np.where(fell, (close[-1] - lowest) / np.where(fell, top - lowest, 1.0), 1.0)

    crashes = (strength >= sigma) & (share >= FALL_MIN)
    running = crashes & (regained < REGAINED)
    counting = running if running.any() else crashes if crashes.any() else np.ones_like(crashes)
    worst = max(np.flatnonzero(counting), key=lambda way: (strength[way], share[way], first[way], last[way]))
    usual = _mean(volume[:start])
    during = _mean(volume[first[worst] : last[worst] + 1])
    return FlashCrash(
        state="running" if running.any() else "recovered" if crashes.any() else "none",
        unit_min=unit_min,
        fall=_tidy(share[worst]),
        sigma=_tidy(strength[worst]),
        volume_ratio=_tidy(during / usual) if usual > 0 else None,
        at=candles.opened_at(last[worst]) if crashes.any() else None,
    )


def detect_rsi_divergence(hours: CandleArrays) -> RsiDivergence:
    """Compare the last two swing points of price with the RSI (14, Wilder) at them.

    A swing low is a close below the 3 before and not above the 3 after, so it is known only 3 candles later;
    a swing high likewise. bullish: the second low is lower, its RSI higher. bearish: the second high is higher, its
    RSI lower. The points lie at most 60 h apart and the second at most 24 h before the last candle. If both
    kinds show, the one whose second point is newer is told. first_at, second_at: open times of the points.
    """
    times, closes, rsi = hours.opened, hours.close, indicators.rsi(hours.close, RSI_PERIOD)
    found = []
    for kind, sign in (("bullish", 1.0), ("bearish", -1.0)):
        points = _swing_lows(sign * closes)
        points = points[~np.isnan(rsi[points])]
        if len(points) < 2:
            continue
        one, two = map(int, points[-2:])
        near = times[two] - times[one] <= SWINGS_APART_MAX * HOUR and times[-1] - times[two] <= SWING_AGE_MAX * HOUR
        further = sign * closes[two] < sign * closes[one]
        weaker = sign * _tidy(rsi[two]) > sign * _tidy(rsi[one])
        if near and further and weaker:
            found.append((two, one, kind))
    if not found:
        return RsiDivergence(kind="none")
    two, one, kind = max(found)
    return RsiDivergence(kind=kind, first_at=hours.opened_at(one), second_at=hours.opened_at(two))


def _tidy(value: float) -> float:
    return round(float(value), 9)


def _log(values: Floats) -> Floats:
    return np.array([*map(math.log, values.tolist())])


def _sum(values: Floats) -> float:
    return math.fsum(values.tolist())


def _mean(values: Floats) -> float:
    return _sum(values) / len(values)


def _deviation(values: Floats) -> float:
    """The sample's standard deviation."""
    return math.sqrt(_sum((values - _mean(values)) ** 2) / (len(values) - 1))


def _regression(x: Floats, y: Floats) -> tuple[float, float]:
    """The correlation of both, and the slope of y over x; neither may stand still."""
    x, y = x - _mean(x), y - _mean(y)
    both, of_x = _sum(x * y), _sum(x * x)
    return both / math.sqrt(of_x * _sum(y * y)), both / of_x


def _returns(times: Times, closes: Floats) -> tuple[Times, Floats]:
    """Open time and log return of each candle whose predecessor opened one hour earlier."""
    next_to = np.diff(times) == HOUR
    return times[1:][next_to], _log(closes[1:][next_to] / closes[:-1][next_to])


def _change(times: Times, closes: Floats, hours: int) -> float:
    then = times.searchsorted(times[-1] - hours * HOUR, "right") - 1
    return _tidy(closes[-1] / closes[then] - 1)


@lru_cache(maxsize=256)
def _ways(start: int, end: int) -> tuple[Times, Times]:
    """Every pair of first and last in [start, end)."""
    first, last = np.triu_indices(end - start)
    return first + start, last + start


def _swing_lows(values: Floats) -> Times:
    """The rows of candles below the SWING before them and not above the SWING after."""
    if len(values) <= 2 * SWING:
        return np.empty(0, np.int64)
    lowest = reduce(np.minimum, (values[n : len(values) - SWING + 1 + n] for n in range(SWING)))
    middle = values[SWING:-SWING]
    return np.flatnonzero((middle < lowest[: -SWING - 1]) & (middle <= lowest[SWING + 1 :])) + SWING
