"""The market's own candles out of a snapshot, by how long one of them lasts (pure)."""

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

from shared.candles import closed_before
from shared.events import SnapshotTaken

UNITS = {"day": 1440, "hour": 60, "minute": 15}  # minutes of a candle
WARM_UP = 100  # candles; below, RSI and its like say more about where the chart begins than about the market


@dataclass(frozen=True, slots=True)
class Charts:
    """Each (n, 6) in shared.candles.SCHEMA, ascending, closed candles only; may be empty."""

    day: pl.DataFrame
    hour: pl.DataFrame
    minute: pl.DataFrame  # of 15 minutes

    def by_unit(self) -> tuple[tuple[str, pl.DataFrame], ...]:
        return ("day", self.day), ("hour", self.hour), ("minute", self.minute)


def charts(snapshot: SnapshotTaken) -> Charts:
    """What had closed by the snapshot's time."""
    return Charts(**{name: _closed(snapshot, unit_min) for name, unit_min in UNITS.items()})


def _closed(snapshot: SnapshotTaken, unit_min: int) -> pl.DataFrame:
    candles = snapshot.candles.window(snapshot.market, unit_min)
    return closed_before(candles, snapshot.at, timedelta(minutes=unit_min))
