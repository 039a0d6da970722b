"""Larry Williams' volatility breakout over a year of days, and what it came to (pure)."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.filter.core.days import Year
from shared.events import BacktestReport
from shared.settings import Settings
from shared.venue import FEE_RATE


@dataclass(frozen=True, slots=True)
class Rule:
    k: float
    fee_rate: float  # shares per side
    slippage: float

    @classmethod
    def of(cls, settings: Settings) -> "Rule":
        return cls(k=settings.breakout_k, fee_rate=float(FEE_RATE), slippage=settings.slippage)


class Trade(NamedTuple):
    """Times in milliseconds since 1970, UTC; prices before slippage."""

    day: int  # 00:00 UTC of the day of the entry
    entry_time: int  # open time of the bar that reached the target
    entry_price: float
    exit_time: int
    exit_price: float
    net_return: float  # after fees and slippage, share of what was paid: 0.01 is +1 %


def breakout_trades(year: Year, *, k: float, fee_rate: float, slippage: float) -> list[Trade]:
    """Play the rule; at most one trade a day, oldest first.

    fee_rate, slippage: shares per side, 0.0005 is 0.05 %.

    Days begin at 00:00 UTC. A day's target is its open + k * the range of the day before; the entry is at
    the first bar whose high reaches it, filled at the target or at that bar's open if that is higher; the
    exit is the open of the first bar of the next day. Where bars are missing: a day's open is the open of
    its first bar, as Upbit's own day candle has it; a day without any bar is no day, so the day before and
    the next day are the nearest that have bars.
    """
    days, trades = year.days, list[Trade]()
    cheaper, fee_off, dearer, fee_on = 1 - slippage, 1 - fee_rate, 1 + slippage, 1 + fee_rate
    traded = slice(year.begin + 1, max(year.begin, year.end - 1))  # the first has no day before it, the last no exit
    before = slice(year.begin, traded.stop)
    looks = zip(days.open[traded], days.high[traded], days.high[before], days.low[before], strict=False)
    for d, (open_, high, high_before, low_before) in enumerate(looks, traded.start):
        target = open_ + k * (high_before - low_before)
        if high < target:
            continue
        entry = bisect_left(days.top_high, target, days.tops[d], days.tops[d + 1])
        opened, sold = days.top_open[entry], days.open[d + 1]
        bought = opened if opened > target else target
        net = sold * cheaper * fee_off / (bought * dearer * fee_on) - 1
        trades.append(Trade(days.start[d], days.top_time[entry], bought, days.first[d + 1], sold, net))
    return trades


def backtest(year: Year, rule: Rule) -> BacktestReport:
    """Play the rule over a year and sum it up."""
    trades = breakout_trades(year, k=rule.k, fee_rate=rule.fee_rate, slippage=rule.slippage)
    return report([trade.net_return for trade in trades], year)


def report(net: Sequence[float], year: Year) -> BacktestReport:
    """Sum the trades up.

    net: each trade's net return, oldest first. year: what they were played on.

    days: days with at least one bar. win_rate: share of trades with a net return above 0.
    total_return: of the equity compounded trade by trade. mean_return: of a trade, net. expectancy: win
    rate * mean win - loss rate * mean loss, net; the same number as the mean, told apart only by name.
    drawdown: deepest fall of that equity from its peak, seen at the trades' closes, never between them.
    profit_factor: sum of gains / sum of losses. sharpe: mean / standard deviation of the trades' returns,
    times the root of trades a year; None too where they are all alike. buy_and_hold: last close over first
    open, without costs. hours_missing: candles that the year lacks.
    """
    days = year.end - year.begin
    mean = math.fsum(net) / len(net) if net else 0.0
    won, lost = [r for r in net if r > 0], [-r for r in net if r < 0]
    gains, losses = math.fsum(won), math.fsum(lost)
    equity, drawdown = compounded(net)
    return BacktestReport(
        days=days,
        trades=len(net),
        win_rate=len(won) / len(net) if net else 0.0,
        total_return=equity - 1,
        mean_return=mean,
        expectancy=mean,
        drawdown=drawdown,
        worst_trade=min(net, default=0.0),
        profit_factor=gains / losses if losses else None,
        sharpe=_sharpe(net, mean, days),
        buy_and_hold=year.buy_and_hold,
        hours_missing=year.missing,
    )


def compounded(net: Sequence[float]) -> tuple[float, float]:
    """What 1 won became trade by trade, and its deepest fall from a peak as a share."""
    equity = peak = 1.0
    fall = 0.0
    for r in net:
        equity *= 1 + r
        if equity >= peak:
            peak = equity
        elif (deep := 1 - equity / peak) > fall:
            fall = deep
    return equity, fall


def _sharpe(net: Sequence[float], mean: float, days: int) -> float | None:
    if len(net) < 2:
        return None
    deviation = math.sqrt(math.fsum([(r - mean) ** 2 for r in net]) / (len(net) - 1))
    return mean / deviation * math.sqrt(len(net) / days * 365) if deviation > 0 else None
