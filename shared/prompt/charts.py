"""The market's own candles out of a snapshot, by how long one of them lasts (pure)."""

from dataclasses import dataclass
from datetime import timedelta

from shared.candle_arrays import CandleArrays
from shared.events import SnapshotTaken

UNITS = {"day": 1440, "hour": 60, "minute": 15}  # minutes of a candle
WARM_UP = 100  # candles; below, RSI and its like say more about where the chart begins than about the market


@dataclass(frozen=True, slots=True)
class Charts:
    """Closed candles only; each may be empty."""

    day: CandleArrays
    hour: CandleArrays
    minute: CandleArrays  # of 15 minutes

    def by_unit(self) -> tuple[tuple[str, CandleArrays], ...]:
        return ("day", self.day), ("hour", self.hour), ("minute", self.minute)


def charts(snapshot: SnapshotTaken) -> Charts:
    """What had closed by the snapshot's time."""
    return Charts(**{name: _closed(snapshot, unit_min) for name, unit_min in UNITS.items()})


def _closed(snapshot: SnapshotTaken, unit_min: int) -> CandleArrays:
    candles = snapshot.candles.window(snapshot.market, unit_min)
    return candles.closed_before(snapshot.at, timedelta(minutes=unit_min))
