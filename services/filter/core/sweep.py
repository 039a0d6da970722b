"""Thousands of settings of the breakout rule at once, over the same days (pure).

A setting is k, a trend filter and an exit hour. `trend` n: buy only on days that open above the mean close of
the n days before; 0: on any. `exit_hour` e: sell at the open of the first bar at or after e:00 UTC of the same day,
and buy only before it; 24 is the rule as it stands, the next day's first open. At most one position at any time.

Prices lie in columns of settings * days numbers, setting by setting, so that every step is one operation on all.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import polars as pl

from services.filter.core.days import DAY_MS
from services.filter.core.hours import HOUR_MS

RULES_OWN_EXIT = 24
_APART = 64.0  # in logarithms: further than any equity goes, so that one setting's peak is never the next one's


@dataclass(frozen=True, slots=True)
class Grid:
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
class Courses:
    """What every setting needs of each day; all of the same length, oldest first."""

    day: pl.Series  # 00:00 UTC, ms
    open: pl.Series
    spread: pl.Series  # range of the day before
    exits: Mapping[int, Exit]
    rising: Mapping[int, pl.Series]  # trend -> whether it allows buying
    jumps: pl.DataFrame  # row, low, high: bars that opened above all before them; a target in between is bought at high

    def between(self, begin: int, end: int) -> "Courses":
        """Days `begin` to before `end`, by place."""
        cut = slice(begin, end)
        jumps = self.jumps.filter(pl.col("row").is_between(begin, end, closed="left"))
        return Courses(
            self.day[cut],
            self.open[cut],
            self.spread[cut],
            {hour: Exit(each.high[cut], each.price[cut]) for hour, each in self.exits.items()},
            {trend: each[cut] for trend, each in self.rising.items()},
            jumps.with_columns(pl.col("row") - begin),
        )


def courses(candles: pl.DataFrame, grid: Grid) -> Courses:
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
    kept = days[1:-1]
    exits = {e: Exit(kept[f"high{e}"], kept[f"exit{e}"]) for e in early}
    if RULES_OWN_EXIT in grid.exit_hours:
        exits[RULES_OWN_EXIT] = Exit(kept["high"], kept["after"])
    rows = pl.DataFrame({"day": kept["day"], "row": pl.int_range(len(kept), eager=True)})
    inside = (pl.col("day") == pl.col("day").shift(1)) & (pl.col("open") > pl.col("top"))
    jumps = bars.filter(inside).join(rows, on="day").select("row", low="top", high="open")
    rising = {n: kept[f"rising{n}"] for n in grid.trends}
    return Courses(kept["day"], kept["open"], kept["spread"], exits, rising, jumps)


def _rising(days: int) -> pl.Expr:
    if days == 0:
        return pl.lit(value=True)
    return (pl.col("open") > pl.col("close").rolling_mean(days).shift(1)).fill_null(value=False)


def gains(seen: Courses, grid: Grid, *, fee_rate: float, slippage: float) -> dict[int, pl.Series]:
    """For each exit hour, the logarithm of what 1 won becomes on each day with each k; 0 on a day without a trade."""
    ks, width = list(grid.ks), len(seen.day)
    target = _flat(pl.Series(ks) * _row(seen.spread) + _row(seen.open))
    bought = target.scatter(*_jumped(seen, ks)) if len(seen.jumps) else target
    costs = math.log((1 - slippage) * (1 - fee_rate) / ((1 + slippage) * (1 + fee_rate)))
    paid = (bought.log() - costs).reshape((len(ks), width))
    nothing = pl.zeros(len(target), eager=True)
    found = {}
    for hour in grid.exit_hours:
        exit_at = seen.exits[hour]
        gained = _flat(_row(exit_at.price.log()) - paid)
        found[hour] = gained.zip_with(target <= _tiled(exit_at.high, len(ks)), nothing)
    return found


def _row(one_a_day: pl.Series) -> pl.Series:
    """As the one row of a matrix, which arithmetic repeats for every setting."""
    return one_a_day.reshape((1, len(one_a_day)))


def _flat(matrix: pl.Series) -> pl.Series:
    return matrix.reshape((-1,))


def _tiled(one_a_day: pl.Series, times: int) -> pl.Series:
    return pl.concat([one_a_day] * times, rechunk=True)


def _jumped(seen: Courses, ks: list[float]) -> tuple[list[int], list[float]]:
    """Where a target lies in a jump, and the price that was paid there."""
    where, price = list[int](), list[float]()
    opens, spreads, days = seen.open.to_list(), seen.spread.to_list(), len(seen.day)
    for row, low, high in seen.jumps.iter_rows():
        opened, spread = opens[row], spreads[row]

        def target(k: float, opened: float = opened, spread: float = spread) -> float:
            return opened + k * spread

        for n in range(bisect_right(ks, low, key=target), bisect_right(ks, high, key=target)):
            where.append(n * days + row)
            price.append(high)
    return where, price


def totals(seen: Courses, grid: Grid, gained: Mapping[int, pl.Series]) -> list[float]:
    """Total net return of every setting, in the order of `settings`."""
    shape = (len(grid.ks), len(seen.day))
    sums = [_on(seen, gained[hour], n, shape[0]).reshape(shape).arr.sum() for hour, n in _kinds(grid)]
    return (pl.concat(sums).exp() - 1).to_list()


def _kinds(grid: Grid) -> list[tuple[int, int]]:
    return list(product(grid.exit_hours, grid.trends))


def _on(seen: Courses, gained: pl.Series, trend: int, times: int) -> pl.Series:
    """The gains of the days on which the trend allows buying."""
    if trend == 0:
        return gained
    return gained.zip_with(_tiled(seen.rising[trend], times), pl.zeros(len(gained), eager=True))


def settings(grid: Grid) -> pl.DataFrame:
    """exit_hour, trend, k of every setting, in the order of all results."""
    rows = list(product(grid.exit_hours, grid.trends, grid.ks))
    return pl.DataFrame(rows, schema={"exit_hour": pl.Int64, "trend": pl.Int64, "k": pl.Float64}, orient="row")


def scores(seen: Courses, grid: Grid, gained: Mapping[int, pl.Series]) -> pl.DataFrame:
    """trades, win_rate, total_return, drawdown of every setting beside `settings`; as in breakout.report."""
    shape = (len(grid.ks), len(seen.day))
    parts = [_score(_on(seen, gained[hour], n, shape[0]), shape) for hour, n in _kinds(grid)]
    return settings(grid).hstack(pl.concat(parts))


def _score(net: pl.Series, shape: tuple[int, int]) -> pl.DataFrame:
    """A trade whose costs eat its gain to the last bit is none here."""
    trades, wins = (is_one.reshape(shape).arr.sum() for is_one in (net != 0, net > 0))
    total = net.reshape(shape).arr.sum()
    # One running sum over all settings; each begins on a floor of its own, far above the one before.
    floor = _APART * pl.int_range(shape[0], eager=True).cast(pl.Float64)
    equity = _flat(net.cum_sum().reshape(shape) - (total.cum_sum() - total - floor))
    beginning = _flat(floor + _row(pl.zeros(shape[1], eager=True)))
    peak = pl.select(pl.max_horizontal(equity.cum_max(), beginning)).to_series()
    fall = (equity - peak).reshape(shape).arr.min()
    return pl.DataFrame(
        {
            "trades": trades.cast(pl.Int64),
            "win_rate": (wins / trades).fill_nan(0.0),
            "total_return": total.exp() - 1,
            "drawdown": 1 - fall.exp(),
        }
    )
