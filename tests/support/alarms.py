"""When the flash crash check would have begun to speak over a history, seen candle by candle as it closed."""

from datetime import datetime, timedelta
from typing import NamedTuple

import polars as pl

from services.collector.core.safety import detect_flash_crash
from services.collector.core.snapshot import ROWS
from shared.candle_arrays import CandleArrays
from shared.events import FlashCrash

SIGMA = 6.0  # as HAZARD_CRASH_SIGMA is by default


class Alarm(NamedTuple):
    opened_at: datetime  # of the candle at whose close it began
    drop: float  # of that candle's low under the close before it: 0.1 is 10 %
    silence: timedelta  # since the check last spoke
    crash: FlashCrash


def alarms(candles: pl.DataFrame, *, unit_min: int) -> list[Alarm]:
    """Every time the check begins to speak, oldest first."""
    found: list[Alarm] = []
    history = CandleArrays.of(candles)
    spoke, spoke_at = False, history.opened_at(0)
    for end in range(ROWS, len(history) + 1):
        seen = history[end - ROWS : end]
        crash = detect_flash_crash(seen, unit_min=unit_min, sigma=SIGMA)
        speaks, opened_at = crash.state != "none", seen.opened_at(-1)
        if speaks and not spoke:
            drop = 1 - float(seen.low[-1] / seen.close[-2])
            found.append(Alarm(opened_at, drop, opened_at - spoke_at, crash))
        spoke, spoke_at = speaks, opened_at if speaks else spoke_at
    return found
