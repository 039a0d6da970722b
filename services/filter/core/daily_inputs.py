"""What any setting of the breakout rule needs of each day, taken from the candles once for all settings (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from services.filter.core.days import DAY_MS
from services.filter.core.hours import HOUR_MS

RULES_OWN_EXIT = 24


@dataclass(frozen=True, slots=True)
class ParameterGrid:
    ks: Sequence[float]  # ascending
    trends: Sequence[int] = (0,)
    exit_hours: Sequence[int] = (RULES_OWN_EXIT,)

    def __len__(self) -> int:
        return len(self.ks) * len(self.trends) * len(self.exit_hours)


@dataclass(frozen=True, slots=True)
class Exit:
    high: pl.Series  # highest price before it, of each day
    price: pl.Series


@dataclass(frozen=True, slots=True)
class DailyInputs:
    """What every setting needs of each day; all of the same length, oldest first."""

    day: pl.Series  # 00:00 UTC, ms
    open: pl.Series
    spread: pl.Series  # range of the day before
    exits: Mapping[int, Exit]
    rising: Mapping[int, pl.Series]  # trend -> whether it allows buying
    jumps: pl.DataFrame  # row, low, high: bars that opened above all before them; a target in between is bought at high

    def between(self, begin: int, end: int) -> "DailyInputs":
        """Days `begin` to before `end`, by place."""
        cut = slice(begin, end)
        jumps = self.jumps.filter(pl.col("row").is_between(begin, end, closed="left"))
        return DailyInputs(
            self.day[cut],
            self.open[cut],
            self.spread[cut],
            {hour: Exit(each.high[cut], each.price[cut]) for hour, each in self.exits.items()},
            {trend: each[cut] for trend, each in self.rising.items()},
            jumps.with_columns(pl.col("row") - begin),
        )


def daily_inputs(candles: pl.DataFrame, grid: ParameterGrid) -> DailyInputs:
    """The days that can be traded: all but the first, and the last, whose exit is not known.

    candles: (n, 6) in shared.candles.SCHEMA, hourly, ascending.
    """
    time = pl.col("open_time").to_physical()
    bars = candles.select(
        "open", "high", "low", "close", day=time // DAY_MS * DAY_MS, hour=time % DAY_MS // HOUR_MS
    ).with_columns(top=pl.col("high").cum_max().over("day").shift(1))
    early = [hour for hour in grid.exit_hours if hour < RULES_OWN_EXIT]
    days = bars.group_by("day", maintain_order=True).agg(
        pl.col("open").first(),
        pl.col("close").last(),
        pl.col("high").max(),
        spread=pl.col("high").max() - pl.col("low").min(),
        **{f"high{e}": pl.col("high").filter(pl.col("hour") < e).max() for e in early},
        **{f"exit{e}": pl.col("open").filter(pl.col("hour") >= e).first() for e in early},
    )
    after = pl.col("open").shift(-1)
    days = days.with_columns(
        pl.col("spread").shift(1),
        after=after,
        **{f"high{e}": pl.col(f"high{e}").fill_null(0.0) for e in early},
        **{f"exit{e}": pl.col(f"exit{e}").fill_null(after) for e in early},
        **{f"rising{n}": _rising(n) for n in grid.trends},
    )
    tradable = days[1:-1]
    exits = {e: Exit(tradable[f"high{e}"], tradable[f"exit{e}"]) for e in early}
    if RULES_OWN_EXIT in grid.exit_hours:
        exits[RULES_OWN_EXIT] = Exit(tradable["high"], tradable["after"])
    rows = pl.DataFrame({"day": tradable["day"], "row": pl.int_range(len(tradable), eager=True)})
    inside = (pl.col("day") == pl.col("day").shift(1)) & (pl.col("open") > pl.col("top"))
    jumps = bars.filter(inside).join(rows, on="day").select("row", low="top", high="open")
    rising = {n: tradable[f"rising{n}"] for n in grid.trends}
    return DailyInputs(tradable["day"], tradable["open"], tradable["spread"], exits, rising, jumps)


def _rising(days: int) -> pl.Expr:
    if days == 0:
        return pl.lit(value=True)
    return (pl.col("open") > pl.col("close").rolling_mean(days).shift(1)).fill_null(value=False)
