"""Figures over the trades, from what was added up as they were booked; and what the metrics show of the books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from services.backend.core.draft import NOTHING, FigureKey, Sum
from shared.api.trades import Figures, MarketFigures, PeriodFigures, ReasonFigures, TradeStats


class Row(NamedTuple):
    """Trades of one key, and what they came to."""

    key: FigureKey
    sum: Sum

    def within(self, period: str) -> "Row":
        return Row(self.key._replace(period=period), self.sum)


@dataclass(frozen=True)
class Totals:
    """Counted as the books were written, so that a restart shrinks nothing."""

    jobs: Mapping[str, int] = field(default_factory=dict)  # ended cycles by status
    decisions: Mapping[tuple[str, str], int] = field(default_factory=dict)  # the analyst's words by market
    trades: Mapping[str, int] = field(default_factory=dict)  # by market
    volume: Mapping[str, Decimal] = field(default_factory=dict)  # won, by market
    jobs_done: Mapping[str, int] = field(default_factory=dict)  # by the job's id: valuations and reports
    jobs_failed: Mapping[str, int] = field(default_factory=dict)  # asked for, and no answer before the next question
    value: Decimal | None = None  # of the whole account at its last valuation


def trade_stats(overall: Iterable[Row], spans: Iterable[Row]) -> TradeStats:
    """Markets in the order of their names, spans newest first, reasons with the most trades first."""
    overall = list(overall)
    sold = [row for row in overall if row.key.side == "sell"]
    markets, periods = _by("symbol", overall), _by("period", spans)
    return TradeStats(
        **figures(overall),
        markets=tuple(MarketFigures(symbol=name, **figures(markets[name])) for name in sorted(markets)),
        periods=tuple(PeriodFigures(period=name, **figures(periods[name])) for name in sorted(periods, reverse=True)),
        entries=_reasons(_by("opened_for", overall)),
        exits=_reasons(_by("reason_code", sold)),
    )


def _by(part: str, rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(getattr(row.key, part), []).append(row)
    return found


def _reasons(rows: Mapping[str, list[Row]]) -> tuple[ReasonFigures, ...]:
    told = [ReasonFigures(reason_code=code, **figures(of_it)) for code, of_it in rows.items()]
    return tuple(sorted(told, key=lambda one: (-one.trades, one.reason_code)))


def figures(rows: Iterable[Row]) -> dict[str, Decimal | int | float | None]:
    rows = list(rows)
    whole = sum((row.sum for row in rows), Sum())
    sells = sum((row.sum.trades for row in rows if row.key.side == "sell"), 0)
    told = Figures(
        trades=whole.trades,
        buys=whole.trades - sells,
        sells=sells,
        volume=whole.volume,
        fees=whole.fees,
        profit=whole.profit or NOTHING,
        win_rate=whole.wins / sells if sells else None,
    )
    return dict(told)
