"""How much of a sale one order gives: within the limit, never too little to sell, and told."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.executor.core.steps import sale
from shared.events import BookLevel
from shared.venue import walk_sell
from tests.support.builders import book
from tests.support.fake_exchange import conditions

D = Decimal
FIVE = D("0.05")


def bids(*levels):
    """Pairs of price and coins, best first."""
    return conditions(
        book=book(
            levels=tuple(
                BookLevel(ask_price=D(9_000_000 + n), ask_size=D(1), bid_price=D(str(price)), bid_size=D(str(size)))
                for n, (price, size) in enumerate(levels)
            )
        )
    )


def sold(wanted, seen, limit=FIVE):
    return sale("KRW-ETH", "name", D(str(wanted)), seen, limit)


def test_a_sale_the_bids_take_within_the_limit_is_one_order_and_nothing_is_noted():
    order = sold("0.02", bids((4_000_000, "0.01"), (3_800_000, "0.01"), (3_799_000, 1)))
    assert (order.volume, order.step) == (D("0.02"), None)


def test_a_sale_is_cut_to_the_bids_within_the_limit_and_the_rest_is_a_later_orders():
    order = sold("0.1", bids((4_000_000, "0.01"), (3_800_000, "0.02"), (3_799_999, 1)))
    assert order.volume == D("0.03")
    step = order.step
    assert (step.wanted, step.left, step.best, step.worst) == (D("0.1"), D("0.07"), D(4_000_000), D(3_800_000))
    assert (step.limit, step.cut) == (FIVE, "slippage")


def test_a_sale_beyond_the_shown_book_is_cut_to_it():
    order = sold("1", bids((4_000_000, "0.1"), (3_900_000, "0.2")))
    assert (order.volume, order.step.cut, order.step.left) == (D("0.3"), "book", D("0.7"))


def test_where_the_best_bids_take_less_than_the_smallest_order_the_smallest_order_goes():
    # 0.001 coins are 4,000 won; 5,000 won at the best bid are 0.00125.
    order = sold("0.1", bids((4_000_000, "0.001"), (2_000_000, 1)))
    assert (order.volume, order.step.cut, order.step.worst) == (D("0.00125"), "smallest", D(2_000_000))


def test_an_order_is_cut_smaller_so_that_its_rest_can_still_be_sold_at_half_the_price():
    # The bids within take 0.0295 of 0.03; what is left is worth two smallest orders, 10,000 won.
    order = sold("0.03", bids((4_000_000, "0.0295"), (1_000_000, 1)))
    assert (order.volume, order.step.left) == (D("0.0275"), D("0.0025"))


@pytest.mark.parametrize(("wanted", "volume"), [("0.00375", "0.00125"), ("0.0037", "0.0037")])
def test_what_is_too_little_for_an_order_and_a_rest_goes_as_a_whole_and_beyond_the_limit(wanted, volume):
    order = sold(wanted, bids((4_000_000, "0.0013"), (1_000_000, 1)))
    assert order.volume == D(volume)
    assert order.step.cut == ("rest" if wanted == volume else "slippage")
    assert order.step.left == D(wanted) - D(volume)


def test_less_than_the_smallest_order_is_not_cut_and_left_to_the_rules():
    assert sold("0.001", bids((4_000_000, "0.0005"), (1_000_000, 1))).step is None


def test_a_book_that_takes_less_than_the_smallest_order_in_all_is_left_to_the_rules():
    order = sold("0.1", bids((4_000_000, "0.001")))
    assert order.volume == D("0.00125")
    assert walk_sell(bids((4_000_000, "0.001")).book.levels, order.volume).unspent > 0
    assert sold("0.1", bids((4_000_000, 0))).step is None


def test_no_order_is_larger_than_the_exchange_takes():
    order = sold("300", bids((4_000_000, 1000)))
    assert (order.volume, order.step.cut) == (D(250), "largest")


def test_the_exchange_may_ask_for_a_higher_minimum():
    seen = bids((4_000_000, "0.001"), (2_000_000, 1))
    higher = conditions(book=seen.book, min_total_sell=D(8000))
    assert sold("0.1", higher).volume == D("0.002")


sizes = st.decimals(D("0.00000001"), D(2), places=8)
falls = st.lists(st.decimals(D("0.5"), D("0.999"), places=3), min_size=0, max_size=9)


@given(st.decimals(D("0.00125"), D(3), places=8), falls, st.data(), st.decimals(D("0.001"), D(1), places=3))
def test_a_sale_is_over_after_orders_that_each_keep_the_limit_and_the_minimum(wanted, down, data, limit):
    price, levels = D(4_000_000), []
    for fall in [D(1), *down]:
        price = (price * fall).quantize(D(1))
        levels.append((price, data.draw(sizes)))
    seen = bids(*levels)
    shown = sum(size for _, size in levels)
    orders = 0
    while wanted:
        order = sold(wanted, seen, limit)
        value = order.volume * D(4_000_000)
        assert 0 < order.volume <= wanted
        assert value >= 5000
        worst = walk_sell(seen.book.levels, order.volume).trades[-1].price
        if order.step is None or order.step.cut in ("slippage", "book", "largest"):
            assert worst >= 4_000_000 * (1 - limit) or shown < D("0.00375")
        rest = wanted - order.volume
        assert rest == 0 or rest * 4_000_000 >= 10_000 or shown < D("0.00375")
        if shown < D("0.00375"):
            return  # a book of a few won: what can be sold is, and the rules say the rest
        wanted, orders = rest, orders + 1
        assert orders < 5000
