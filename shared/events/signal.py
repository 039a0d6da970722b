"""What the gate said of the year before."""

from typing import Literal

from pydantic import Field

from shared.events.base import CycleEvent, Part
from shared.types import Exact, Price, Ratio

FEW_TRADES = 30
GAPS_TOLD = 48  # hours; the exchange's own maintenance takes about 20 a year


class BacktestReport(Part):
    """The breakout rule over the year before; money compounded trade by trade, at their closes."""

    days: int
    trades: int
    win_rate: Ratio  # 0 if there was no trade
    total_return: float  # net of fees and slippage; 0.1 is +10 %
    mean_return: float  # of a trade
    expectancy: float  # mean net return of a trade after fees; what one trade is worth
    drawdown: Ratio  # deepest fall of the equity from its peak
    worst_trade: float
    profit_factor: float | None  # gains over losses; None without a loss
    sharpe: float | None  # of trade returns, by the year; None below two trades
    buy_and_hold: float
    hours_missing: int = 0  # of the year before; those of a shorter history among them

    @property
    def gappy(self) -> bool:
        """Whether more of the year is missing than the exchange's own nights."""
        return self.hours_missing >= GAPS_TOLD

    @property
    def thin(self) -> bool:
        """Too few trades for their shares to say much: at 30, a win rate of 0.55 is good to about 0.09."""
        return self.trades < FEW_TRADES


class Objection(Part):
    """One reason the gate says no, and how far off it is."""

    code: Literal["WIN_RATE", "DRAWDOWN", "TRADES", "EXPECTANCY"]
    value: float
    limit: float
    distance: float  # always positive: how much is missing


class SignalPassed(CycleEvent):
    SUBJECT = "ev.signal.{market}.{slot}"
    kind: Literal["SignalPassed"] = "SignalPassed"
    report: BacktestReport
    exit_only: bool  # the gate said no, but a position is held: it may be closed
    objections: tuple[Objection, ...] = ()  # what the gate had against it, where exit_only


class SignalRejected(CycleEvent):
    SUBJECT = "ev.signal.{market}.{slot}"
    kind: Literal["SignalRejected"] = "SignalRejected"
    report: BacktestReport
    objections: tuple[Objection, ...] = Field(min_length=1)
    price: Exact[Price]
