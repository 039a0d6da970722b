"""What a record of trades says, and how little it proves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.page.core.figures import added, grouped, likely
from services.page.core.gate_record import gate_record
from services.page.core.holding import holding
from services.page.core.unbroken import unbroken
from services.page.core.worth import MOST, deepest_fall, worth
from shared.api.chart import Candle, GateDecision
from shared.api.portfolio import Valued
from shared.api.trades import PeriodFigures
from shared.writing import seoul_day


def day(period, profit=100, sells=2, win_rate=0.5):
    return PeriodFigures(
        period=period, trades=3, buys=1, sells=sells, volume=Decimal(1000), fees=Decimal("0.5"),
        profit=Decimal(profit), win_rate=win_rate if sells else None,
    )  # fmt: skip


def test_days_make_weeks_by_their_monday_and_months():
    days = [day("2026-02-01"), day("2026-01-11"), day("2026-01-05"), day("2026-01-04")]
    assert [(row.name, row.trades) for row in grouped(days, "week")] == [
        ("2026-01-26", 3),
        ("2026-01-05", 6),
        ("2025-12-29", 3),
    ]
    assert [(row.name, row.profit) for row in grouped(days, "month")] == [("2026-02", 100), ("2026-01", 300)]
    assert [row.name for row in grouped(days, "day")] == [one.period for one in days]


def test_winners_are_counted_and_a_day_without_a_sale_has_none():
    whole = added("", [day("2026-01-06", sells=3, win_rate=1 / 3), day("2026-01-05", sells=0)])
    assert (whole.sells, whole.wins, whole.fees) == (3, 1, 1)


def test_one_winner_of_one_proves_next_to_nothing():
    low, high = likely(1, 1)
    assert low == pytest.approx(0.2065, abs=1e-3)
    assert high == 1.0


@given(st.integers(1, 10_000).flatmap(lambda sells: st.tuples(st.integers(0, sells), st.just(sells))))
def test_the_interval_holds_what_was_counted_and_narrows_with_more(of):
    wins, sells = of
    low, high = likely(wins, sells)
    assert -1e-9 <= low <= wins / sells + 1e-9
    assert wins / sells - 1e-9 <= high <= 1 + 1e-9
    wide = likely(wins * 4, sells * 4)
    assert wide[1] - wide[0] < high - low


def history(*values):
    at = datetime(2026, 1, 5, tzinfo=UTC)
    return [Valued(at=at + timedelta(hours=n), total_value_krw=Decimal(v)) for n, v in enumerate(values)][::-1]


def test_a_fall_is_from_the_peak_before_it():
    assert deepest_fall([Decimal(v) for v in (100, 120, 90, 200, 180)]) == Decimal("-0.25")
    assert deepest_fall([Decimal(1), Decimal(2)]) == 0


def test_a_line_is_short_enough_and_ends_with_the_newest():
    seen = worth(history(*range(1000, 2000)))
    assert len(seen.line) <= MOST
    assert seen.line[-1].total_value_krw == 1999
    assert seen.change == Decimal("0.999")
    days = [seoul_day(valued.at) for valued in seen.days]
    assert days == sorted(set(days), reverse=True)
    assert seen.days[0].total_value_krw == 1999


@pytest.mark.parametrize("values", [(), (100,), (0, 100)])
def test_too_little_makes_no_line(values):
    assert worth(history(*values)) is None


def test_a_number_keeps_its_unit_and_its_particle():
    assert unbroken("승률 48.0 %로, 7.0 %p 모자람, 1,000 KRW") == (
        "승률 48.0\u00a0%\u2060로, 7.0\u00a0%p 모자람, 1,000\u00a0KRW"
    )
    assert unbroken("<pre tabindex='0'>5 %</pre>5 %") == "<pre tabindex='0'>5 %</pre>5\u00a0%"


def candles(*closes, first=datetime(2026, 1, 5, tzinfo=UTC) - timedelta(hours=1)):
    price = Decimal(1)
    return [
        Candle(at=first + timedelta(hours=n), open=price, high=price, low=price, close=Decimal(close), volume=price)
        for n, close in enumerate(closes)
    ]


def test_holding_is_as_much_of_each_market_at_the_closes_that_were_known():
    line = history(100, 90, 80)[::-1]
    assert holding(line, [candles(10, 20, 30), candles(4, 4, 2)]) == [100, 150, 175]


def test_an_hour_without_a_candle_has_the_price_of_the_one_before():
    line = history(100, 100, 100)[::-1]
    assert holding(line, [candles(10, 20)]) == [100, 200, 200]


def test_where_candles_do_not_reach_back_nothing_is_said_of_holding():
    line = history(100, 100)[::-1]
    assert holding(line, [candles(10, 20), []]) is None
    assert holding(line, [candles(10, first=datetime(2026, 1, 5, tzinfo=UTC))]) is None
    assert holding(line, []) is None


def gate_decision(outcome, figure, hour):
    return GateDecision(
        cycle=f"KRW-ETH-20260105T{hour:02}00Z", market="KRW-ETH", slot_at=datetime(2026, 1, 5, hour, tzinfo=UTC),
        outcome=outcome, figure=figure, threshold=0.55, trades=100,
    )  # fmt: skip


def test_the_gates_record_counts_each_outcome_and_how_far_it_missed():
    said = gate_record(
        [
            gate_decision("passed", 0.6, 4),
            gate_decision("rejected", 0.5, 3),
            gate_decision("rejected", 0.51, 2),
            gate_decision("exit_only", None, 1),
        ]
    )
    assert (said.passed, said.rejected, said.exit_only, said.hours) == (1, 2, 1, 4)
    assert said.short == pytest.approx(0.045)
    assert said.since.hour == 1
    assert gate_record([]) is None
    assert gate_record([gate_decision("passed", 0.6, 4)]).short is None
