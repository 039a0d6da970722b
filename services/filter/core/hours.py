"""Each hour of a span as the gate would have decided it, and what the rule earned in those hours (pure).

The year slides by the hour, but what the rule made of it changes at most twice a day: when a day falls out
of it, and when an exit becomes known. So a span is a list of stretches, each with the one report of all its hours.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from services.filter.core.breakout import Rule, Trade, breakout_trades, compounded, report
from services.filter.core.days import DAY_MS, YEAR_MS, History, whole, year_before
from services.filter.core.gate import StrategyGate, objections
from shared.events import BacktestReport

HOUR_MS = 3_600_000


class Stretch(NamedTuple):
    """Hours in a row with one report; its buy_and_hold and hours_missing are the first hour's."""

    begin: int  # first hour, ms since 1970
    hours: int
    report: BacktestReport


@dataclass(frozen=True, slots=True)
class Returns:
    """What trades came to, net; `total` compounded trade by trade."""

    trades: int
    wins: int
    mean: float
    total: float

    @classmethod
    def by(cls, trades: Sequence[Trade]) -> "Returns":
        net = [trade.net_return for trade in trades]
        return cls(len(net), sum(r > 0 for r in net), sum(net) / len(net) if net else 0.0, compounded(net)[0] - 1)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """How often one threshold failed, and by how much."""

    hours: int
    nearest: float
    median: float


def trades_of(history: History, rule: Rule) -> list[Trade]:
    """Every trade of the rule over the whole history."""
    return breakout_trades(whole(history), k=rule.k, fee_rate=rule.fee_rate, slippage=rule.slippage)


def stretches(history: History, trades: Sequence[Trade], hours: Iterable[int]) -> list[Stretch]:
    """The filter's report of every hour, from trades that are played once.

    trades: of `played` over the same history. hours: full hours in milliseconds, ascending. The trades of a
    year are those of the whole but for two: its first day has no day before it, its last no exit yet.
    """
    at_day = [trade.day for trade in trades]
    start, found = history.days.start, list[Stretch]()
    seen: tuple[int, int] | None = None
    for at in hours:
        year = year_before(history, at)
        if (year.begin, year.end) == seen:
            found[-1] = found[-1]._replace(hours=found[-1].hours + 1)
            continue
        seen = (year.begin, year.end)
        inside: Sequence[Trade] = ()
        if year.begin < year.end:
            inside = trades[bisect_right(at_day, start[year.begin]) : bisect_left(at_day, start[year.end - 1])]
        found.append(Stretch(at, 1, report([trade.net_return for trade in inside], year)))
    return found


def passes(stretch: Stretch, gate: StrategyGate) -> bool:
    return not objections(stretch.report, gate)


def pass_rate(span: Sequence[Stretch], gate: StrategyGate) -> float:
    """Share of the hours that pass."""
    return sum(s.hours for s in span if passes(s, gate)) / sum(s.hours for s in span)


def split(span: Sequence[Stretch], trades: Sequence[Trade], gate: StrategyGate) -> tuple[list[Trade], list[Trade]]:
    """The trades entered in hours the gate passed, and those entered in hours it rejected.

    A trade belongs to the hour whose candle reached its target: the gate's last word before the entry was
    said at that candle's opening. Trades entered outside the span belong to neither.
    """
    begins = [stretch.begin for stretch in span]
    passed = [passes(stretch, gate) for stretch in span]
    end = span[-1].begin + span[-1].hours * HOUR_MS
    sides: tuple[list[Trade], list[Trade]] = ([], [])
    for trade in trades:
        if begins[0] <= trade.entry_time < end:
            sides[0 if passed[bisect_right(begins, trade.entry_time) - 1] else 1].append(trade)
    return sides


def failures(span: Sequence[Stretch], gate: StrategyGate) -> dict[str, Shortfall]:
    """For each threshold that failed in some hour: how often and how far."""
    off: dict[str, list[float]] = {}
    for stretch in span:
        for objection in objections(stretch.report, gate):
            off.setdefault(objection.code, []).extend([objection.distance] * stretch.hours)
    return {code: Shortfall(len(them), min(them), sorted(them)[len(them) // 2]) for code, them in off.items()}


def short_hours(history: History, span: Sequence[Stretch]) -> int:
    """Hours with less than a year of candles before them."""
    whole_from = history.time[0] + YEAR_MS
    return sum(max(0, min(s.hours, -((s.begin - whole_from) // HOUR_MS))) for s in span)


def thin_hours(span: Sequence[Stretch]) -> int:
    """Hours whose year held too few trades to say much."""
    return sum(stretch.hours for stretch in span if stretch.report.thin)


def daily_closes(history: History, begins: int, ends: int) -> list[tuple[int, float]]:
    """The last close known at the span's beginning, at each midnight in it, and at its end."""
    moments = [begins, *range(begins // DAY_MS * DAY_MS + DAY_MS, ends, DAY_MS), ends]
    known = [bisect_right(history.time, at - HOUR_MS) - 1 for at in moments]
    return [(at, history.close[n]) for at, n in zip(moments, known, strict=True)]


def gaps(times: Sequence[int], unit_ms: int) -> tuple[int, int, int]:
    """Candles missing inside, and the longest run of them with the time it begins (0 and 0 if none)."""
    runs = [((b - a) // unit_ms - 1, a + unit_ms) for a, b in pairwise(times) if b - a > unit_ms]
    longest, begins = max(runs, default=(0, 0))
    return sum(missing for missing, _ in runs), longest, begins
