"""pyupbit with its transport pointed here: what works at Upbit works, what fails there fails."""

import pytest

from tests.support.not_built import needs

pytestmark = pytest.mark.slow


def test_quotes_with_its_index_in_seoul(drive):
    assert drive("drive_pyupbit.py", "quotes") == {
        "tickers": ["KRW-BTC", "KRW-ETH"],
        "price": 4_000_000,
        "levels": 30,
        "hours": [5, ["open", "high", "low", "close", "volume", "value"], "2025-09-11 09:00:00"],
        "days": [5, "2025-09-11 09:00:00"],
        "pages": 240,
    }


@needs("a parameter several times")
def test_prices_of_two_markets(drive):
    assert drive("drive_pyupbit.py", "prices") == {"KRW-ETH": 4_000_000, "KRW-BTC": 120_000_000}


@needs("GET /v1/candles/weeks")
def test_weeks(drive):
    assert drive("drive_pyupbit.py", "weeks") == ["2025-09-01 09:00:00", "2025-09-08 09:00:00"]


def test_a_market_buy_and_the_sale_of_all_it_gave(drive):
    assert drive("drive_pyupbit.py", "market_orders") == {
        "bought": ["bid", "price", "wait"],
        "held": True,
        "sold": ["ask", "market"],
        "rest": 0,
        "won": True,
        "average": 0,
    }


@needs("GET with a form body")
def test_its_private_reads_travel_in_the_body_of_a_get(drive):
    assert drive("drive_pyupbit.py", "private_reads") == ["cancel", "KRW-ETH"]


@needs("GET /v1/api_keys")
def test_the_key_is_listed(drive):
    assert drive("drive_pyupbit.py", "keys") is True


@needs("limit orders", "DELETE /v1/order")
def test_its_cancel_fails_as_at_upbit_and_the_order_stays(drive):
    name, total, free = drive("drive_pyupbit.py", "cancel")
    assert name == "QUERY_PARAMETER_NOT_SUPPORTED"
    assert (total, free) == (1_000_000, 1_000_000 - 39_019.5)


@needs("limit orders")
def test_errors_are_none_or_a_dict_that_looks_like_an_answer(drive):
    said = drive("drive_pyupbit.py", "errors")
    tick = said.pop("tick")
    assert said == {"funds": None, "small": None, "coins": None, "secret": None}
    assert tick["error"]["name"] == "invalid_price_bid"
