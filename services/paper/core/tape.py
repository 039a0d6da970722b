"""The tape: recorded candles of several markets, of which nothing later than the asked moment is ever told (pure)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import polars as pl

from services.paper.core.bars import DAY_MIN, UNITS_MIN, Bar, Bars, from_ms, merged, to_ms
from shared.candles import SCHEMA
from shared.errors import Permanent

COUNT_MAX = 200
CENTURY = timedelta(days=36_525)


class BadTape(Permanent):
    """The tape cannot be played; the text names the fault and what is needed."""


class Tape:
    """markets: KRW-… -> candles in `shared.candles.SCHEMA`, checked; one frame, or several of one unit each.

    Of several the finest is the market's own: it is what trades. The coarser ones tell what was before it.
    known_until: of a tape that still grows; None: it is whole.
    """

    def __init__(
        self,
        markets: Mapping[str, pl.DataFrame | Sequence[pl.DataFrame]],
        *,
        synthetic: bool = False,
        known_until: datetime | None = None,
    ) -> None:
        if not markets:
            raise BadTape("the tape holds no market")
        self.synthetic, self.known_until = synthetic, known_until
        self.markets = tuple(sorted(markets))
        by_unit = {market: _by_unit(market, frames) for market, frames in markets.items()}
        self.unit_min = {market: min(frames) for market, frames in by_unit.items()}
        self._bars = {market: _all_units(frames) for market, frames in by_unit.items()}
        self._own = {market: self._bars[market][self.unit_min[market]] for market in markets}

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when every market has a price, to when the first of them ends; one that grows has no end in sight."""
        starts = [bars.starts[0] for bars in self._own.values()]
        if self.known_until is not None:
            return from_ms(max(starts)), self.known_until + CENTURY
        ends = [bars.starts[-1] + bars.unit_ms for bars in self._own.values()]
        return from_ms(max(starts)), from_ms(min(ends))

    def listed(self, market: str, at: datetime) -> bool:
        """Whether the market is on the tape and has begun."""
        return market in self._own and self._own[market].count_before(to_ms(at) + 1) > 0

    def latest(self, market: str, at: datetime) -> Bar:
        """The tape's own newest bar at that moment: the forming one by its open alone, else the last closed."""
        bars, ms = self._own[market], to_ms(at)
        return bars.forming(ms) or bars.at(bars.closed_by(ms) - 1)

    def closed_between(self, market: str, after: datetime, by: datetime) -> list[Bar]:
        """The tape's own bars that closed later than `after` and no later than `by`, oldest first."""
        bars = self._own[market]
        first, end = bars.closed_by(to_ms(after)), bars.closed_by(to_ms(by))
        return bars.newest(end, max(0, end - first))[::-1]

    def price_at(self, market: str, at: datetime) -> float:
        """Won per coin; the market must be listed by then."""
        return self.latest(market, at).close

    def candles(
        self, market: str, unit_min: int, at: datetime, count: int, before: datetime | None = None
    ) -> list[Bar]:
        """Bars known at `at`, newest first, at most 200; `before` is exclusive and means their start.

        Empty where the tape is coarser than the unit or does not divide it.
        """
        bars = self._bars[market].get(unit_min)
        if bars is None:
            return []
        now, count = to_ms(at), min(count, COUNT_MAX)
        bound = now + 1 if before is None else min(now + 1, to_ms(before))
        forming_ms = now - now % bars.unit_ms
        head = self._forming(market, forming_ms, now) if bound > forming_ms else None
        known = [head] if head and count else []
        return known + bars.newest(bars.count_before(min(bound, forming_ms)), count - len(known))

    def _forming(self, market: str, start_ms: int, now_ms: int) -> Bar | None:
        own = self._own[market]
        first, end = own.count_before(start_ms), own.closed_by(now_ms)
        parts = own.newest(end, max(0, end - first))[::-1]
        newest = own.forming(now_ms)
        return merged(start_ms, [*parts, newest] if newest else parts)

    def frame(self, market: str, unit_min: int) -> pl.DataFrame | None:
        """The whole tape in SCHEMA, the future included; None where the tape is coarser than the unit."""
        bars = self._bars[market].get(unit_min)
        if bars is None:
            return None
        return (
            bars.frame.rename({"start_ms": "open_time"}).cast({"open_time": SCHEMA["open_time"]}).select(SCHEMA.names())
        )


def _unit_min(market: str, frame: pl.DataFrame) -> int:
    """The smallest gap is the unit; every bar must lie on its grid."""
    starts = frame["open_time"]
    gap: timedelta | None = starts.diff().min()  # type: ignore[assignment]
    unit = 0 if gap is None else int(gap.total_seconds() // 60)
    if unit not in (*UNITS_MIN, DAY_MIN):
        found = "one candle" if gap is None else f"candles {gap} apart"
        raise BadTape(
            f"{market}: there is {found}; a tape's candles are of {', '.join(map(str, UNITS_MIN))} or 1440 minutes"
        )
    off = frame.filter(pl.col("open_time").dt.timestamp("ms") % (unit * 60_000) != 0)
    if not off.is_empty():
        raise BadTape(f"{market}: the candle of {off['open_time'][0]} does not begin on a whole {unit} minutes")
    return unit


def _by_unit(market: str, frames: pl.DataFrame | Sequence[pl.DataFrame]) -> dict[int, pl.DataFrame]:
    """Finest first."""
    found: dict[int, pl.DataFrame] = {}
    for frame in [frames] if isinstance(frames, pl.DataFrame) else frames:
        unit = _unit_min(market, frame)
        if unit in found:
            raise BadTape(f"{market} stands on the tape twice with candles of {unit} minutes")
        found[unit] = frame
    return dict(sorted(found.items()))


def _all_units(frames: Mapping[int, pl.DataFrame]) -> dict[int, Bars]:
    """In every unit the finest bars, and before they begin the coarser ones."""
    units: dict[int, Bars] = {}
    for unit_min, frame in frames.items():
        own = Bars.of(unit_min, frame)
        for unit in (*UNITS_MIN, DAY_MIN):
            if unit % unit_min == 0:
                bars = own if unit == unit_min else own.resampled(unit)
                units[unit] = bars.before(units[unit]) if unit in units else bars
    return units
