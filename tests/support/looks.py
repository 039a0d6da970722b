"""Snapshots with whole charts, made by rule: a market that sways, the same everywhere."""

from datetime import timedelta
from itertools import pairwise
from math import sin

import polars as pl

from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.candle_frame import CandleFrame, CandleWindow
from shared.candles import SCHEMA
from tests.support.builders import AT

UNITS = (1440, 60, 15)


def swaying(unit_min: int, rows: int = 200, *, end=AT, scale: float = 1.0) -> pl.DataFrame:
    """Candles up to `end`, each opening where the one before closed; prices around 4,000,000 times scale."""
    sway = [200 * sin(n / 9 + unit_min) + 60 * sin(n / 2.3) for n in range(rows + 1)]
    closes = [round(4000 + up) * 1000 * scale for up in sway]
    midnight = end.replace(hour=0, minute=0)
    last = midnight if unit_min == 1440 else end
    return pl.DataFrame(
        {
            "open_time": [last - timedelta(minutes=unit_min * (rows - n)) for n in range(rows)],
            "open": closes[:-1],
            "high": [max(pair) + 5000 * scale for pair in pairwise(closes)],
            "low": [min(pair) - 4000 * scale for pair in pairwise(closes)],
            "close": closes[1:],
            "volume": [10 + 5 * sin(n / 3) ** 2 for n in range(rows)],
        },
        schema=SCHEMA,
    )


def charts(market: str = "KRW-ETH", *, units=UNITS, rows: int = 200, scale: float = 1.0) -> CandleFrame:
    """Windows of the market; a unit that is not among `units` is absent."""
    found = {unit: swaying(unit, rows, scale=scale) for unit in UNITS}
    return CandleFrame.pack(
        (CandleWindow(market=market, unit_min=unit, rows=rows), CandleArrays.of(frame))
        if unit in units
        else (CandleWindow(market=market, unit_min=unit, rows=0, absent="the tape has none"), NO_CANDLES)
        for unit, frame in found.items()
    )
