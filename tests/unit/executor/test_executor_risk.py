"""Each rule at, below and above its limit."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from services.executor.core.orders import Buy, Sell
from services.executor.core.position import NOTHING
from services.executor.core.risk import RULES, Approved, Case, Denied, check
from shared.catalogue import sentence
from shared.events import BookLevel
from tests.support.builders import AT, CYCLE, book, books, decision, position
from tests.support.fake_exchange import LIMITS, conditions


def buy(funds="50000"):
    return Buy("KRW-ETH", CYCLE, Decimal(funds))


def sell(volume="0.0125"):
    return Sell("KRW-ETH", CYCLE, Decimal(volume))


def case(order=None, **changes):
    order = order or buy()
    seen = {name: changes.pop(name) for name in list(changes) if name in LOOK}
    fields = {
        "order": order,
        "decision": decision(decision="buy" if isinstance(order, Buy) else "sell"),
        "bot": "running",
        "snapshot_at": AT,
        "warning": False,
        "held": NOTHING if isinstance(order, Buy) else position(),
        "books": books(profit_today=Decimal(0), last_loss_at=None),
        "conditions": conditions(**seen),
        "limits": LIMITS,
    }
    return Case(**fields | changes)


LOOK = {"market_state", "min_total_buy", "min_total_sell", "fee_rate_buy", "krw_free", "coin_free", "book"}


def code(case):
    verdict = check(case)
    return verdict.code if isinstance(verdict, Denied) else "APPROVED"


def level(ask="4000000", bid="3999000", ask_size="0.5", bid_size="0.5"):
    return BookLevel(
        ask_price=Decimal(ask), ask_size=Decimal(ask_size), bid_price=Decimal(bid), bid_size=Decimal(bid_size)
    )


@pytest.mark.parametrize("order", [buy(), sell()])
def test_an_order_no_rule_objects_to_is_approved_as_it_is(order):
    assert check(case(order)).order == order


@pytest.mark.parametrize("order", [buy(), sell()])
@pytest.mark.parametrize(("bot", "said"), [("stopped", "BOT_STOPPED"), ("paused", "BOT_PAUSED")])
def test_a_stopped_or_paused_bot_orders_nothing(order, bot, said):
    assert code(case(order, bot=bot)) == said


def test_a_bot_that_only_sells_denies_a_buy_and_lets_a_sale_leave():
    assert code(case(buy(), bot="exits-only")) == "BOT_EXITS_ONLY"
    assert code(case(sell(), bot="exits-only")) == "APPROVED"


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (0, "APPROVED"),
        (299, "APPROVED"),
        (300, "APPROVED"),
        (300.001, "STALE_SNAPSHOT"),
        (3600, "STALE_SNAPSHOT"),
        (-300, "APPROVED"),
        (-301, "STALE_SNAPSHOT"),
    ],
)
def test_the_fresh_book_and_the_snapshot_show_the_same_moment(age, said):
    assert code(case(book=book(at=AT + timedelta(seconds=age)))) == said
    assert code(case(sell(), book=book(at=AT + timedelta(seconds=age)))) == said


@pytest.mark.parametrize("order", [buy(), sell()])
def test_a_market_that_is_not_open_gets_no_order(order):
    assert code(case(order, market_state="suspended")) == "MARKET_NOT_ACTIVE"


def test_a_market_with_a_warning_is_sold_but_not_bought():
    assert code(case(buy(), warning=True)) == "MARKET_WARNING"
    assert code(case(sell(), warning=True)) == "APPROVED"


def test_a_hazard_blocks_a_buy_and_never_a_sell():
    blocked = {"buy_blocked_by": "HAZARD_FLASH_CRASH"}
    assert code(case(buy(), decision=decision(decision="buy", **blocked))) == "BUY_BLOCKED"
    assert code(case(sell(), decision=decision(decision="sell", **blocked))) == "APPROVED"


@pytest.mark.parametrize(("funds", "said"), [("4999.99", "BELOW_MINIMUM"), ("5000", "APPROVED"), ("5001", "APPROVED")])
def test_a_buy_is_worth_5000_won_before_the_fee(funds, said):
    assert code(case(buy(funds))) == said


@pytest.mark.parametrize(
    ("volume", "said"), [("0.00124999", "BELOW_MINIMUM"), ("0.00125", "APPROVED"), ("0.00125001", "APPROVED")]
)
def test_a_sell_is_worth_5000_won_at_the_best_bid(volume, said):
    assert code(case(sell(volume), book=book(4_001_000))) == said


def test_the_exchange_may_ask_for_a_higher_minimum_and_never_for_a_lower():
    assert code(case(buy("5000"), min_total_buy=Decimal(6000))) == "BELOW_MINIMUM"
    assert code(case(buy("4000"), min_total_buy=Decimal(3000))) == "BELOW_MINIMUM"


@pytest.mark.parametrize(
    ("free", "said"), [("50024.99", "INSUFFICIENT_KRW"), ("50025", "APPROVED"), ("50026", "APPROVED")]
)
def test_a_buy_needs_its_won_and_the_fee(free, said):
    assert code(case(buy("50000"), krw_free=Decimal(free))) == said


def test_a_sell_needs_no_won():
    assert code(case(sell(), krw_free=Decimal(0))) == "APPROVED"


@pytest.mark.parametrize(
    ("profit", "said"),
    [("-49999.99", "APPROVED"), ("-50000", "DAILY_LOSS_MAX"), ("-50000.01", "DAILY_LOSS_MAX"), ("50000", "APPROVED")],
)
def test_a_day_that_lost_its_limit_buys_nothing_more_and_still_sells(profit, said):
    seen = books(profit_today=Decimal(profit), last_loss_at=None)
    assert code(case(buy(), books=seen)) == said
    assert code(case(sell(), books=seen)) == "APPROVED"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "COOLDOWN_AFTER_LOSS"),
        (179.99, "COOLDOWN_AFTER_LOSS"),
        (180, "APPROVED"),
        (181, "APPROVED"),
        (-0.1, "COOLDOWN_AFTER_LOSS"),  # the book is a little older than the trade
    ],
)
def test_after_a_loss_in_any_market_nothing_is_bought_for_three_hours(minutes, said):
    seen = books(last_loss_at=AT - timedelta(minutes=minutes))
    assert code(case(buy(), books=seen)) == said
    assert code(case(sell(), books=seen)) == "APPROVED"


@pytest.mark.parametrize(("orders", "said"), [(23, "APPROVED"), (24, "ORDERS_PER_DAY_MAX"), (25, "ORDERS_PER_DAY_MAX")])
def test_a_day_has_so_many_orders_and_then_only_sells(orders, said):
    seen = books(orders_today=orders, last_loss_at=None)
    assert code(case(buy(), books=seen)) == said
    assert code(case(sell(), books=seen)) == "APPROVED"


@pytest.mark.parametrize("order", [buy(), sell()])
def test_a_market_with_an_order_of_unknown_outcome_stands_still(order):
    verdict = check(case(order, books=books(unresolved=CYCLE)))
    assert (verdict.code, f"upcycle settle {CYCLE}" in sentence(verdict.why, "ko")) == ("UNRESOLVED_ORDER", True)


@pytest.mark.parametrize("order", [buy(), sell()])
def test_a_market_whose_records_nobody_can_read_stands_still(order):
    verdict = check(case(order, books=books(unreadable=CYCLE)))
    assert (verdict.code, f"upcycle settle {CYCLE} --not-there" in sentence(verdict.why, "ko")) == (
        "UNREADABLE_LOG",
        True,
    )


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("order", [buy(), sell()])
def test_a_market_with_an_order_that_the_log_lacks_stands_still(order, side):
    verdict = check(case(order, books=books(foreign=CYCLE, foreign_side=side)))
    assert (verdict.code, f"upcycle adopt {CYCLE}" in sentence(verdict.why, "ko")) == ("FOREIGN_ORDER", True)


@pytest.mark.parametrize(("side", "said"), [("buy", "APPROVED"), ("sell", "FOREIGN_ORDER")])
def test_an_exit_sells_what_the_log_knows_unless_just_that_may_be_sold_already(side, said):
    seen = books(foreign="KRW-ETH-20260105T0200Z", foreign_side=side)
    assert code(case(sell(), books=seen, held=position(opened_by=CYCLE), closes=CYCLE)) == said


def test_nothing_is_bought_before_the_exchanges_orders_were_compared_and_everything_may_be_sold():
    quiet = books(profit_today=Decimal(0), last_loss_at=None)
    assert code(case(buy(), compared=False, books=quiet)) == "BOOKS_NOT_COMPARED"
    assert code(case(sell(), compared=False, books=quiet)) == "APPROVED"


def test_a_sell_of_nothing_is_no_order():
    assert code(case(sell("0"))) == "NOTHING_TO_SELL"


@pytest.mark.parametrize(("most", "said"), [("449901", "APPROVED"), ("449900", "APPROVED"), ("449899", "POSITION_MAX")])
def test_a_buy_keeps_what_the_bot_holds_within_the_limit(most, said):
    # 0.1 coins at the best bid of 3,999,000 and 50,000 more: 449,900
    held, limits = position(volume=Decimal("0.1")), replace(LIMITS, position_max_krw=Decimal(most))
    assert code(case(buy(), held=held, limits=limits)) == said


def test_a_position_beyond_the_limit_may_be_sold():
    held = position(volume=Decimal(10))
    assert code(case(sell("0.5"), held=held)) == "APPROVED"


@pytest.mark.parametrize(
    ("ask", "said"), [("4009000", "APPROVED"), ("4010000", "APPROVED"), ("4011000", "SPREAD_TOO_WIDE")]
)
def test_bid_and_ask_lie_close_together_for_a_buy(ask, said):
    # 4,010,000 - 3,990,000 is 0.5 % of 4,000,000
    seen = book(levels=(level(ask=ask, bid="3990000"),))
    assert code(case(buy(), book=seen)) == said


def test_a_sale_goes_out_however_far_bid_and_ask_lie_apart():
    assert code(case(sell(), book=book(levels=(level(ask="8000000", bid="400000"),)))) == "APPROVED"


@pytest.mark.parametrize(("funds", "said"), [("50000.03", "APPROVED"), ("50000.04", "BOOK_TOO_THIN")])
def test_a_buy_is_filled_whole_by_the_book(funds, said):
    # 0.0125 coins at 4,000,000 are 50,000 won; a rest below the 0.04 won of 1e-8 coins buys nothing anywhere
    seen = book(levels=(level(ask_size="0.0125"),))
    assert code(case(buy(funds), book=seen)) == said


def test_a_rest_too_small_for_the_dearer_level_is_no_lack_of_sellers():
    seen = book(levels=(level(ask_size="0.0125"), level(ask="8000000", ask_size="1")))
    assert code(case(buy("50000.05"), book=seen)) == "APPROVED"


@pytest.mark.parametrize(("volume", "said"), [("0.5", "APPROVED"), ("0.50000001", "BOOK_TOO_THIN")])
def test_the_exchange_would_refuse_a_sell_beyond_the_shown_book(volume, said):
    seen = book(levels=(level(bid_size="0.5"),))
    assert code(case(sell(volume), book=seen)) == said


@pytest.mark.parametrize(
    ("second", "said"), [("4019000", "APPROVED"), ("4020000", "APPROVED"), ("4021000", "DEPTH_SLIPPAGE")]
)
def test_a_buy_walks_the_book_no_further_than_the_limit(second, said):
    # 0.01 coins at 4,000,000 take 40,000 won, the rest goes to the second level: 0.5 % is 4,020,000
    seen = book(levels=(level(ask_size="0.01"), level(ask=second, bid="3998000")))
    assert code(case(buy("50000"), book=seen)) == said
    assert code(case(buy("40000"), book=seen)) == "APPROVED"


def test_no_rule_refuses_a_sale_for_what_it_costs_to_walk_the_book():
    # How far it goes is for `steps` to say, which makes the order.
    seen = book(levels=(level(ask="4001000", bid="4000000", bid_size="0.01"), level(ask="4002000", bid="1000000")))
    assert code(case(sell("0.0125"), book=seen)) == "APPROVED"


def test_the_first_rule_that_objects_is_the_one_that_is_named():
    all_wrong = case(
        buy("100"),
        bot="paused",
        warning=True,
        market_state="suspended",
        krw_free=Decimal(0),
        book=book(at=AT + timedelta(hours=1)),
    )
    assert code(all_wrong) == "BOT_PAUSED"
    assert [entry.code for entry, _ in RULES] == [
        "BOT_STOPPED",
        "BOT_PAUSED",
        "BOT_EXITS_ONLY",
        "UNRESOLVED_ORDER",
        "UNREADABLE_LOG",
        "FOREIGN_ORDER",
        "BOOKS_NOT_COMPARED",
        "STALE_SNAPSHOT",
        "MARKET_NOT_ACTIVE",
        "MARKET_WARNING",
        "BUY_BLOCKED",
        "DAILY_LOSS_MAX",
        "COOLDOWN_AFTER_LOSS",
        "ORDERS_PER_DAY_MAX",
        "POSITION_GONE",
        "NOTHING_TO_SELL",
        "BELOW_MINIMUM",
        "INSUFFICIENT_KRW",
        "POSITION_MAX",
        "SPREAD_TOO_WIDE",
        "BOOK_TOO_THIN",
        "DEPTH_SLIPPAGE",
    ]


def test_a_denial_says_the_number_and_its_limit():
    verdict = check(case(buy("50000"), krw_free=Decimal(50000)))
    assert sentence(verdict.why, "ko") == "주문 가능 원화 50,000원 (수수료 포함 50,025원 필요)"
    assert sentence(verdict.why, "en") == "not enough cash, fee included: 50,000 KRW, 50,025 KRW are needed"


def test_nobody_but_the_check_approves_an_order():
    with pytest.raises(TypeError, match="only risk"):
        Approved(buy(), object())
    approved = check(case())
    with pytest.raises(ValueError):
        replace(approved, order=buy("500000"))  # type: ignore[call-arg]
    with pytest.raises(AttributeError):
        approved.order = buy("500000")
