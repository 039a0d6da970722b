"""Figures over all trades, and what the metrics show of the books."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from services.backend.core.shapes import Figures, MarketFigures, TradeStats


@dataclass(frozen=True)
class Deal:
    """Of a trade what is added up; money exact."""

    symbol: str
    side: str
    funds: Decimal
    fee: Decimal


@dataclass(frozen=True)
class Totals:
    """Counted in the database, so that a restart shrinks nothing."""

    jobs: Mapping[str, int] = field(default_factory=dict)  # ended cycles by status
    decisions: Mapping[tuple[str, str], int] = field(default_factory=dict)  # the analyst's words by market
    trades: Mapping[str, int] = field(default_factory=dict)  # by market
    volume: Mapping[str, Decimal] = field(default_factory=dict)  # won, by market


def trade_stats(deals: Iterable[Deal]) -> TradeStats:
    """markets: in the order of their names."""
    deals = list(deals)
    by_market = {symbol: [d for d in deals if d.symbol == symbol] for symbol in sorted({d.symbol for d in deals})}
    markets = tuple(MarketFigures(symbol=symbol, **_figures(own)) for symbol, own in by_market.items())
    return TradeStats(**_figures(deals), markets=markets)


def _figures(deals: list[Deal]) -> dict[str, Decimal | int]:
    figures = Figures(
        trades=len(deals),
        buys=sum(d.side == "buy" for d in deals),
        sells=sum(d.side == "sell" for d in deals),
        volume=sum((d.funds for d in deals), Decimal(0)),
        fees=sum((d.fee for d in deals), Decimal(0)),
    )
    return dict(figures)
