"""The breakout rule: by hand, against a slow twin, against known years, and its laws."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import stdev

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.filter.core import breakout
from services.filter.core.days import history_of, whole
from shared.candles import SCHEMA, check

DAY_ONE = datetime(2026, 1, 1, tzinfo=UTC)
COSTS = {"fee_rate": 0.0005, "slippage": 0.0005}
FREE = {"fee_rate": 0.0, "slippage": 0.0}


def hours(*bars: tuple[float, float, float, float, float]) -> pl.DataFrame:
    """Candles from (hours since DAY_ONE, open, high, low, close)."""
    rows = [(DAY_ONE + timedelta(hours=h), o, hi, lo, c, 1.0) for h, o, hi, lo, c in bars]
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="test") if rows else pl.DataFrame(schema=SCHEMA)


TRADES = pl.Schema(
    {
        "day": pl.Datetime("ms", "UTC"),
        "entry_time": pl.Datetime("ms", "UTC"),
        "entry_price": pl.Float64(),
        "exit_time": pl.Datetime("ms", "UTC"),
        "exit_price": pl.Float64(),
        "net_return": pl.Float64(),
    }
)


def breakout_trades(frame: pl.DataFrame, **how: float) -> pl.DataFrame:
    """The rule over all of these candles, its trades as a frame with times."""
    return pl.DataFrame(breakout.breakout_trades(whole(history_of(frame)), **how), schema=TRADES, orient="row")


def report(trades: pl.DataFrame, frame: pl.DataFrame):
    return breakout.report(trades["net_return"].to_list(), whole(history_of(frame)))


def recorded(data_dir: Path, market: str) -> pl.DataFrame:
    file = data_dir / "candles" / f"upbit_{market}_1h_2023-07_2024-12.parquet"
    return check(pl.read_parquet(file).rename({"ts": "open_time"}), name=market)


def slow_trades(frame: pl.DataFrame, *, k: float, fee_rate: float, slippage: float) -> list[tuple]:
    """The rule once more, bar by bar, sharing nothing with the other."""
    trades, days, held = [], [], None  # days: [date, open, high, low] of those seen; held: the open trade
    for time, opened, high, low, *_ in frame.iter_rows():
        if not days or days[-1][0] != time.date():
            if held is not None:
                bought = held[2] * (1 + slippage) * (1 + fee_rate)
                trades.append((*held, time, opened, opened * (1 - slippage) * (1 - fee_rate) / bought - 1))
            days.append([time.date(), opened, high, low])
            held, entered = None, False
        else:
            days[-1][2], days[-1][3] = max(days[-1][2], high), min(days[-1][3], low)
        if len(days) < 2 or entered:
            continue
        target = days[-1][1] + k * (days[-2][2] - days[-2][3])
        if high >= target:
            held, entered = (time.replace(hour=0), time, max(target, opened)), True
    return trades


# 40 won between high and low on the first day; so the second day's target is 120 + 0.5 * 40 = 140.
FIRST_DAY = (0, 100, 130, 90, 120)


def test_the_target_is_bought_where_it_is_first_reached_and_sold_at_the_next_days_first_open():
    frame = hours(
        FIRST_DAY,
        (24, 120, 139, 110, 130),
        (30, 130, 140, 125, 135),
        (31, 150, 160, 150, 155),
        (48, 154, 154, 154, 154),
    )
    trades = breakout_trades(frame, k=0.5, **FREE)
    assert trades.rows() == [
        (
            datetime(2026, 1, 2, tzinfo=UTC),
            datetime(2026, 1, 2, 6, tzinfo=UTC),
            140.0,
            datetime(2026, 1, 3, tzinfo=UTC),
            154.0,
            pytest.approx(0.1),
        )
    ]


def test_a_bar_that_opens_above_the_target_is_bought_at_its_open():
    frame = hours(FIRST_DAY, (24, 120, 130, 110, 130), (25, 145, 150, 141, 150), (48, 160, 160, 160, 160))
    trades = breakout_trades(frame, k=0.5, **FREE)
    assert trades["entry_price"].to_list() == [145.0]


def test_each_side_costs_its_fee_and_slippage():
    frame = hours(FIRST_DAY, (24, 120, 140, 110, 130), (48, 154, 154, 154, 154))
    net = breakout_trades(frame, k=0.5, fee_rate=0.01, slippage=0.02)["net_return"].to_list()
    assert net == [pytest.approx(154 * 0.98 * 0.99 / (140 * 1.02 * 1.01) - 1)]


def test_a_day_that_stays_below_its_target_has_no_trade():
    assert breakout_trades(hours(FIRST_DAY, (24, 120, 139.9, 110, 130), (48, 1, 1, 1, 1)), k=0.5, **FREE).is_empty()


def test_a_last_day_without_its_exit_is_not_counted():
    assert breakout_trades(hours(FIRST_DAY, (24, 120, 150, 110, 130)), k=0.5, **FREE).is_empty()


def test_a_day_without_bars_is_no_day():
    """Between the first day and its next there is none; the third's exit waits two days."""
    trades = breakout_trades(hours(FIRST_DAY, (49, 120, 140, 110, 130), (122, 147, 147, 147, 147)), k=0.5, **FREE)
    assert trades["day"].to_list() == [datetime(2026, 1, 3, tzinfo=UTC)]
    assert trades["entry_price"].to_list() == [140.0]
    assert trades["exit_time"].to_list() == [datetime(2026, 1, 6, 2, tzinfo=UTC)]


