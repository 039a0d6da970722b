"""The trades, and what they came to."""

from typing import Literal

from pydantic import Field

from shared.api.shape import Number, Shape, Time


class Trade(Shape):
    id: int
    symbol: str
    side: Literal["buy", "sell"]
    price: Number
    amount: Number
    total: Number
    created_at: Time


class TradeDetail(Trade):
    fee: Number
    ai_decision: str | None = Field(description="the analyst's reason")
    ai_confidence: str | None
    cycle: str
    profit: Number | None = Field(description="of a sale, fees in; null of a buy")


class Trades(Shape):
    trades: tuple[Trade, ...]
    total: int = Field(description="how many there are under this filter, whatever the page")


class Figures(Shape):
    trades: int
    buys: int
    sells: int
    volume: Number = Field(description="won bought and sold, fees not counted")
    fees: Number
    profit: Number = Field(description="of the sales: what they brought less what was paid, average cost, fees in")
    win_rate: float | None = Field(description="share of the sales that made a profit; null without a sale")


class MarketFigures(Figures):
    symbol: str


class PeriodFigures(Figures):
    period: str = Field(description="a month or a day in Seoul: 2026-01, 2026-01-05")


class ReasonFigures(Figures):
    reason_code: str = Field(description="as in the cycle that bought or sold; empty where nobody knows")


class TradeStats(Figures):
    markets: tuple[MarketFigures, ...]
    periods: tuple[PeriodFigures, ...] = Field(description="newest first; those without a trade are left out")
    entries: tuple[ReasonFigures, ...] = Field(
        description="by why a position was opened: its purchases, and what its sales came to; most trades first"
    )
    exits: tuple[ReasonFigures, ...] = Field(description="the sales, by why they were made; most first")
