"""Thousands of settings of the breakout rule at once, over the same days (pure).

A setting is k, a trend filter and an exit hour. `trend` n: buy only on days that open above the mean close of
the n days before; 0: on any. `exit_hour` e: sell at the open of the first bar at or after e:00 UTC of the same day,
and buy only before it; 24 is the rule as it stands, the next day's first open. At most one position at any time.

Prices lie in columns of settings * days numbers, setting by setting, so that every step is one operation on all.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from itertools import product

import polars as pl

from services.filter.core.daily_inputs import DailyInputs, ParameterGrid

_APART = 64.0  # in logarithms: further than any equity goes, so that one setting's peak is never the next one's


def gains(inputs: DailyInputs, grid: ParameterGrid, *, fee_rate: float, slippage: float) -> dict[int, pl.Series]:
    """For each exit hour, the logarithm of what 1 won becomes on each day with each k; 0 on a day without a trade."""
    ks, width = list(grid.ks), len(inputs.day)
    target = _flat(pl.Series(ks) * _row(inputs.spread) + _row(inputs.open))
    bought = target.scatter(*_jumped(inputs, ks)) if len(inputs.jumps) else target
    costs = math.log((1 - slippage) * (1 - fee_rate) / ((1 + slippage) * (1 + fee_rate)))
    paid = (bought.log() - costs).reshape((len(ks), width))
    nothing = pl.zeros(len(target), eager=True)
    found = {}
    for hour in grid.exit_hours:
        exit_at = inputs.exits[hour]
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


def _jumped(inputs: DailyInputs, ks: list[float]) -> tuple[list[int], list[float]]:
    """Where a target lies in a jump, and the price that was paid there."""
    where, price = list[int](), list[float]()
    opens, spreads, days = inputs.open.to_list(), inputs.spread.to_list(), len(inputs.day)
    for row, low, high in inputs.jumps.iter_rows():
        opened, spread = opens[row], spreads[row]

        def target(k: float, opened: float = opened, spread: float = spread) -> float:
            return opened + k * spread

        for n in range(bisect_right(ks, low, key=target), bisect_right(ks, high, key=target)):
            where.append(n * days + row)
            price.append(high)
    return where, price


def totals(inputs: DailyInputs, grid: ParameterGrid, gained: Mapping[int, pl.Series]) -> list[float]:
    """Total net return of every setting, in the order of `settings`."""
    shape = (len(grid.ks), len(inputs.day))
    sums = [_on(inputs, gained[hour], n, shape[0]).reshape(shape).arr.sum() for hour, n in _kinds(grid)]
    return (pl.concat(sums).exp() - 1).to_list()


def _kinds(grid: ParameterGrid) -> list[tuple[int, int]]:
    return list(product(grid.exit_hours, grid.trends))


def _on(inputs: DailyInputs, gained: pl.Series, trend: int, times: int) -> pl.Series:
    """The gains of the days on which the trend allows buying."""
    if trend == 0:
        return gained
    return gained.zip_with(_tiled(inputs.rising[trend], times), pl.zeros(len(gained), eager=True))


def settings(grid: ParameterGrid) -> pl.DataFrame:
    """exit_hour, trend, k of every setting, in the order of all results."""
    rows = list(product(grid.exit_hours, grid.trends, grid.ks))
    return pl.DataFrame(rows, schema={"exit_hour": pl.Int64, "trend": pl.Int64, "k": pl.Float64}, orient="row")


def scores(inputs: DailyInputs, grid: ParameterGrid, gained: Mapping[int, pl.Series]) -> pl.DataFrame:
    """trades, win_rate, total_return, drawdown of every setting beside `settings`; as in breakout.report."""
    shape = (len(grid.ks), len(inputs.day))
    parts = [_score(_on(inputs, gained[hour], n, shape[0]), shape) for hour, n in _kinds(grid)]
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
