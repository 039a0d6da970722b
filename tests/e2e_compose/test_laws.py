"""The laws find what is wrong; runs with the fast tests, since nothing of Docker is needed for it."""

from dataclasses import replace

import pytest

from tests.e2e_compose.laws import hold
from tests.e2e_compose.questions import Books
from tests.e2e_compose.words import Failed

CYCLE = "KRW-ETH-20260105T0300Z"
TICK = {"kind": "TradingDue", "cycle": CYCLE}
INTENT = {"kind": "OrderIntended", "cycle": CYCLE, "client_order_id": "c1"}
FILL = {
    "kind": "FillRecorded",
    "cycle": CYCLE,
    "client_order_id": "c1",
    "exchange_order_id": "u1",
    "side": "buy",
    "volume": "0.0115",
    "funds": "49999.996",
    "fee": "24.999998",
}
END = {"kind": "OrderFilled", "cycle": CYCLE}
ORDER = {"identifier": "c1", "uuid": "u1", "executed_volume": "0.0115", "paid_fee": "24.999998"}
NEVER_EXECUTED = {"identifier": "c1", "uuid": "u1", "executed_volume": "0", "paid_fee": "0"}
TRADE = {"cycle": CYCLE, "side": "buy", "amount": 0.0115, "total": 50000.0}
GOOD = Books([TICK, INTENT, FILL, END], [ORDER], [TRADE])


def test_books_that_agree_are_told_in_a_sentence():
    assert hold(GOOD) == "1 cycles, one end each (1 OrderFilled); 1 fills = exchange = /api/trades"


@pytest.mark.parametrize(
    ("books", "said"),
    [
        (replace(GOOD, log=[TICK, INTENT, FILL]), "without exactly one end"),
        (replace(GOOD, log=[*GOOD.log, END]), "without exactly one end"),
        (replace(GOOD, log=[*GOOD.log, INTENT]), "more than one order"),
        (replace(GOOD, orders=[ORDER, ORDER]), "ordered twice"),
        (replace(GOOD, log=[TICK, END]), "nobody meant"),
        (replace(GOOD, orders=[NEVER_EXECUTED]), "the log and the exchange differ"),
        (replace(GOOD, log=[TICK, INTENT, END]), "the log and the exchange differ"),
        (replace(GOOD, trades=[]), "the log and /api/trades differ"),
        (replace(GOOD, trades=[TRADE | {"amount": 0.0116}]), "the log and /api/trades differ"),
        (replace(GOOD, trades=[TRADE, TRADE]), "two trades of one cycle"),
    ],
)
def test_each_broken_law_is_named(books, said):
    with pytest.raises(Failed, match=said):
        hold(books)
