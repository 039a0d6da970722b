"""Figures over the trades, from what was added up as they were booked; and what the metrics show of the books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.backend.core.draft import NOTHING, Sum
from shared.api.trades import Figures, MarketFigures, PeriodFigures, TradeStats

Row = tuple[str, str, str, Sum]  # period, symbol, side, and what they came to


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
    """Markets in the order of their names, spans newest first."""
    overall, spans = list(overall), list(spans)
    return TradeStats(
        **figures(overall),
        markets=tuple(
            MarketFigures(symbol=symbol, **figures(row for row in overall if row[1] == symbol))
            for symbol in sorted({row[1] for row in overall})
        ),
        periods=tuple(
            PeriodFigures(period=period, **figures(row for row in spans if row[0] == period))
            for period in sorted({row[0] for row in spans}, reverse=True)
        ),
    )


def figures(rows: Iterable[Row]) -> dict[str, Decimal | int | float | None]:
    rows = list(rows)
    whole = sum((row[3] for row in rows), Sum())
    sells = sum((row[3].trades for row in rows if row[2] == "sell"), 0)
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
