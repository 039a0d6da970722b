"""What the same money would be worth had it been put into the bot's markets at first, and left alone (pure)."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from shared.api.chart import Candle
from shared.api.portfolio import Valued
from shared.types import UtcTime

HOUR = timedelta(hours=1)  # of a candle


def holding(line: Sequence[Valued], markets: Sequence[Sequence[Candle]]) -> Sequence[Decimal] | None:
    """The value at each point of the line, as much in each market. None where candles do not reach back to its begin.

    markets: of each its candles, oldest first.
    """
    if not line or not markets:
        return None
    grown = [_grown([valued.at for valued in line], candles) for candles in markets]
    told = [one for one in grown if one is not None]
    if len(told) < len(markets):
        return None
    first = line[0].total_value_krw
    return [first * sum(at) / len(told) for at in zip(*told, strict=True)]


def _grown(times: Sequence[UtcTime], candles: Sequence[Candle]) -> Sequence[Decimal] | None:
    """The price at each time as a share of the first: the close of the last candle that had closed by then."""
    found: list[Decimal] = []
    place = -1
    for at in times:
        while place + 1 < len(candles) and candles[place + 1].at + HOUR <= at:
            place += 1
        if place < 0:
            return None
        found.append(candles[place].close)
    return [price / found[0] for price in found] if found[0] else None
