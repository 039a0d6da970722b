"""Orders that were really made at Upbit, made again here: every amount is the same to the last digit."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from services.paper.adapters.tape_file import load_tapes
from services.paper.core.exchange import PaperExchange
from shared.candles import SCHEMA
from shared.fixed_clock import FixedClock
from shared.types import Krw

START = datetime(2025, 8, 9, tzinfo=UTC)
NARROW = Decimal("0.000000001")  # so that the best ask is the next tick above the price, the best bid the one below


class NoJournal(list):
    def read(self):
        return []

    def close(self):
        self.clear()


@pytest.fixture
def exchange(tmp_path):
    """What a market's price must be for its best ask or bid to be the one of the real order."""

    def at(market: str, price: float) -> PaperExchange:
        rows = [(START + timedelta(hours=n), price, price, price, price, 1.0) for n in range(3)]
        file = tmp_path / f"{market}.parquet"
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(file)
        return PaperExchange(
            load_tapes([str(file)]), FixedClock(START), journal=NoJournal(), opening=Krw(Decimal(10**9)), spread=NARROW
        )

    return at


def bid(market, price):
    return {"market": market, "side": "bid", "ord_type": "price", "price": price, "identifier": "a"}


def test_a_market_buy_of_5000_won_at_75324000(exchange):
    paper = exchange("KRW-BTC", 75_323_000.0)
    paper.place(bid("KRW-BTC", "5000"))
    order = paper.order(None, "a")
    (trade,) = order["trades"]
    assert (trade["price"], trade["volume"], trade["funds"]) == ("75324000", "0.00006637", "4999.25388")
    assert order["state"] == "cancel"
    assert (order["reserved_fee"], order["paid_fee"], order["remaining_fee"]) == ("2.5", "2.49962694", "0.00037306")
    assert order["locked"] == "0.74649306"
    assert "volume" not in order
    assert paper.account.krw == 10**9 - Decimal("4999.25388") - Decimal("2.49962694")


def test_a_market_buy_as_it_is_answered(exchange):
    order = exchange("KRW-BTC", 75_323_000.0).place(bid("KRW-BTC", "5094.9"))
    assert (order["reserved_fee"], order["locked"], order["executed_volume"]) == ("2.54745", "5097.44745", "0")
    assert not {"volume", "remaining_volume", "trades"} & set(order)


def test_the_official_example_of_10000_won_at_30000(exchange):
    paper = exchange("KRW-QTUM", 29_990.0)
    paper.place(bid("KRW-QTUM", "10000"))
    order = paper.order(None, "a")
    assert (order["executed_volume"], order["trades"][0]["funds"]) == ("0.33333333", "9999.9999")
    assert paper.account.krw == 10**9 - Decimal("9999.9999") * Decimal("1.0005")


def test_a_limit_buy_of_15577_won(exchange):
    paper = exchange("KRW-XRP", 4_000.0)
    order = paper.place({"market": "KRW-XRP", "side": "bid", "ord_type": "limit", "price": "3000", "volume": "5.1924"})
    assert (order["state"], order["reserved_fee"], order["locked"]) == ("wait", "7.7886", "15584.9886")


def test_a_market_sell_of_tether_at_1375(exchange):
    paper = exchange("KRW-USDT", 1_376.0)
    paper.place({"market": "KRW-USDT", "side": "bid", "ord_type": "limit", "price": "1500", "volume": "5.377594"})
    before = paper.account.krw
    paper.place({"market": "KRW-USDT", "side": "ask", "ord_type": "market", "volume": "5.377594", "identifier": "a"})
    order = paper.order(None, "a")
    told = ("state", "volume", "remaining_volume", "executed_volume", "reserved_fee", "paid_fee", "locked")
    assert [order[name] for name in told] == ["done", "5.377594", "0", "5.377594", "0", "3.697095875", "0"]
    (trade,) = order["trades"]
    assert (trade["price"], trade["funds"], trade["trend"]) == ("1375", "7394.19175", "down")
    assert paper.account.krw == before + Decimal("7394.19175") - Decimal("3.697095875")
