"""How good the best of many settings is where nothing can be learnt: the same hours, shuffled (pure)."""

from collections.abc import Iterator, Sequence

import polars as pl

from services.filter.core.daily_inputs import DailyInputs, ParameterGrid, daily_inputs
from services.filter.core.sweep import gains, totals


def warm_inputs(candles: pl.DataFrame, grid: ParameterGrid) -> DailyInputs:
    """The days on which every trend filter has its days before it: all settings are judged on the same days."""
    inputs = daily_inputs(candles, grid)
    return inputs.between(max(grid.trends), len(inputs.day))


def shuffled_bests(
    candles: pl.DataFrame, grid: ParameterGrid, *, markets: int, seed: int, fee_rate: float, slippage: float
) -> Iterator[float]:
    """The best total return of all settings on each of so many shuffled markets; the same seed gives the same."""
    for n in range(markets):
        inputs = warm_inputs(shuffled(candles, seed + n), grid)
        yield max(totals(inputs, grid, gains(inputs, grid, fee_rate=fee_rate, slippage=slippage)))


def p_value(best: float, lucky: Sequence[float]) -> float:
    """How often luck alone does as well, counting the real market as one of them: never 0."""
    return (1 + sum(each >= best for each in lucky)) / (1 + len(lucky))


def shuffled(candles: pl.DataFrame, seed: int) -> pl.DataFrame:
    """A market of the same hours in another order: the same rise and the same unrest, and nothing to be learnt.

    Every candle keeps its shape and its step from the close before it; the times stay where they are.
    """
    before = pl.col("close").shift(1).fill_null(pl.col("open"))
    shapes = candles.select(
        step=pl.col("open") / before,
        high=pl.col("high") / pl.col("open"),
        low=pl.col("low") / pl.col("open"),
        close=pl.col("close") / pl.col("open"),
    ).sample(fraction=1.0, shuffle=True, seed=seed)
    first = candles["open"][0]
    opened = first * (pl.col("step") * pl.col("close").shift(1).fill_null(1.0)).cum_prod()
    return shapes.with_columns(open=opened).select(
        candles["open_time"], "open", high=pl.col("open") * pl.col("high"), low=pl.col("open") * pl.col("low"),
        close=pl.col("open") * pl.col("close"), volume=candles["volume"],
    )  # fmt: skip
