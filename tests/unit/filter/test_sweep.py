"""Many settings at once come to what the rule itself comes to one by one; luck is counted."""

from datetime import UTC, datetime, timedelta
from math import cos, sin

import polars as pl
import pytest

from services.filter.core import breakout
from services.filter.core.daily_inputs import ParameterGrid, daily_inputs
from services.filter.core.days import history_of, whole
from services.filter.core.luck import p_value, shuffled, shuffled_bests, warm_inputs
from services.filter.core.sweep import gains, scores, settings, totals
from shared.candles import SCHEMA, check

COSTS = {"fee_rate": 0.0005, "slippage": 0.0005}
START = datetime(2024, 1, 1, tzinfo=UTC)


def swinging(days: int = 120) -> pl.DataFrame:
    """Candles that jump over prices, with hours and days missing."""
    rows = []
    for h in range(days * 24):
        if h % 7 == 3 or h // 24 % 31 == 30:
            continue
        price = 1000 + 150 * sin(h / 50) + 80 * sin(h / 3.3) + 25 * cos(h * 1.3)
        rows.append((START + timedelta(hours=h), price, price + 9, price - 11, price + 5 * sin(h), 1.0))
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="swinging")


def recorded(data_dir, market):
    file = data_dir / "candles" / f"upbit_{market}_1h_2023-07_2024-12.parquet"
    return check(pl.read_parquet(file).rename({"ts": "open_time"}), name=market)


def scored(frame, grid):
    seen = daily_inputs(frame, grid)
    return scores(seen, grid, gains(seen, grid, **COSTS))


def one_by_one(frame, k):
    year = whole(history_of(frame))
    return breakout.report([t.net_return for t in breakout.breakout_trades(year, k=k, **COSTS)], year)


def must_be_equal(frame, ks):
    for row in scored(frame, ParameterGrid(ks)).to_dicts():
        alone = one_by_one(frame, row["k"])
        assert row["trades"] == alone.trades
        assert row["win_rate"] == pytest.approx(alone.win_rate, abs=1e-12)
        assert row["total_return"] == pytest.approx(alone.total_return, abs=1e-9)
        assert row["drawdown"] == pytest.approx(alone.drawdown, abs=1e-9)


def test_without_filter_and_with_its_own_exit_every_k_is_the_rule_itself():
    frame = swinging()
    assert len(daily_inputs(frame, ParameterGrid([0.5])).jumps) > 100  # so that being bought above the target is met
    must_be_equal(frame, [n / 20 for n in range(41)])


@pytest.mark.parametrize("market", ["KRW-ETH", "KRW-BTC"])
def test_on_real_months_every_k_is_the_rule_itself(data_dir, market):
    must_be_equal(recorded(data_dir, market), [n / 10 for n in range(1, 16)])


def test_totals_are_those_of_the_scores():
    frame, grid = swinging(), ParameterGrid([0.3, 0.5, 0.8], (0, 5, 20), (12, 24))
    seen = daily_inputs(frame, grid)
    gained = gains(seen, grid, **COSTS)
    assert totals(seen, grid, gained) == pytest.approx(scores(seen, grid, gained)["total_return"].to_list(), abs=1e-12)
    assert len(settings(grid)) == len(grid) == 18


def hours(*bars):
    rows = [(START + timedelta(hours=h), o, hi, lo, c, 1.0) for h, o, hi, lo, c in bars]
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="test")


# The range of the first day is 40, so with k 0.5 the second day's target is 140.
DAYS = (
    (0, 100, 130, 90, 120),
    (24, 120, 130, 110, 130), (29, 130, 145, 130, 140), (33, 154, 154, 150, 150),
    (48, 168, 168, 168, 168), (72, 1, 1, 1, 1),
)  # fmt: skip


def test_an_early_exit_sells_at_that_hours_open_and_never_buys_after_it():
    seen = daily_inputs(hours(*DAYS), grid := ParameterGrid([0.5], (0,), (5, 9, 24)))
    net = gains(seen, grid, fee_rate=0.0, slippage=0.0)
    assert [net[hour].exp()[0] for hour in (5, 9, 24)] == [1.0, pytest.approx(154 / 140), pytest.approx(168 / 140)]


def test_where_no_bar_follows_the_exit_hour_it_is_the_next_days_first_open():
    seen = daily_inputs(hours(*DAYS), grid := ParameterGrid([0.5], (0,), (20,)))
    assert gains(seen, grid, fee_rate=0.0, slippage=0.0)[20].exp()[0] == pytest.approx(168 / 140)


def test_the_trend_filter_buys_only_above_the_mean_close_of_the_days_before():
    risen = scored(hours((0, 100, 130, 90, 119), *DAYS[1:]), ParameterGrid([0.5], (1,)))
    fallen = scored(hours((0, 100, 130, 90, 121), *DAYS[1:]), ParameterGrid([0.5], (1,)))
    assert (risen["trades"].item(), fallen["trades"].item()) == (1, 0)


def test_a_shuffled_market_has_the_same_candles_in_another_order():
    frame = swinging()
    other = check(shuffled(frame, 1), name="shuffled")
    assert other["open_time"].equals(frame["open_time"])
    assert other["close"][-1] == pytest.approx(frame["close"][-1])
    assert (other["high"] / other["low"]).sort().to_list() == pytest.approx(
        (frame["high"] / frame["low"]).sort().to_list()
    )
    assert not other["close"].equals(frame["close"])


def test_the_same_seed_gives_the_same_luck():
    frame, grid = swinging(60), ParameterGrid([0.3, 0.6], (0, 5), (24,))
    first = list(shuffled_bests(frame, grid, markets=4, seed=1, **COSTS))
    assert first == list(shuffled_bests(frame, grid, markets=4, seed=1, **COSTS))
    assert first != list(shuffled_bests(frame, grid, markets=4, seed=9, **COSTS))


def test_a_chance_is_never_nothing():
    assert p_value(0.5, [0.1, 0.2, 0.3]) == 0.25
    assert p_value(0.2, [0.1, 0.2, 0.3]) == 0.75


def test_all_settings_are_judged_on_the_same_days():
    grid = ParameterGrid([0.5], (0, 20))
    assert len(warm_inputs(swinging(), grid).day) == len(daily_inputs(swinging(), grid).day) - 20
