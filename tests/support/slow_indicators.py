"""The indicators again, in plain loops from their definitions: lists in, a list as long out, None where not defined."""

from itertools import pairwise
from math import sqrt


def sma(values, n):
    return [sum(values[i + 1 - n : i + 1]) / n if i + 1 >= n else None for i in range(len(values))]


def ema(values, n):
    """From the simple mean of the first n that are there."""
    first = next((i for i, value in enumerate(values) if value is not None), len(values))
    told = [None] * len(values)
    for i in range(first + n - 1, len(values)):
        if told[i - 1] is None:
            told[i] = sum(values[first : first + n]) / n
        else:
            told[i] = told[i - 1] + (values[i] - told[i - 1]) * 2 / (n + 1)
    return told


def wilder(values, n):
    """Mean of the first n, then each new one weighs 1/n."""
    told = [None] * len(values)
    for i in range(n - 1, len(values)):
        told[i] = sum(values[:n]) / n if i == n - 1 else (told[i - 1] * (n - 1) + values[i]) / n
    return told


def rsi(closes, n=14):
    moves = [b - a for a, b in pairwise(closes)]
    ups, downs = wilder([max(m, 0) for m in moves], n), wilder([max(-m, 0) for m in moves], n)
    return [None, *(None if up is None else 100 * up / (up + down) for up, down in zip(ups, downs, strict=True))]


def macd(closes):
    """(line, signal, histogram)."""
    fast, slow = ema(closes, 12), ema(closes, 26)
    line = [None if s is None else f - s for f, s in zip(fast, slow, strict=True)]
    signal = ema(line, 9)
    return line, signal, [None if s is None else m - s for m, s in zip(line, signal, strict=True)]


def bollinger(closes, n=20, width=2):
    """(upper, middle, lower)."""
    middle = sma(closes, n)
    spread = [
        None if m is None else width * sqrt(sum((c - m) ** 2 for c in closes[i + 1 - n : i + 1]) / n)
        for i, m in enumerate(middle)
    ]
    upper = [None if m is None else m + s for m, s in zip(middle, spread, strict=True)]
    return upper, middle, [None if m is None else m - s for m, s in zip(middle, spread, strict=True)]


def atr(highs, lows, closes, n=14):
    ranges = [highs[0] - lows[0]]
    for high, low, before in zip(highs[1:], lows[1:], closes, strict=False):
        ranges.append(max(high - low, abs(high - before), abs(low - before)))
    return wilder(ranges, n)


def stochastic(highs, lows, closes, n=14, smooth=3):
    """(k, d)."""
    fast = [None] * len(closes)
    for i in range(n - 1, len(closes)):
        low, high = min(lows[i + 1 - n : i + 1]), max(highs[i + 1 - n : i + 1])
        fast[i] = 100 * (closes[i] - low) / (high - low)
    start = n - 1
    k = [*[None] * start, *sma(fast[start:], smooth)]
    start += smooth - 1
    return k, [*[None] * start, *sma(k[start:], smooth)]


def volume_ratio(volumes, n=20):
    return [None if i < n else v / (sum(volumes[i - n : i]) / n) for i, v in enumerate(volumes)]


def volume_trend(volumes, n=5, usual=20):
    told = [None] * len(volumes)
    for i in range(n + usual - 1, len(volumes)):
        told[i] = (sum(volumes[i + 1 - n : i + 1]) / n) / (sum(volumes[i + 1 - n - usual : i + 1 - n]) / usual)
    return told


def change(closes, n):
    return [None if i < n else c / closes[i - n] - 1 for i, c in enumerate(closes)]