@pytest.mark.parametrize("bars", [(), (FIRST_DAY,)])
def test_too_short_a_history_has_no_trades_and_a_report_of_zeros(bars):
    frame = hours(*bars)
    trades = breakout_trades(frame, k=0.5, **COSTS)
    assert trades.schema == TRADES
    told = report(trades, frame)
    assert (told.trades, told.win_rate, told.total_return, told.drawdown, told.days) == (0, 0, 0, 0, len(bars))
    assert (told.profit_factor, told.sharpe) == (None, None)


def trades_of(*net: float) -> pl.DataFrame:
    at = [DAY_ONE + timedelta(days=n) for n in range(len(net))]
    return pl.DataFrame([at, at, [1.0] * len(net), at, [1.0] * len(net), net], schema=TRADES)


def test_the_report_adds_up():
    frame = hours((0, 100, 100, 100, 100), (24, 100, 130, 100, 120), (49, 120, 150, 120, 150))
    told = report(trades_of(0.1, -0.2, 0.0, 0.5), frame)
    assert (told.days, told.trades, told.win_rate) == (3, 4, 0.5)  # a trade that wins nothing is not won
    assert told.total_return == pytest.approx(1.1 * 0.8 * 1.5 - 1)
    assert told.mean_return == told.expectancy == pytest.approx(0.1)
    assert told.drawdown == pytest.approx(0.2)
    assert told.worst_trade == -0.2
    assert told.profit_factor == pytest.approx(3.0)
    assert told.sharpe == pytest.approx(0.1 / stdev([0.1, -0.2, 0.0, 0.5]) * (4 / 3 * 365) ** 0.5)
    assert told.buy_and_hold == pytest.approx(0.5)


def test_a_loss_at_once_is_a_fall_from_what_was_put_in():
    assert report(trades_of(-0.25), hours(FIRST_DAY)).drawdown == pytest.approx(0.25)


KNOWN = {"KRW-ETH": (219, 0.4475, 0.2015, 0.759), "KRW-BTC": (229, 0.4672, 0.1370, 1.001)}


@pytest.mark.parametrize("market", KNOWN)
def test_eighteen_real_months_come_to_what_others_measured(data_dir, market):
    frame = recorded(data_dir, market)
    told = report(breakout_trades(frame, k=0.5, fee_rate=0.0005, slippage=0.0), frame)
    found = (told.trades, round(told.win_rate, 4), round(told.drawdown, 4), round(told.total_return, 3))
    assert found == KNOWN[market]
    assert told.days == 550


@pytest.mark.parametrize("market", KNOWN)
@pytest.mark.parametrize("k", [0.0, 0.5, 1.3])
def test_the_slow_twin_makes_the_same_trades_on_real_months(data_dir, market, k):
    frame = recorded(data_dir, market)
    ours = breakout_trades(frame, k=k, **COSTS).rows()
    theirs = slow_trades(frame, k=k, **COSTS)
    assert len(ours) > 50
    assert ours == [(*trade[:-1], pytest.approx(trade[-1], abs=1e-12)) for trade in theirs]


price = st.integers(90, 110)


@st.composite
def histories(draw):
    """Up to twelve days with holes: any hours, any four prices each."""
    at = sorted(draw(st.sets(st.integers(0, 12 * 24 - 1), min_size=1, max_size=80)))
    bars = [draw(st.tuples(price, price, price, price)) for _ in at]
    return hours(*((h, b[0], max(b), min(b), b[1]) for h, b in zip(at, bars, strict=True)))


@settings(deadline=None, max_examples=60)
@given(histories(), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_the_slow_twin_makes_the_same_trades_on_any_history(frame, k):
    ours = breakout_trades(frame, k=k, **COSTS).rows()
    assert ours == [(*t[:-1], pytest.approx(t[-1], abs=1e-12)) for t in slow_trades(frame, k=k, **COSTS)]


@settings(deadline=None, max_examples=60)
@given(histories(), st.integers(1, 80))
def test_a_later_bar_never_changes_an_earlier_trade(frame, known_bars):
    whole = breakout_trades(frame, k=0.25, **COSTS).rows()
    known = breakout_trades(frame[:known_bars], k=0.25, **COSTS).rows()
    assert whole[: len(known)] == known


@settings(deadline=None, max_examples=60)
@given(histories(), st.floats(0, 0.01), st.floats(0, 0.01))
def test_fees_and_slippage_never_help(frame, fee_rate, slippage):
    free = breakout_trades(frame, k=0.25, **FREE)
    paid = breakout_trades(frame, k=0.25, fee_rate=fee_rate, slippage=slippage)
    assert paid["entry_time"].to_list() == free["entry_time"].to_list()
    assert all(p <= f + 1e-12 for p, f in zip(paid["net_return"], free["net_return"], strict=True))
    assert report(paid, frame).win_rate <= report(free, frame).win_rate
