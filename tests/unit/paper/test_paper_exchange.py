"""The paper exchange's laws: money adds up, identifiers are spent, the journal brings everything back."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.paper.adapters.journal_file import BadJournal, JournalFile
from services.paper.core.book import book
from services.paper.core.exchange import PaperExchange
from services.paper.core.refusal import Refusal
from services.paper.core.tape import Tape
from shared.candles import SCHEMA
from shared.fixed_clock import FixedClock
from shared.venue import tick_size

START = datetime(2025, 9, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
D = Decimal


def tape(prices: list[float]) -> Tape:
    rows = [(START + n * HOUR, price, price, price, price, 1.0) for n, price in enumerate(prices)]
    frame = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Tape({"KRW-ETH": frame, "KRW-BTC": frame.with_columns(pl.col("open", "high", "low", "close") * 30)})


class FakeJournal(list):
    def read(self):
        return list(self)

    def close(self):
        self.clear()


def exchange(prices=(4_000_000.0, 5_000_000.0, 3_000_000.0), journal=None, krw="1000000") -> PaperExchange:
    return PaperExchange(
        tape(list(prices)),
        FixedClock(START),
        journal=journal or FakeJournal(),
        opening=D(krw),
        spread=D("0.0004"),
    )


def bid(won, identifier=None, market="KRW-ETH") -> dict[str, str]:
    named = {} if identifier is None else {"identifier": identifier}
    return {"market": market, "side": "bid", "ord_type": "price", "price": str(won), **named}


def ask(coins, identifier=None, market="KRW-ETH") -> dict[str, str]:
    named = {} if identifier is None else {"identifier": identifier}
    return {"market": market, "side": "ask", "ord_type": "market", "volume": str(coins), **named}


def test_a_market_buy_ends_in_cancel_with_its_rest():
    paper = exchange()
    created = paper.place(bid(50000, "a"))
    assert (created["state"], created["reserved_fee"], created["locked"]) == ("wait", "25", "50025")
    ended = paper.order(None, "a")
    # 4,000,000 with half of 0.04 % is 4,000,800, and up to the tick 4,001,000
    assert ended["trades"][0]["price"] == "4001000"
    assert ended["executed_volume"] == "0.01249687"
    assert ended["state"] == "cancel"
    assert ended["paid_fee"] == "24.999988435"
    assert ended["remaining_fee"] == "0.000011565"
    assert ended["locked"] == "0.023141565"
    assert "volume" not in ended
    assert paper.account.krw == D("1000000") - D("49999.97687") - D("24.999988435")


def test_a_market_sell_ends_in_done_and_pays_its_fee_from_the_proceeds():
    paper = exchange()
    paper.place(bid(50000, "a"))
    before = paper.account.krw
    paper.move(START + HOUR)
    paper.place(ask("0.01249687", "b"))
    ended = paper.order(None, "b")
    # the bid of 5,000,000 is 4,999,000
    assert (ended["state"], ended["remaining_volume"], ended["locked"]) == ("done", "0", "0")
    assert ended["trades"][0]["funds"] == "62471.85313"
    assert ended["paid_fee"] == "31.235926565"
    assert paper.account.krw == before + D("62471.85313") - D("31.235926565")
    assert paper.account.coins == {}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        (bid(4999), "under_min_total_bid"),
        (bid(1_000_000_001), "over_krw_funds_bid"),
        (bid(1_000_000), "insufficient_funds_bid"),  # the fee is missing
        (bid("1e5"), "invalid_price_bid"),
        (bid("-5000"), "invalid_price_bid"),
        (bid("NaN"), "invalid_price_bid"),
        (bid("٥٠٠٠٠"), "invalid_price_bid"),
        (bid(50000) | {"volume": "1"}, "create_bid_error"),
        (bid(50000, market="KRW-DOGE"), "notfoundmarket"),
        (bid(50000, market="nonsense"), "notfoundmarket"),
        (bid(50000) | {"side": "buy"}, "validation_error"),
        (bid(50000) | {"side": "ask"}, "create_ask_error"),
        (bid(50000) | {"ord_type": "limit"}, "create_bid_error"),
        (bid(50000) | {"ord_type": "best"}, "invalid_time_in_force"),
        (bid(50000) | {"time_in_force": "ioc"}, "invalid_time_in_force"),
        (bid(50000) | {"ord_type": "?"}, "validation_error"),
        ({}, "validation_error"),
        (ask("0.001"), "under_min_total_ask"),
        (ask("1"), "insufficient_funds_ask"),
        (ask("0.123456789"), "invalid_volume_ask"),
        (ask("0"), "invalid_volume_ask"),
        (ask("0.1") | {"price": "1"}, "create_ask_error"),
    ],
)
def test_a_wrong_order_is_refused_by_upbits_name_and_changes_nothing(fields, name):
    paper = exchange()
    with pytest.raises(Refusal) as no:
        paper.place(fields)
    assert (no.value.status, no.value.name) == (400, name)
    assert paper.account.krw == 1_000_000


def test_an_order_beyond_the_book_is_refused():
    paper = exchange(krw="9000000000")
    for _ in range(6):
        paper.place(bid(1_000_000_000))
    with pytest.raises(Refusal, match="larger than the 30 levels"):
        paper.place(ask(paper.account.coin("ETH").balance))


def test_an_identifier_is_spent_for_ever_even_by_a_refusal():
    paper = exchange()
    with pytest.raises(Refusal):
        paper.place(bid(4999, "a"))
    with pytest.raises(Refusal, match="used before") as no:
        paper.place(bid(50000, "a"))
    assert no.value.name == "duplicated_identifier"
    with pytest.raises(Refusal) as no:
        paper.order(None, "a")
    assert (no.value.status, no.value.name) == (404, "order_not_found")


def test_ids_and_times_come_from_the_identifier_and_the_tape():
    first, second = exchange(), exchange()
    for paper in (first, second):
        paper.place(bid(50000, "KRW-ETH-20250901T0000Z"))
        paper.place(bid(50000))
        paper.place(bid(50000))
    assert first.order(None, "KRW-ETH-20250901T0000Z") == second.order(None, "KRW-ETH-20250901T0000Z")
    assert first.orders() == second.orders()
    assert len({order.uuid for order in first.orders()}) == 3
    order = first.order(None, "KRW-ETH-20250901T0000Z")
    assert order["created_at"] == "2025-09-01T09:00:00+09:00"
    assert order["trades"][0]["created_at"] == "2025-09-01T09:00:00.000000+09:00"


orders = st.lists(
    st.tuples(
        st.sampled_from(["bid", "ask", "all"]),
        st.sampled_from(["KRW-ETH", "KRW-BTC"]),
        st.integers(1, 1_500_000),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(orders)
def test_balances_are_never_negative_and_always_add_up(asked):
    paper = exchange([4_000_000.0, 4_400_000.0, 3_900_000.0] * 5)
    for side, market, won, later in asked:
        coin = market.split("-")[1]
        held = paper.account.coin(coin).balance
        part = held if side == "all" else min(held, D(won).scaleb(-8))
        with suppress(Refusal):
            paper.place(bid(won, market=market) if side == "bid" else ask(format(part, "f"), market=market))
        if later:
            paper.move(paper.now + HOUR)
    krw, coins = D(1_000_000), {"ETH": D(0), "BTC": D(0)}
    for taken in paper.orders():
        order = paper.order(taken.uuid, None)
        sign = 1 if order["side"] == "bid" else -1
        coins[order["market"].split("-")[1]] += sign * D(order["executed_volume"])
        krw -= sign * sum(D(trade["funds"]) for trade in order["trades"]) + D(order["paid_fee"])
    assert paper.account.krw == krw >= 0
    assert {name: paper.account.coin(name).balance for name in coins} == coins
    assert all(balance >= 0 for balance in coins.values())


@settings(max_examples=100)
@given(
    st.decimals("0.0001", 200_000_000, places=4),
    st.integers(0, 10**6),
    st.sampled_from([D("0.0004"), D("0.00001"), D("0.02")]),
)
def test_a_book_lies_on_the_grid_in_order_around_the_price(price, hour, spread):
    bar_ms = 1_756_684_800_000 + hour * 3_600_000
    levels = book("KRW-ETH", price, bar_ms, spread)
    at = datetime.fromtimestamp(bar_ms / 1000, UTC)
    assert 15 <= len(levels) <= 30
    assert levels[0].bid_price <= price <= levels[0].ask_price
    assert levels[0].bid_price < levels[0].ask_price
    for level, following in pairwise(levels):
        assert level.ask_price < following.ask_price
        assert level.bid_price > following.bid_price > 0
    for level in levels:
        assert level.ask_price % tick_size(level.ask_price, at) == 0
        assert level.bid_price % tick_size(level.bid_price, at) == 0
        assert min(level.ask_size, level.bid_size) > 0


def test_the_same_moment_has_the_same_book_and_the_next_bar_another():
    first = book("KRW-ETH", D(4_000_000), 0, D("0.0004"))
    book.cache_clear()
    assert book("KRW-ETH", D(4_000_000), 0, D("0.0004")) == first
    assert book("KRW-ETH", D(4_000_000), 3_600_000, D("0.0004")) != first


def test_time_goes_forward_only_and_not_off_the_tape():
    paper = exchange()
    paper.move(START + HOUR)
    paper.move(START + HOUR)
    for to in (START, START + 9 * HOUR):
        with pytest.raises(Refusal) as no:
            paper.move(to)
        assert no.value.status == 409
    assert paper.now == START + HOUR


def test_the_journal_brings_everything_back(tmp_path):
    journal = JournalFile(tmp_path / "journal.jsonl")
    paper = exchange(journal=journal)
    paper.place(bid(50000, "a"))
    with pytest.raises(Refusal):
        paper.place(bid(1, "burnt"))
    paper.move(START + HOUR)
    journal.close()

    again = JournalFile(tmp_path / "journal.jsonl")
    back = exchange(journal=again, krw="77")  # the account goes on, not the setting
    assert back.account == paper.account
    assert back.order(None, "a") == paper.order(None, "a")
    assert back.now == START + HOUR
    for identifier in ("a", "burnt"):
        with pytest.raises(Refusal, match="used before"):
            back.place(bid(50000, identifier))
    again.close()


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_torn_last_line_never_happened(tmp_path, cut):
    path = tmp_path / "journal.jsonl"
    journal = JournalFile(path)
    paper = exchange(journal=journal)
    paper.place(bid(50000, "a"))
    whole = path.read_bytes()
    paper.place(bid(60000, "b"))
    journal.close()
    path.write_bytes(whole + path.read_bytes()[len(whole) : -cut])

    again = JournalFile(path)
    back = exchange(journal=again)
    assert back.order(None, "a")["price"] == "50000"
    back.place(bid(70000, "b"))
    again.close()
    last = JournalFile(path)
    assert [record.kind for record in last.read()] == ["opened", "executed", "executed"]
    last.close()


def test_two_exchanges_never_share_an_account(tmp_path):
    first = JournalFile(tmp_path / "journal.jsonl")
    with pytest.raises(BadJournal, match="another paper exchange uses this account"):
        JournalFile(tmp_path / "journal.jsonl")
    first.close()


def test_a_foreign_file_is_no_journal(tmp_path):
    (tmp_path / "journal.jsonl").write_text("hello\n")
    journal = JournalFile(tmp_path / "journal.jsonl")
    with pytest.raises(BadJournal, match="move the file away"):
        journal.read()
    journal.close()
