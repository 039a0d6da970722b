"""Every indicator's vote on one window, and what never changes it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.analyst.core.votes import votes
from tests.support.shapes import BREAK, DIP, NO_DAYS, RALLY, window


def by_name(cast):
    return {vote.name: vote.vote for vote in cast}


def test_a_dip_is_oversold_in_all_three_oscillators():
    cast = by_name(votes(window(DIP, last_volume=3.0), NO_DAYS))
    assert cast == {"rsi": 1, "bollinger": 1, "stochastic": 1, "macd": -1, "trend": 0, "volume": -1}


def test_a_rally_is_overbought_in_all_three_oscillators():
    cast = by_name(votes(window(RALLY, last_volume=3.0), NO_DAYS))
    assert cast == {"rsi": -1, "bollinger": -1, "stochastic": -1, "macd": 1, "trend": 0, "volume": 1}


def test_the_trend_votes_only_in_the_hour_the_mean_is_crossed():
    trend = [by_name(votes(window(BREAK[:n]), NO_DAYS))["trend"] for n in range(len(BREAK) - 10, len(BREAK) + 1)]
    assert trend.count(-1) == 1


def test_the_close_votes_against_its_twenty_days():
    days = window([900] * 20, unit=timedelta(days=1))
    told = votes(window(DIP), days)[-1]
    assert (told.name, told.value, told.vote) == ("days", pytest.approx(955 / 900 - 1, abs=1e-6), 1)
    assert by_name(votes(window(DIP), window([1100] * 20, unit=timedelta(days=1))))["days"] == -1
    assert "days" not in by_name(votes(window(DIP), days[:19]))


def test_usual_volume_does_not_vote():
    assert by_name(votes(window(DIP, last_volume=1.4), NO_DAYS))["volume"] == 0


def test_a_market_that_stands_still_gets_no_vote_of_its_price():
    moving = window([1000] * 150)
    still = replace(moving, high=moving.close, low=moving.close)
    assert by_name(votes(still, NO_DAYS)) == {"volume": 0}


@pytest.mark.parametrize("rows", range(0, 60, 7))
def test_few_candles_give_fewer_votes_not_an_error(rows):
    assert len(votes(window(DIP)[:rows], NO_DAYS)) <= 6


TIMES = st.integers(-8, 10).map(lambda power: 2.0**power)
steps = st.lists(st.integers(-4, 4), min_size=120, max_size=160)


def walk(moves):
    closes = [1000]
    for move in moves:
        closes.append(max(100, closes[-1] + move))
    return window(closes)


def times(frame, factor):
    return replace(frame, **{name: getattr(frame, name) * factor for name in ("open", "high", "low", "close")})


@settings(deadline=None, max_examples=40)
@given(steps, TIMES)
def test_the_unit_of_the_price_changes_no_vote(moves, factor):
    frame = walk(moves)
    days = window([1000] * 20, unit=timedelta(days=1))
    assert by_name(votes(times(frame, factor), times(days, factor))) == by_name(votes(frame, days))


@pytest.mark.parametrize("factor", [0.0007, 0.37, 3.3, 1e5])
@pytest.mark.parametrize("closes", [DIP, RALLY, BREAK])
def test_a_crooked_unit_changes_no_vote_either(closes, factor):
    assert by_name(votes(times(window(closes), factor), NO_DAYS)) == by_name(votes(window(closes), NO_DAYS))


@settings(deadline=None, max_examples=40)
@given(steps)
def test_every_value_is_a_number_and_every_share_in_its_range(moves):
    for vote in votes(walk(moves), NO_DAYS):
        assert vote.value == vote.value
        if vote.name in ("rsi", "stochastic"):
            assert 0 <= vote.value <= 100
