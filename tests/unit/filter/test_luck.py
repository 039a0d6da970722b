"""The luck test tells a market in which the rule works from one in which nothing can be learnt."""

from datetime import UTC, datetime, timedelta
from random import Random

import polars as pl
import pytest

from services.filter.core.daily_inputs import ParameterGrid
from services.filter.core.luck import p_value, shuffled_bests, warm_inputs
from services.filter.core.sweep import gains, totals
from shared.candles import SCHEMA, check

GRID = ParameterGrid([n / 10 for n in range(1, 16)], (0, 5, 20), (12, 18, 24))
COSTS = {"fee_rate": 0.0005, "slippage": 0.0005}
START = datetime(2024, 1, 1, tzinfo=UTC)


def walk(seed: int, *, edge: float, days: int = 120) -> pl.DataFrame:
    """A random walk by the hour; with an edge it goes on rising once it broke out above half of yesterday's range."""
    chances, price, rows = Random(seed), 1000.0, []
    opened = high = low = price
    reach = 20.0
    for hour in range(days * 24):
        if hour % 24 == 0:
            reach = high - low if hour else reach
            opened = high = low = price
        path = [price]
        for _ in range(6):
            drift = edge if path[-1] > opened + 0.5 * reach else 0.0
            path.append(path[-1] * (1 + chances.gauss(drift, 0.0025)))
        price, high, low = path[-1], max(high, *path), min(low, *path)
        rows.append((START + timedelta(hours=hour), path[0], max(path), min(path), price, 1.0))
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="walk")


def chance_of(frame: pl.DataFrame) -> float:
    seen = warm_inputs(frame, GRID)
    best = max(totals(seen, GRID, gains(seen, GRID, **COSTS)))
    return p_value(best, list(shuffled_bests(frame, GRID, markets=19, seed=1, **COSTS)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_edge_that_is_there_is_hardly_luck(seed):
    assert chance_of(walk(seed, edge=0.0008)) <= 0.1  # at most one of 19 shuffled markets came near it


def test_where_nothing_can_be_learnt_the_best_setting_is_as_good_as_luck():
    chances = sorted(chance_of(walk(seed, edge=0.0)) for seed in range(9))
    assert chances[4] > 0.2
    assert chances[-1] > 0.6
