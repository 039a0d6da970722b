"""Trades by day put together to spans, weeks and months; and how little a few of them prove (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from math import sqrt
from typing import Literal, get_args

from shared.api.costs import CostPeriod
from shared.api.trades import Figures, PeriodFigures

By = Literal["day", "week", "month"]
BY: tuple[By, ...] = get_args(By)
_Z = 1.96  # of 95 %


@dataclass(frozen=True, slots=True)
class Sum:
    """name: 2026-01-05, a week by its Monday, 2026-01; wins: sales with a profit."""

    name: str
    trades: int
    sells: int
    wins: int
    fees: Decimal
    profit: Decimal


def grouped(days: Iterable[PeriodFigures], by: By) -> Sequence[Sum]:
    """days: newest first, and so is what comes."""
    groups: dict[str, list[PeriodFigures]] = {}
    for day in days:
        groups.setdefault(_name(day.period, by), []).append(day)
    return [added(name, of_it) for name, of_it in groups.items()]


def added(name: str, days: Sequence[PeriodFigures]) -> Sum:
    return Sum(
        name,
        trades=sum(day.trades for day in days),
        sells=sum(day.sells for day in days),
        wins=sum(map(wins, days)),
        fees=sum((day.fees for day in days), Decimal(0)),
        profit=sum((day.profit for day in days), Decimal(0)),
    )


def wins(told: Figures) -> int:
    """Sales with a profit."""
    return round(told.sells * (told.win_rate or 0))


@dataclass(frozen=True, slots=True)
class Spent:
    slippage: Decimal
    model: Decimal
    calls: int


def spent(days: Iterable[CostPeriod], first: date) -> Spent:
    found = [day for day in days if day.period >= first.isoformat()]
    return Spent(
        slippage=sum((day.slippage for day in found), Decimal(0)),
        model=sum((day.model_cost for day in found), Decimal(0)),
        calls=sum(day.model_calls for day in found),
    )


def _name(period: str, by: By) -> str:
    if by == "month":
        return period[:7]
    day = date.fromisoformat(period)
    return (day - timedelta(days=day.weekday())).isoformat() if by == "week" else period


def likely(wins: int, sells: int) -> tuple[float, float]:
    """Between which shares of winners the true one lies, by 95 % (Wilson's interval)."""
    share, z2 = wins / sells, _Z**2 / sells
    middle, half = share + z2 / 2, _Z * sqrt(share * (1 - share) / sells + z2 / (4 * sells))
    return max(0.0, (middle - half) / (1 + z2)), min(1.0, (middle + half) / (1 + z2))
