"""The exit rules, below, at and above each limit; and what holds of any price."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.clock.core.exits import Bar, ExitLimits, reason_to_exit, why
from shared.catalogue import sentence
from tests.support.builders import AT, CYCLE, position

D = Decimal
# 0.5 coins for 1,000,000 won, fees included: 2,000,000 won a coin.
HELD = position(volume=D("0.5"), cost=D(1_000_000), opened_by=CYCLE)


def fired(price, *, peak=None, **limits):
    shares = {name: D(share) for name, share in limits.items()}
    found = reason_to_exit(HELD, D(peak or max(price, 2_000_000)), D(price), ExitLimits(**shares))
    return None if found is None else found.rule


@pytest.mark.parametrize(
    ("price", "rule"),
    [(1_900_001, None), (1_900_000, "stop_loss"), (1_899_999, "stop_loss")],
)
def test_a_stop_loss_of_5_percent_fires_at_1_900_000_and_below(price, rule):
    assert fired(price, stop_loss="0.05") == rule


@pytest.mark.parametrize(
    ("price", "rule"),
    [(2_199_999, None), (2_200_000, "take_profit"), (2_200_001, "take_profit")],
)
def test_a_take_profit_of_10_percent_fires_at_2_200_000_and_above(price, rule):
    assert fired(price, take_profit="0.10") == rule


@pytest.mark.parametrize(
    ("price", "rule"),
    [(2_425_001, None), (2_425_000, "trailing_stop"), (2_424_999, "trailing_stop")],
)
def test_a_trailing_stop_of_3_percent_fires_3_percent_below_the_peak(price, rule):
    assert fired(price, peak=2_500_000, trailing_stop="0.03") == rule


def test_nothing_fires_where_nothing_is_set():
    assert fired(1) is None
    assert fired(10**9) is None
    assert not ExitLimits().any


def test_a_loss_is_named_before_a_gain():
    assert fired(1_900_000, peak=3_000_000, stop_loss="0.05", trailing_stop="0.03", take_profit="0.10") == "stop_loss"
    assert fired(2_300_000, peak=3_000_000, trailing_stop="0.03", take_profit="0.10") == "trailing_stop"


def test_a_share_that_no_double_holds_is_met_exactly():
    # 1 - 0.1 as a double is a hair off; the price at the limit is 1,800,000 to the won.
    assert fired(1_800_000, stop_loss="0.1") == "stop_loss"
    assert fired(1_800_001, stop_loss="0.1") is None


def test_a_bar_shows_its_low_before_its_high():
    bar = Bar(AT, AT + timedelta(hours=1), D(10), D(12), D(8), D(11))
    assert list(bar.path()) == [10, 8, 12, 11]


def test_the_reason_names_price_change_and_limit():
    limits = ExitLimits(stop_loss=D("0.05"))
    found = reason_to_exit(HELD, D(2_000_000), D(1_880_000), limits)
    assert sentence(why(found), "ko") == "손절: 현재가 1,880,000원, 매입가 대비 -6.00 % (한도 -5.00 %)"
    found = reason_to_exit(HELD, D(2_500_000), D(2_400_000), ExitLimits(trailing_stop=D("0.03")))
    assert sentence(why(found), "ko") == "추적 손절: 현재가 2,400,000원, 고점 대비 -4.00 % (한도 -3.00 %)"
    found = reason_to_exit(HELD, D(2_500_000), D(2_500_000), ExitLimits(take_profit=D("0.2")))
    assert sentence(why(found), "ko") == "익절: 현재가 2,500,000원, 매입가 대비 +25.00 % (목표 +20.00 %)"


PRICE = st.integers(1, 10**10).map(D)
SHARE = st.integers(1, 99).map(lambda n: D(n) / 100)


@given(PRICE, PRICE, SHARE)
def test_who_is_stopped_at_a_price_is_stopped_at_any_lower_one(price, lower, share):
    price, lower = max(price, lower), min(price, lower)
    limits = ExitLimits(stop_loss=share)
    if reason_to_exit(HELD, price, price, limits):
        assert reason_to_exit(HELD, price, lower, limits)


@given(PRICE, PRICE, SHARE)
def test_a_higher_peak_never_calls_a_trailing_stop_off(price, peak, share):
    limits = ExitLimits(trailing_stop=share)
    if reason_to_exit(HELD, price, price, limits) or reason_to_exit(HELD, max(peak, price), price, limits):
        assert reason_to_exit(HELD, 2 * max(peak, price), price, limits)


@given(PRICE, SHARE, SHARE)
def test_a_stop_loss_and_a_take_profit_never_both_apply(price, loss, gain):
    both = [reason_to_exit(HELD, price, price, ExitLimits(**{name: share})) for name, share in
            (("stop_loss", loss), ("take_profit", gain))]  # fmt: skip
    assert both.count(None) >= 1
