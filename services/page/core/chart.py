"""What a market's chart is drawn of: candles, what each hour came to, trades, the gate, lines in force (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.page.core.hours import kind_of, kind_of_end
from services.page.core.levels import Level
from services.page.core.outcome import row
from shared.api.chart import Candle, GateDecision
from shared.api.cycles import Cycle
from shared.api.trades import Trade
from shared.events import PastCycle
from shared.types import Language, UtcTime, slot_time, split_cycle
from shared.writing import coins, quoted_won

RANGES = (1, 3, 12, 30)  # days
USUAL = 3
_WORDS_MAX = 240  # of an hour's reason: the rest stands in the hour


@dataclass(frozen=True, slots=True)
class Hour:
    """A cycle on the chart. t: epoch seconds, like all times here."""

    t: int
    kind: str
    cycle: str
    why: str


@dataclass(frozen=True, slots=True)
class Fill:
    t: int
    side: str
    said: str  # how much at which price


@dataclass(frozen=True, slots=True)
class Drawn:
    """bars: opening time, open, high, low, close, volume; oldest first, like the others. stale: a sentence, or ""."""

    bars: Sequence[tuple[int, float, float, float, float, float]]
    hours: Sequence[Hour] = ()
    fills: Sequence[Fill] = ()
    gate: Sequence[tuple[int, float, float | None]] = ()  # time, share of winners, the least there must be
    levels: Sequence[Level] = ()
    stale: str = ""


def bars(candles: Iterable[Candle]) -> list[tuple[int, float, float, float, float, float]]:
    return [(epoch(c.at), *map(float, (c.open, c.high, c.low, c.close, c.volume))) for c in candles]  # type: ignore[misc]


def past(ended: Iterable[PastCycle]) -> list[Hour]:
    """What an hour knew of those before it. ended: newest first."""
    found = [(slot_time(split_cycle(one.cycle)[1]), one) for one in ended]
    return [Hour(epoch(at), kind_of_end(one.end, one.decision), one.cycle, "") for at, one in reversed(found)]


def hours(cycles: Iterable[Cycle], since: UtcTime) -> list[Hour]:
    """cycles: newest first, as the API has them."""
    shown = [cycle for cycle in cycles if cycle.slot_at >= since]
    return [Hour(epoch(c.slot_at), kind_of(c), c.cycle, row(c)[:_WORDS_MAX]) for c in reversed(shown)]


def fills(trades: Iterable[Trade], since: UtcTime, language: Language) -> list[Fill]:
    """trades: newest first."""
    shown = [trade for trade in trades if trade.created_at >= since]
    return [
        Fill(epoch(t.created_at), t.side, f"{coins(t.amount, t.symbol)}, {quoted_won(t.price, language)}")
        for t in reversed(shown)
    ]


def gate(decisions: Iterable[GateDecision], since: UtcTime) -> list[tuple[int, float, float | None]]:
    """decisions: newest first."""
    shown = [(epoch(d.slot_at), d.figure, d.threshold) for d in decisions if d.slot_at >= since]
    return [(t, figure, limit) for t, figure, limit in reversed(shown) if figure is not None]


def since(candles: Sequence[Candle], days: int) -> UtcTime | None:
    """When the range begins: so many days before its last candle closed."""
    return candles[-1].at + timedelta(hours=1) - timedelta(days=days) if candles else None


def epoch(at: UtcTime) -> int:
    return int(at.timestamp())
