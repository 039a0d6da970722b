"""Larry Williams' volatility breakout over a year of hourly candles, and what it came to (pure)."""

import math

import polars as pl

from shared.events import BacktestReport

TRADES = pl.Schema(
    {
        "day": pl.Datetime("ms", "UTC"),  # 00:00 UTC of the day of the entry
        "entry_time": pl.Datetime("ms", "UTC"),  # open time of the bar that reached the target
        "entry_price": pl.Float64(),  # before slippage
        "exit_time": pl.Datetime("ms", "UTC"),
        "exit_price": pl.Float64(),  # before slippage
        "net_return": pl.Float64(),  # after fees and slippage, share of what was paid: 0.01 is +1 %
    }
)


def breakout_trades(hours: pl.DataFrame, *, k: float, fee_rate: float, slippage: float) -> pl.DataFrame:
    """Play the rule; at most one trade a day, oldest first.

    hours: (n, 6) in shared.candles.SCHEMA, ascending, beginning with a whole day.
    fee_rate, slippage: shares per side, 0.0005 is 0.05 %.
    Returns (n_trades, 6) in TRADES.

    Days begin at 00:00 UTC. A day's target is its open + k * the range of the day before; the entry is at
    the first bar whose high reaches it, filled at the target or at that bar's open if that is higher; the
    exit is the open of the first bar of the next day. Where bars are missing: a day's open is the open of
    its first bar, as Upbit's own day candle has it; a day without any bar is no day, so the day before and
    the next day are the nearest that have bars.
    """
    bars = hours.select("open_time", "open", "high", "low", day=pl.col("open_time").dt.truncate("1d"))
    days = _days(bars, k).filter(pl.col("high") >= pl.col("target"), pl.col("exit_time").is_not_null())
    entries = (
        bars.join(days.select("day", "target", "exit_time", "exit_price"), on="day", maintain_order="left")
        .filter(pl.col("high") >= pl.col("target"))
        .unique("day", keep="first", maintain_order=True)
    )
    paid = pl.col("entry_price") * (1 + slippage) * (1 + fee_rate)
    got = pl.col("exit_price") * (1 - slippage) * (1 - fee_rate)
    return (
        entries.with_columns(entry_price=pl.max_horizontal("target", "open"))
        .with_columns(net_return=got / paid - 1)
        .rename({"open_time": "entry_time"})
        .select(TRADES.names())
    )


def report(trades: pl.DataFrame, hours: pl.DataFrame) -> BacktestReport:
    """Sum the trades up.

    trades: (n_trades, 6) in TRADES. hours: the candles they were played on.

    days: days with at least one bar. win_rate: share of trades with a net return above 0.
    total_return: of the equity compounded trade by trade. mean_return: of a trade, net. expectancy: win
    rate * mean win - loss rate * mean loss, net; the same number as the mean, told apart only by name.
    drawdown: deepest fall of that equity from its peak, seen at the trades' closes, never between them.
    profit_factor: sum of gains / sum of losses. sharpe: mean / standard deviation of the trades' returns,
    times the root of trades a year; None too where they are all alike. buy_and_hold: last close over first
    open, without costs.
    """
    net = trades["net_return"].to_list()
    days = hours["open_time"].dt.truncate("1d").n_unique()
    mean = math.fsum(net) / len(net) if net else 0.0
    gains, losses = math.fsum(r for r in net if r > 0), math.fsum(-r for r in net if r < 0)
    equity, drawdown = _equity(net)
    return BacktestReport(
        days=days,
        trades=len(net),
        win_rate=sum(r > 0 for r in net) / len(net) if net else 0.0,
        total_return=equity - 1,
        mean_return=mean,
        expectancy=mean,
        drawdown=drawdown,
        worst_trade=min(net, default=0.0),
        profit_factor=gains / losses if losses else None,
        sharpe=_sharpe(net, mean, days),
        buy_and_hold=0.0 if hours.is_empty() else hours["close"][-1] / hours["open"][0] - 1,
    )


def _days(bars: pl.DataFrame, k: float) -> pl.DataFrame:
    """One row a day that has bars: its high, its target from the row before, its exit from the row after."""
    return (
        bars.group_by("day", maintain_order=True)
        .agg(pl.col("open_time", "open").first(), pl.col("high").max(), pl.col("low").min())
        .select(
            "day",
            "high",
            target=pl.col("open") + k * (pl.col("high") - pl.col("low")).shift(1),
            exit_time=pl.col("open_time").shift(-1),
            exit_price=pl.col("open").shift(-1),
        )
    )


def _equity(net: list[float]) -> tuple[float, float]:
    """What 1 won became, and its deepest fall from a peak as a share."""
    equity = peak = 1.0
    fall = 0.0
    for r in net:
        equity *= 1 + r
        peak = max(peak, equity)
        fall = max(fall, 1 - equity / peak)
    return equity, fall


def _sharpe(net: list[float], mean: float, days: int) -> float | None:
    if len(net) < 2:
        return None
    deviation = math.sqrt(math.fsum((r - mean) ** 2 for r in net) / (len(net) - 1))
    return mean / deviation * math.sqrt(len(net) / days * 365) if deviation > 0 else None
