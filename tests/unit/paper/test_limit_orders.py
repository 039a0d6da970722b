"""Orders that do not end at once: what they hold, when a bar fills them, what a cancel gives back."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from services.paper.core.exchange import PaperExchange
from services.paper.core.markets import Notice
from services.paper.core.refusal import Refusal
from services.paper.core.tape import Tape
from shared.candles import SCHEMA
from shared.fixed_clock import FixedClock

START = datetime(2025, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
D = Decimal
# Hour by hour: open, high, low, close, coins.
HOURS = (
    (4_000_000, 4_010_000, 3_990_000, 4_000_000, 5),
    (4_000_000, 4_005_000, 3_900_000, 3_950_000, 0.01),
    (3_950_000, 3_960_000, 3_899_000, 3_950_000, 0.01),
    (3_950_000, 4_200_000, 3_890_000, 4_100_000, 5),
    (4_100_000, 4_100_000, 4_100_000, 4_100_000, 5),
)


class FakeJournal(list):
    def read(self):
        return list(self)

    def close(self):
        self.clear()


def exchange(journal=None) -> PaperExchange:
    rows = [(START + n * HOUR, *map(float, hour)) for n, hour in enumerate(HOURS)]
    tape = Tape({"KRW-ETH": pl.DataFrame(rows, schema=SCHEMA, orient="row")})
    return PaperExchange(
        tape,
        FixedClock(START),
        journal=FakeJournal() if journal is None else journal,
        opening=D(1_000_000),
        spread=D("0.0004"),
    )


def limit(side, price, volume, **more) -> dict[str, str]:
    return {
        "market": "KRW-ETH",
        "side": side,
        "ord_type": "limit",
        "price": str(price),
        "volume": str(volume),
        "identifier": "a",
    } | more


def refused(paper, fields) -> str:
    with pytest.raises(Refusal) as no:
        paper.place(fields)
    return str(no.value.name)


def test_a_limit_buy_holds_its_won_with_the_fee_until_it_is_cancelled():
    paper = exchange()
    placed = paper.place(limit("bid", 3_900_000, "0.02"))
    assert (placed["state"], placed["reserved_fee"], placed["locked"]) == ("wait", "39", "78039")
    assert (placed["volume"], placed["remaining_volume"], placed["price"]) == ("0.02", "0.02", "3900000")
    assert paper.account.row("KRW")["balance"] == "921961"
    assert paper.account.row("KRW")["locked"] == "78039"
    assert paper.cancel(None, "a")["state"] == "wait"
    ended = paper.order(None, "a")
    assert (ended["state"], ended["executed_volume"], ended["locked"]) == ("cancel", "0", "78039")
    assert paper.account.rows() == [paper.account.row("KRW")]
    assert (paper.account.krw, paper.account.krw_locked) == (1_000_000, 0)
    with pytest.raises(Refusal) as no:
        paper.cancel(None, "a")
    assert (no.value.status, no.value.name) == (404, "order_not_found")


def test_it_fills_once_a_bar_trades_beyond_its_price_with_no_more_than_the_bar_traded():
    paper = exchange()
    paper.place(limit("bid", 3_900_000, "0.02"))
    paper.move(START + 2 * HOUR)  # touched at 3,900,000
    assert paper.order(None, "a")["trades_count"] == 0
    paper.move(START + 3 * HOUR)  # beyond it, with 0.01 coins
    half = paper.order(None, "a")
    assert (half["state"], half["executed_volume"], half["remaining_volume"]) == ("wait", "0.01", "0.01")
    assert half["trades"][0]["price"] == "3900000"
    assert half["trades"][0]["created_at"] == "2025-09-01T11:59:59.999000+09:00"
    assert half["locked"] == "39019.5"
    paper.move(START + 4 * HOUR)
    whole = paper.order(None, "a")
    assert (whole["state"], whole["trades_count"], whole["paid_fee"], whole["locked"]) == ("done", 2, "39", "0")
    assert (paper.account.krw, paper.account.krw_locked) == (D("921961"), 0)
    assert paper.account.coin("ETH").balance == D("0.02")


def test_one_long_step_fills_as_many_short_ones_do():
    once, often = exchange(), exchange()
    for paper in (once, often):
        paper.place(limit("bid", 3_900_000, "0.02"))
        paper.place(limit("bid", 3_895_000, "0.02", identifier="b"))
    once.move(START + 5 * HOUR)
    for n in range(1, 21):
        often.move(START + n * HOUR / 4)
    assert once.orders() == often.orders()
    assert once.account == often.account


def test_the_dearest_buy_is_served_first():
    paper = exchange()
    paper.place(limit("bid", 3_900_000, "0.01", identifier="low"))
    paper.place(limit("bid", 3_920_000, "0.015", identifier="high"))
    paper.move(START + 3 * HOUR)
    # the second hour gives 0.01 to the dearer, the third its rest and then the other
    assert paper.order(None, "high")["state"] == "done"
    assert paper.order(None, "low")["executed_volume"] == "0.005"


def test_a_limit_sell_holds_coins_and_fills_above():
    paper = exchange()
    paper.place({"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "100000"})
    coins = paper.account.coin("ETH").balance
    paper.place(limit("ask", 4_150_000, coins))
    held = paper.account.coin("ETH")
    assert (held.balance, held.locked) == (0, coins)
    won = paper.account.krw
    paper.move(START + 4 * HOUR)
    sold = paper.order(None, "a")
    assert (sold["state"], sold["locked"], sold["reserved_fee"]) == ("done", "0", "0")
    assert paper.account.krw == won + coins * 4_150_000 * D("0.9995")
    assert paper.account.coins == {}


def test_a_limit_buy_at_the_market_takes_the_cheaper_book_first_and_gets_the_rest_back():
    paper = exchange()
    paper.place(limit("bid", 4_100_000, "0.02"))
    taken = paper.order(None, "a")
    # half of 0.04 % of 4,000,000 is 800; the next tick is 4,001,000
    assert (taken["state"], taken["trades"][0]["price"]) == ("done", "4001000")
    assert taken["locked"] == "1980.99"  # 0.02 x 99,000 and the fee on it, no longer kept
    assert paper.account.krw == 1_000_000 - D("80020") * D("1.0005")
    assert paper.account.krw_locked == 0


def test_ioc_fok_and_post_only():
    paper = exchange()
    best = paper.levels("KRW-ETH")[0]
    more = best.ask_size + 1
    paper = PaperExchange(paper.tape, FixedClock(START), journal=FakeJournal(), opening=D(10**9), spread=D("0.0004"))
    paper.place(limit("bid", best.ask_price, more, time_in_force="fok"))
    assert (paper.order(None, "a")["state"], paper.order(None, "a")["executed_volume"]) == ("cancel", "0")
    paper.place(limit("bid", best.ask_price, more, time_in_force="ioc", identifier="b"))
    some = paper.order(None, "b")
    assert (some["state"], some["remaining_volume"], some["time_in_force"]) == ("cancel", "1", "ioc")
    assert paper.account.krw_locked == 0
    paper.place(limit("bid", best.ask_price, more, identifier="c"))
    assert (paper.order(None, "c")["state"], paper.order(None, "c")["remaining_volume"]) == ("wait", "1")
    crossing = limit("bid", best.ask_price, "0.01", time_in_force="post_only", identifier="d")
    assert refused(paper, crossing) == "invalid_post_only"
    assert refused(paper, crossing | {"smp_type": "reduce", "identifier": "e"}) == "invalid_post_only"
    below = limit("bid", best.bid_price, "0.01", time_in_force="post_only", identifier="f")
    assert paper.place(below)["time_in_force"] == "post_only"


def test_best_takes_the_best_level_alone():
    paper = exchange()
    fields = {"market": "KRW-ETH", "side": "bid", "ord_type": "best", "price": "50000", "identifier": "a"}
    assert refused(paper, fields) == "invalid_time_in_force"
    paper.place(fields | {"time_in_force": "ioc", "identifier": "b"})
    got = paper.order(None, "b")
    assert (got["executed_volume"], got["trades"][0]["price"]) == ("0.01249687", "4001000")
    assert "volume" not in got


def test_orders_are_asked_for_in_vain():
    paper = exchange()
    for fields, name in (
        (limit("bid", 3_900_500, "0.02", identifier="1"), "invalid_price_bid"),
        (limit("ask", 3_900_500, "0.02", identifier="2"), "invalid_price_ask"),
        (limit("bid", 3_900_000, "0.001", identifier="3"), "under_min_total_bid"),
        (limit("bid", 3_900_000, "1000", identifier="4"), "over_krw_funds_bid"),
        (limit("bid", 3_900_000, "0.5", identifier="5"), "insufficient_funds_bid"),
        (limit("ask", 3_900_000, "0.5", identifier="6"), "insufficient_funds_ask"),
        (limit("bid", 3_900_000, "1e-2", identifier="7"), "invalid_volume_bid"),
        (limit("bid", 3_900_000, "0.02", identifier="8", time_in_force="gtc"), "invalid_time_in_force"),
        (limit("bid", 3_900_000, "0.02", identifier="9", smp_type="any"), "validation_error"),
    ):
        assert refused(paper, fields) == name
    assert paper.account.krw == 1_000_000


def test_a_tried_order_is_checked_and_forgotten():
    paper = exchange()
    tried = paper.test(limit("bid", 3_900_000, "0.02"))
    assert tried["locked"] == "78039"
    with pytest.raises(Refusal):
        paper.order(tried["uuid"], None)
    with pytest.raises(Refusal) as no:
        paper.test(limit("bid", 3_900_000, "1"))
    assert no.value.name == "insufficient_funds_bid"
    assert paper.place(limit("bid", 3_900_000, "0.02"))["identifier"] == "a"


def test_replacing_keeps_market_and_side_and_the_rest():
    paper = exchange()
    paper.place(limit("bid", 3_900_000, "0.02"))
    paper.move(START + 3 * HOUR)
    answer = paper.replace(
        {
            "prev_order_identifier": "a",
            "new_ord_type": "limit",
            "new_price": "3895000",
            "new_volume": "remain_only",
            "new_identifier": "b",
        }
    )
    assert (answer["identifier"], answer["new_order_identifier"]) == ("a", "b")
    assert paper.order(None, "a")["state"] == "cancel"
    new = paper.order(answer["new_order_uuid"], None)
    assert (new["side"], new["price"], new["volume"]) == ("bid", "3895000", "0.01")


def test_a_market_that_gives_only_a_part():
    paper = exchange()
    paper.place(
        {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "100000", "identifier": "a"}, D("0.5")
    )
    bought = paper.order(None, "a")
    assert (bought["state"], bought["executed_volume"]) == ("cancel", "0.01249687")
    assert paper.account.krw_locked == 0
    paper.place(
        {"market": "KRW-ETH", "side": "ask", "ord_type": "market", "volume": "0.01249687", "identifier": "b"}, D("0.5")
    )
    sold = paper.order(None, "b")
    assert (sold["state"], sold["executed_volume"], sold["remaining_volume"]) == ("cancel", "0.00624843", "0.00624844")
    assert paper.account.coin("ETH").balance == D("0.00624844")


def test_a_suspended_market_takes_no_order():
    paper = exchange()
    paper.notices.put("KRW-ETH", Notice(suspended=True, warning=True))
    with pytest.raises(Refusal) as no:
        paper.place(limit("bid", 3_900_000, "0.02"))
    assert (no.value.status, no.value.name) == (403, "market_offline")
    assert paper.chance("KRW-ETH")["market"]["state"] != "active"


def test_resting_orders_come_back_after_a_restart():
    journal = FakeJournal()
    paper = exchange(journal)
    paper.place(limit("bid", 3_900_000, "0.02"))
    paper.move(START + 3 * HOUR)
    back = exchange(FakeJournal(journal))
    assert (back.account, back.orders(), back.now) == (paper.account, paper.orders(), paper.now)
    for one in (paper, back):
        one.move(START + 4 * HOUR)
    assert back.account == paper.account
    assert back.order(None, "a")["state"] == "done"
