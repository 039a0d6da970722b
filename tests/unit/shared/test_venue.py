"""Upbit's rules: ticks, cuts, and what a market order gets."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import BookLevel
from shared.venue import MIN_TOTAL, ceil_tick, fee, floor8, floor_tick, tick_size, walk_buy, walk_sell

D = Decimal
BEFORE, SINCE = datetime(2024, 6, 1, tzinfo=UTC), datetime(2025, 8, 1, tzinfo=UTC)


def level(ask: str, ask_size: str, bid: str, bid_size: str) -> BookLevel:
    return BookLevel(ask_price=D(ask), ask_size=D(ask_size), bid_price=D(bid), bid_size=D(bid_size))


BOOK = (level("101", "1", "99", "2"), level("102", "3", "98", "4"))


@pytest.mark.parametrize(
    ("price", "before", "since"),
    [
        ("148520000", "1000", "1000"),
        ("1234567", "500", "1000"),
        ("777777", "100", "500"),
        ("333357", "50", "100"),
        ("77777", "10", "50"),
        ("5001", "1", "5"),
        ("1375", "1", "1"),
        ("123.45", "0.1", "1"),
        ("12.345", "0.01", "0.1"),
        ("0.5", "0.0001", "0.001"),
        ("0.000005", "0.00000001", "0.00000001"),
    ],
)
def test_the_tick_follows_the_table_in_force(price, before, since):
    assert (tick_size(D(price), BEFORE), tick_size(D(price), SINCE)) == (D(before), D(since))


def test_the_new_table_begins_at_midnight_in_seoul():
    assert tick_size(D(12), datetime(2025, 7, 30, 14, 59, tzinfo=UTC)) == D("0.01")
    assert tick_size(D(12), datetime(2025, 7, 30, 15, 0, tzinfo=UTC)) == D("0.1")


def test_prices_go_down_and_up_to_the_grid():
    assert floor_tick(D("1234567"), SINCE) == 1_234_000
    assert ceil_tick(D("1234567"), SINCE) == 1_235_000
    assert ceil_tick(D("1235000"), SINCE) == 1_235_000


def test_the_ninth_decimal_is_cut_never_rounded():
    assert floor8(D("0.333333339")) == D("0.33333333")


def test_a_market_buy_is_upbits_own_worked_example():
    walk = walk_buy((level("75324000", "1", "75323000", "1"),), D(5000))
    assert walk.trades == ((D(75324000), D("0.00006637")),)
    assert walk.unspent == D("0.74612")
    assert fee(walk.funds) == D("2.49962694")


def test_a_market_buy_climbs_the_asks():
    walk = walk_buy(BOOK, D(305))
    assert walk.trades == ((D(101), D(1)), (D(102), D(2)))
    assert (walk.funds, walk.unspent, walk.volume) == (305, 0, 3)


def test_a_market_sell_goes_down_the_bids():
    walk = walk_sell(BOOK, D(3))
    assert walk.trades == ((D(99), D(2)), (D(98), D(1)))
    assert (walk.funds, walk.unspent) == (296, 0)
    assert walk.average == D(296) / D(3)


def test_a_thin_book_leaves_the_rest():
    assert walk_buy(BOOK, D(1000)).unspent == 1000 - 101 - 306
    assert walk_sell(BOOK, D(10)).unspent == 4
    assert walk_buy((), D(1)).average is None


@given(st.decimals(MIN_TOTAL, 10**9, places=4), st.decimals(D("0.00000001"), 10**9, places=8))
def test_a_buy_never_spends_more_than_it_was_given_and_leaves_less_than_one_step(funds, price):
    walk = walk_buy((level(str(price), "1e20", "1", "1"),), funds)
    assert walk.funds + walk.unspent == funds
    assert 0 <= walk.unspent < price * D("0.00000001")
