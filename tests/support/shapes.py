"""Candles in known shapes: a quiet market, and what may follow it."""

from datetime import UTC, datetime, timedelta

import polars as pl

from shared.candle_arrays import NO_CANDLES, CandleArrays
from shared.candles import SCHEMA

START = datetime(2026, 1, 1, tzinfo=UTC)
NO_DAYS = NO_CANDLES


def window(closes, *, last_volume=1.0, unit=timedelta(hours=1)):
    """Candles that open where the one before closed, with one won of wick on both sides."""
    opens = [closes[0], *closes[:-1]]
    frame = pl.DataFrame(
        {
            "open_time": [START + n * unit for n in range(len(closes))],
            "open": opens,
            "high": [max(o, c) + 1 for o, c in zip(opens, closes, strict=True)],
            "low": [min(o, c) - 1 for o, c in zip(opens, closes, strict=True)],
            "close": closes,
            "volume": [1.0] * (len(closes) - 1) + [last_volume],
        },
        schema=SCHEMA,
        strict=False,
    )
    return CandleArrays.of(frame)


WAVE = [1000, 1002, 1004, 1002] * 35  # nothing happens around 1002
DIP = [*WAVE, *range(1000, 950, -5)]
RALLY = [*WAVE, *range(1004, 1054, 5)]
BREAK = [*WAVE, *range(1004, 1034, 3), *range(1031, 1001, -3), 1000]
