"""How much, what came of it, and what the bot holds afterwards."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.executor.core import position
from services.executor.core.orders import Buy, Fill, PlacedOrder, Sell, Trade, client_order_id, fill_of
from services.executor.core.sizing import order_for
from shared.catalogue import sentence
from shared.catalogue.orders import MORE_EXECUTED
from shared.events import Position
from tests.support.builders import AT, CYCLE, intent
from tests.support.builders import position as held
from tests.support.fake_exchange import conditions

D = Decimal


def order(side, **changes):
    seen = conditions(coin_free=changes.pop("coin_free", D(1)))
    fields = {"amount": D(50_000), "held": held(), "conditions": seen, "scope": "bot", "slippage_max": D("0.05")}
    return order_for(side, "KRW-ETH", CYCLE, **fields | changes)


def test_a_buy_spends_the_amount_whatever_is_held():
    assert order("buy") == Buy("KRW-ETH", CYCLE, D(50_000))


def test_a_sell_gives_what_the_bot_bought_and_no_coin_more():
    assert order("sell") == Sell("KRW-ETH", CYCLE, D("0.0125"))


def test_a_sell_gives_no_more_than_is_free():
    assert order("sell", coin_free=D("0.01")) == Sell("KRW-ETH", CYCLE, D("0.01"))


def test_a_sell_of_all_gives_everything_free():
    assert order("sell", scope="all", coin_free=D("2.5")) == Sell("KRW-ETH", CYCLE, D("2.5"))


def test_coins_are_cut_after_the_8th_decimal_never_rounded_up():
    assert order("sell", scope="all", coin_free=D("0.123456789")).volume == D("0.12345678")


def test_the_order_is_named_after_its_cycle_and_nothing_else():
    assert client_order_id("KRW-ETH-20260105T0300Z", None, ()) == "KRW-ETH-20260105T0300Z"


def test_an_exits_order_is_named_after_the_position_and_never_twice():
    fired, opened = ("KRW-ETH-20260105T031512Z-exit", "KRW-ETH-20260105T031513Z-exit"), "KRW-ETH-20260105T0300Z"
    first, second = f"{opened[:-1]}00Z-close", f"{opened[:-1]}01Z-close"
    assert [client_order_id(cycle, opened, ()) for cycle in fired] == [first, first]
    assert client_order_id(fired[0], opened, {first}) == second
    longest = client_order_id(fired[0], "KRW-ABCDEFGHIJKLMNO-20260105T030000Z-panic", ())
    assert len(longest) == 42


def trade(price, volume, at=AT):
    return Trade(D(price), D(volume), D(price) * D(volume), at)


# A real market buy of 5,000 won, as Upbit showed it when it was over.
BOUGHT = PlacedOrder(
    exchange_order_id="cdd92199",
    market="KRW-ETH",
    side="buy",
    state="cancel",
    executed_volume=D("0.00006637"),
    paid_fee=D("2.49962694"),
    trades=(Trade(D(75324000), D("0.00006637"), D("4999.25388"), AT),),
)
SOLD = PlacedOrder(
    exchange_order_id="cdd92200",
    market="KRW-ETH",
    side="sell",
    state="done",
    executed_volume=D("5.377594"),
    paid_fee=D("3.697095875"),
    trades=(Trade(D(1375), D("5.377594"), D("7394.19175"), AT),),
)


def test_a_market_buy_that_ends_as_cancelled_is_a_success_if_something_was_executed():
    fill = fill_of(BOUGHT)
    assert BOUGHT.is_settled
    assert fill.volume == D("0.00006637")
    assert fill.funds == D("4999.25388")
    assert fill.price == D(75324000)


def test_a_buy_costs_its_funds_and_the_fee_and_a_sell_brings_its_funds_less_the_fee():
    assert fill_of(BOUGHT).total == D("5001.75350694")
    assert fill_of(SOLD).total == D("7390.494654125")


def test_a_fill_is_the_sum_of_its_trades_and_as_late_as_the_last():
    later = AT + timedelta(seconds=2)
    placed = replace(
        SOLD,
        executed_volume=D("0.3"),
        trades=(trade(4_000_000, "0.1", later), trade(3_970_000, "0.2")),
        paid_fee=D(597),
    )
    fill = fill_of(placed)
    assert (fill.funds, fill.fee, fill.trades, fill.executed_at) == (D(1_194_000), D(597), 2, later)
    assert fill.price == D(3_980_000)


def test_nothing_executed_is_no_fill():
    assert fill_of(replace(BOUGHT, executed_volume=D(0), trades=())) is None


@pytest.mark.parametrize(
    ("state", "settled"), [("wait", False), ("watch", False), ("done", True), ("cancel", True), ("brand_new", False)]
)
def test_an_order_is_settled_by_the_states_that_end_it(state, settled):
    assert replace(BOUGHT, state=state).is_settled is settled


def test_an_ended_order_whose_trades_are_not_all_shown_is_not_settled():
    assert not replace(BOUGHT, trades=()).is_settled
    assert not replace(BOUGHT, executed_volume=D("0.00006638")).is_settled


def test_worse_than_expected_is_positive_on_both_sides():
    bought = fill_of(replace(BOUGHT, executed_volume=D(1), trades=(trade(4_040_000, "1"),)))
    sold = fill_of(replace(SOLD, executed_volume=D(1), trades=(trade(3_960_000, "1"),)))
    assert bought.slippage(D(4_000_000)) == pytest.approx(0.01)
    assert sold.slippage(D(4_000_000)) == pytest.approx(0.01)
    assert sold.slippage(D(3_900_000)) < 0


def test_another_order_under_our_name_is_noticed():
    assert BOUGHT.differs_from(intent()) is None
    assert SOLD.differs_from(intent()).code == "ANOTHER_ORDER"
    other = replace(BOUGHT, market="KRW-BTC").differs_from(intent())
    assert sentence(other, "en") == f"the exchange's order {intent().client_order_id} is a buy of KRW-BTC"


def test_an_order_that_gave_more_than_was_ordered_is_another_one():
    volume = SOLD.executed_volume
    assert SOLD.differs_from(intent(side="sell", funds=None, volume=volume)) is None
    assert (
        SOLD.differs_from(intent(side="sell", funds=None, volume=volume - D("0.00000001"))).code == MORE_EXECUTED.code
    )
    assert BOUGHT.differs_from(intent(funds=D(4_999))) is None  # to the won
    assert BOUGHT.differs_from(intent(funds=D(4_998))).code == MORE_EXECUTED.code


def fill(side="buy", volume="0.0125", funds="50000", fee="25"):
    return Fill("order-1", side, D(volume), D(funds), D(fee), 1, AT)


def test_the_first_buy_opens_the_position_and_a_second_keeps_its_name():
    first = position.after(position.NOTHING, fill(), cycle="KRW-ETH-20260105T0300Z", why="RSI")
    second = position.after(first, fill(), cycle="KRW-ETH-20260105T0400Z", why="MACD")
    assert first == Position(volume=D("0.0125"), cost=D(50025), opened_by="KRW-ETH-20260105T0300Z", why="RSI")
    assert second == Position(volume=D("0.0250"), cost=D(100050), opened_by="KRW-ETH-20260105T0300Z", why="RSI")


def test_a_sell_takes_its_share_of_the_cost():
    left = position.after(held(), fill("sell", "0.0025", "10000", "5"), cycle=CYCLE, why="stop")
    assert (left.volume, left.cost) == (D("0.0100"), D(40020))
    assert left.opened_by == held().opened_by


def test_selling_everything_leaves_nothing():
    left = position.after(held(), fill("sell", "0.0125"), cycle=CYCLE, why="stop")
    assert left == Position(volume=D(0), cost=D(0), opened_by=None, why="")


def test_selling_more_than_the_bots_own_leaves_nothing_not_less():
    assert position.after(held(), fill("sell", "3"), cycle=CYCLE, why="stop") == position.NOTHING


volumes = st.integers(1, 10**14).map(lambda n: D(n).scaleb(-8))
fills = st.tuples(st.sampled_from(["buy", "sell"]), volumes, st.integers(1, 10**12), st.integers(0, 10**9))


@given(st.lists(fills, max_size=30))
def test_however_it_trades_volume_and_cost_are_never_negative_and_empty_means_empty(trades):
    now = position.NOTHING
    for side, volume, funds, fee in trades:
        now = position.after(now, Fill("o", side, volume, D(funds), D(fee), 1, AT), cycle=CYCLE, why="w")
        assert now.volume >= 0
        assert now.cost >= 0
        assert (now.volume == 0) == (now.opened_by is None)
        if now.volume == 0:
            assert now == position.NOTHING


@given(st.lists(volumes, min_size=1, max_size=10), st.randoms(use_true_random=False))
def test_selling_piece_by_piece_what_was_bought_leaves_zero(bought, random):
    now = position.NOTHING
    for volume in bought:
        now = position.after(now, Fill("o", "buy", volume, D(1000), D(1), 1, AT), cycle=CYCLE, why="w")
    pieces = list(bought)
    random.shuffle(pieces)
    for volume in pieces:
        before, now = now, position.after(now, Fill("o", "sell", volume, D(1000), D(1), 1, AT), cycle=CYCLE, why="w")
        assert now.cost <= before.cost
    assert now == position.NOTHING
