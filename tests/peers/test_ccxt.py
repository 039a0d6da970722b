"""ccxt with nothing changed but its hosts: quotes, balances, orders, cancels, errors."""

import pytest

from tests.support.not_built import needs

pytestmark = pytest.mark.slow


def test_quotes(drive):
    assert drive("drive_ccxt.py", "quotes") == {
        "markets": ["BTC/KRW", "ETH/KRW"],
        "active": True,
        "last": 4_000_000,
        "spread": [True, 30],
        "hours": [5, True],
        "days": 5,
        "fee": 0.0005,
    }


@needs("GET /v1/ticker/all")
def test_all_tickers(drive):
    assert drive("drive_ccxt.py", "all_tickers") == ["BTC/KRW", "ETH/KRW"]


@needs("GET /v1/trades/ticks")
def test_trades(drive):
    assert drive("drive_ccxt.py", "trades") == [True, True]


def test_a_market_buy_and_the_sale_of_all_it_gave(drive):
    assert drive("drive_ccxt.py", "market_orders") == {
        "bought": ["by-ccxt", "canceled", 1, True],
        "held": True,
        "sold": "closed",
        "won": True,
    }


@needs("limit orders", "DELETE /v1/order", "GET /v1/orders/open", "GET /v1/orders/closed")
def test_a_limit_order_rests_is_listed_and_cancelled(drive):
    assert drive("drive_ccxt.py", "limit_orders") == {
        "open": True,
        "used": 39_019.5,
        "answered": "open",
        "then": "canceled",
        "closed": True,
        "free": 1_000_000,
    }


@needs("limit orders", "POST /v1/orders/cancel_and_new", "GET /v1/orders/open")
def test_an_order_is_edited(drive):
    assert drive("drive_ccxt.py", "edit") == [3_800_000]


@needs("POST /v1/orders/test")
def test_an_order_is_tried(drive):
    assert drive("drive_ccxt.py", "tried") == 1_000_000


def test_errors_are_the_classes_it_knows(drive):
    assert drive("drive_ccxt.py", "errors") == {
        "funds": "InsufficientFunds",
        "coins": "InsufficientFunds",
        "small": "ExchangeError",
        "missing": "OrderNotFound",
        "side": "InvalidOrder",
        "secret": "AuthenticationError",
        "key": "AuthenticationError",
        "parameter": "BadRequest",
    }
