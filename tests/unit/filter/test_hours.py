"""A span of hours as the gate would have decided it: the filter's own reports, and what the rule earned in them."""

from datetime import UTC, datetime, timedelta
from math import sin

import polars as pl
import pytest

from services.filter.adapters.archived_years import ArchivedYears
from services.filter.core.breakout import Rule, Trade
from services.filter.core.days import History, history_of, to_ms
from services.filter.core.gate import StrategyGate
from services.filter.core.hours import (
    HOUR_MS,
    Returns,
    Shortfall,
    Stretch,
    failures,
    gaps,
    pass_rate,
    short_hours,
    split,
    stretches,
    thin_hours,
    trades_of,
)
from services.filter.handler import FilterHandler
from shared.candles import SCHEMA, check
from tests.support.builders import report, snapshot
from tests.support.histories import kept

RULE = Rule(k=0.5, fee_rate=0.0005, slippage=0.0005)
YEAR_2024 = range(to_ms(datetime(2024, 1, 1, tzinfo=UTC)), to_ms(datetime(2025, 1, 1, tzinfo=UTC)), HOUR_MS)


def recorded(data_dir, market) -> pl.DataFrame:
    file = data_dir / "candles" / f"upbit_{market}_1h_2023-07_2024-12.parquet"
    return check(pl.read_parquet(file).rename({"ts": "open_time"}), name=market)


def uneven(days: int) -> pl.DataFrame:
    """Candles that swing, with hours and whole days missing."""
    start, rows = datetime(2024, 1, 1, tzinfo=UTC), []
    for h in range(days * 24):
        if h % 7 == 3 or h // 24 % 31 == 30:
            continue
        price = 1000 + 200 * sin(h / 40) + 60 * sin(h / 3.1)
        high, low = price + 20 * abs(sin(h)), price - 20 * abs(sin(h * 1.7))
        rows.append((start + timedelta(hours=h), price, high, low, (high + low) / 2, 1.0))
    return check(pl.DataFrame(rows, schema=SCHEMA, orient="row"), name="uneven")


async def reports_of_the_filter(frame, hours):
    """What the stage itself says at each of these hours."""
    archive, digest = await kept(frame)
    gate = StrategyGate(win_rate_min=0)
    handler = FilterHandler(ArchivedYears(archive), gate, "entries", RULE)
    for at in hours:
        moment = datetime.fromtimestamp(at / 1000, UTC)
        yield (await handler(snapshot(at=moment, history_digest=digest))).report


def reports_of(frame, hours):
    """One by the hour; what moves with every candle is the first hour's of a stretch."""
    history = history_of(frame)
    return [s.report for s in stretches(history, trades_of(history, RULE), hours) for _ in range(s.hours)]


async def compare(frame, hours):
    ours = reports_of(frame, hours)
    assert len(ours) == len(hours)
    n = 0
    async for theirs in reports_of_the_filter(frame, hours):
        moved = {"buy_and_hold": theirs.buy_and_hold, "hours_missing": theirs.hours_missing}
        assert ours[n].model_copy(update=moved) == theirs
        n += 1
    return ours


async def test_every_hour_has_the_filters_own_report_whatever_is_missing():
    frame = uneven(400)
    first, last = to_ms(frame["open_time"][0]), to_ms(frame["open_time"][-1])
    ours = await compare(frame, range(first, last + 3 * HOUR_MS, 11 * HOUR_MS))
    assert len({r.trades for r in ours}) > 50


async def test_every_hour_around_midnight_has_the_filters_own_report():
    frame = uneven(400)
    midnight = to_ms(datetime(2025, 1, 20, tzinfo=UTC))
    await compare(frame, range(midnight - 60 * HOUR_MS, midnight + 60 * HOUR_MS, HOUR_MS))


@pytest.mark.parametrize("market", ["KRW-ETH", "KRW-BTC"])
async def test_real_2024_has_the_filters_own_reports(data_dir, market):
    await compare(recorded(data_dir, market), YEAR_2024[::97])


def test_in_real_2024_the_owners_gate_passes_no_hour_of_ethereum_and_that_costs_45_percent(data_dir):
    history = history_of(recorded(data_dir, "KRW-ETH"))
    trades = trades_of(history, RULE)
    span = stretches(history, trades, YEAR_2024)
    assert sum(s.hours for s in span) == 8784
    assert pass_rate(span, StrategyGate()) == 0
    passed, rejected = split(span, trades, StrategyGate())
    assert passed == []
    assert (len(rejected), Returns.by(rejected).wins) == (141, 68)
    assert Returns.by(rejected).total == pytest.approx(0.4533, abs=5e-5)
    (code, off), *_ = failures(span, StrategyGate()).items()
    assert (code, off.hours) == ("WIN_RATE", 8784)
    assert off.nearest == pytest.approx(0.0464, abs=5e-5)


def stretch(begin, hours, **figures):
    return Stretch(begin * HOUR_MS, hours, report(**figures))


def trade(entered, net):
    return Trade(0, entered * HOUR_MS, 1.0, (entered + 24) * HOUR_MS, 1.0, net)


SPAN = [stretch(100, 4, win_rate=0.6), stretch(104, 6, win_rate=0.5), stretch(110, 2, win_rate=0.4, drawdown=0.4)]


def test_a_trade_belongs_to_the_hour_in_which_it_was_entered():
    trades = [trade(99, 0.5), trade(103, 0.1), trade(104, -0.2), trade(111, 0.3), trade(112, 0.9)]
    passed, rejected = split(SPAN, trades, StrategyGate())
    assert [t.net_return for t in passed] == [0.1]
    assert [t.net_return for t in rejected] == [-0.2, 0.3]
    assert Returns.by(rejected) == Returns(2, 1, pytest.approx(0.05), pytest.approx(0.8 * 1.3 - 1))


def test_hours_are_counted_not_stretches():
    assert pass_rate(SPAN, StrategyGate()) == pytest.approx(4 / 12)
    off = failures(SPAN, StrategyGate())
    assert off["WIN_RATE"] == Shortfall(8, pytest.approx(0.05), pytest.approx(0.05))
    assert off["DRAWDOWN"] == Shortfall(2, pytest.approx(0.1), pytest.approx(0.1))


def test_hours_with_few_trades_are_counted():
    assert thin_hours([stretch(0, 3, trades=29), stretch(3, 5, trades=30)]) == 3


def test_hours_with_less_than_a_year_before_them_are_counted():
    history = History(history_of(pl.DataFrame(schema=SCHEMA)).days, HOUR_MS, [0], [1.0])
    year = 365 * 24
    span = [stretch(year - 10, 4), stretch(year - 6, 10), stretch(year + 4, 5)]
    assert short_hours(history, span) == 10


def test_missing_candles_are_counted_with_their_longest_run():
    assert gaps([1, 2, 5, 6, 8], 1) == (3, 2, 3)
    assert gaps([1, 2, 3], 1) == (0, 0, 0)
