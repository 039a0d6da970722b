"""The gate says every reason and how far off it is; the end repeats them in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.filter.core.ends import end_of
from services.filter.core.gate import StrategyGate, distances, objections
from shared.catalogue import sentence
from tests.support.builders import CYCLE, objection, passed, rejected, report


def told(found):
    return [(o.code, o.value, o.limit, pytest.approx(o.distance)) for o in found]


def test_a_good_year_passes():
    assert objections(report(win_rate=0.55, drawdown=0.30, trades=0), StrategyGate()) == ()


def test_every_failing_reason_is_told_with_its_distance():
    found = objections(report(win_rate=0.45, drawdown=0.35, trades=12), StrategyGate(trades_min=30))
    assert told(found) == [
        ("WIN_RATE", 0.45, 0.55, 0.10),
        ("DRAWDOWN", 0.35, 0.30, 0.05),
        ("TRADES", 12, 30, 18),
    ]


share = st.floats(0, 1)
years = st.builds(report, win_rate=share, drawdown=share, trades=st.integers(0, 400))


@given(years, share, share, share, share, st.integers(0, 400), st.integers(0, 400))
def test_a_stricter_gate_never_passes_more(year, win, more_win, fall, less_fall, trades, more_trades):
    loose = StrategyGate(
        win_rate_min=min(win, more_win), drawdown_max=max(fall, less_fall), trades_min=min(trades, more_trades)
    )
    strict = StrategyGate(
        win_rate_min=max(win, more_win), drawdown_max=min(fall, less_fall), trades_min=max(trades, more_trades)
    )
    against = {o.code: o.distance for o in objections(year, strict)}
    for objection_of_loose in objections(year, loose):
        assert against[objection_of_loose.code] >= objection_of_loose.distance


@given(years)
def test_distances_are_positive(year):
    assert all(o.distance > 0 for o in objections(year, StrategyGate(trades_min=100)))


def test_a_rejected_signal_ends_its_cycle_with_every_objection_in_one_sentence():
    signal = rejected(
        objections=(
            objection(value=0.4475, limit=0.55, distance=0.1025),
            objection(code="DRAWDOWN", value=0.35, limit=0.3, distance=0.05),
        )
    )
    end = end_of(signal)
    assert (end.cycle, end.stage, end.decision) == (CYCLE, "filter", "hold")
    assert end.reason_code == "GATE_WIN_RATE_DRAWDOWN"
    assert sentence(end, "ko") == (
        "지난 1년 백테스트 기준 미달: 승률 44.8 % (기준 55.0 % 이상, 10.2 %p 부족), "
        "최대 손실(거래 청산 기준 낙폭) 35.0 % (기준 30.0 % 이하, 5.0 %p 초과)"
    )
    assert (end.price, end.amount, end.total, end.confidence) == (signal.price, 0, 0, None)
    assert end.objections == signal.objections


def test_expectancy_is_asked_for_only_by_setting():
    year = report(win_rate=0.6, expectancy=0.0009)
    assert objections(year, StrategyGate()) == ()
    assert told(objections(year, StrategyGate(expectancy_min=0.002))) == [("EXPECTANCY", 0.0009, 0.002, 0.0011)]
    assert objections(year, StrategyGate(expectancy_min=0.0009)) == ()


def test_an_expectancy_of_zero_can_be_asked_for():
    assert told(objections(report(win_rate=0.6, expectancy=-0.004), StrategyGate(expectancy_min=0.0))) == [
        ("EXPECTANCY", -0.004, 0.0, 0.004)
    ]


@given(years, st.floats(-0.1, 0.1))
def test_the_distances_are_positive_exactly_where_the_gate_objects(year, least):
    gate = StrategyGate(trades_min=100, expectancy_min=least)
    off = {code: distance for code, distance in distances(year, gate).items() if distance > 0}
    assert off == {o.code: o.distance for o in objections(year, gate)}


@pytest.mark.parametrize(("trades", "warned"), [(29, True), (30, False)])
def test_few_trades_are_warned_about_in_the_end(trades, warned):
    end = end_of(rejected(report=report(trades=trades)))
    assert sentence(end, "ko").endswith("(거래가 29회뿐이라 수치를 믿기 어려움)") == warned


@pytest.mark.parametrize(("missing", "warned"), [(48, True), (47, False)])
def test_a_year_with_holes_is_warned_about_in_the_end(missing, warned):
    end = end_of(rejected(report=report(hours_missing=missing)))
    assert sentence(end, "ko").endswith("(1년 중 48시간의 캔들이 없음)") == warned


def test_a_passed_signal_ends_nothing():
    assert end_of(passed()) is None


def test_a_hair_below_the_limit_still_shows_what_is_missing():
    end = end_of(rejected(objections=(objection(value=0.5497, limit=0.55, distance=0.0003),)))
    assert "승률 55.0 % (기준 55.0 % 이상, 0.0300 %p 부족)" in sentence(end, "ko")


def test_a_count_is_told_as_a_count():
    end = end_of(rejected(objections=(objection(code="TRADES", value=12, limit=30, distance=18),)))
    assert "거래 12회 (기준 30회 이상, 18회 부족)" in sentence(end, "ko")
