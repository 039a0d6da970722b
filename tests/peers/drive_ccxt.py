"""Runs in the peers' venv: ccxt, unchanged but for its hosts. python drive_ccxt.py PART URL ACCESS SECRET"""

import json
import sys

import ccxt

part, url, access, secret = sys.argv[1:]
upbit = ccxt.upbit({"apiKey": access, "secret": secret})
upbit.urls["api"] = {"public": url, "private": url}
ETH = "ETH/KRW"


def named(call, *args, **kwargs):
    """The class of the error a call ends with."""
    try:
        call(*args, **kwargs)
    except ccxt.BaseError as e:
        return type(e).__name__
    return "no error"


def quotes():
    markets = upbit.load_markets()
    hours = upbit.fetch_ohlcv(ETH, "1h", limit=5)
    ticker, book = upbit.fetch_ticker(ETH), upbit.fetch_order_book(ETH)
    return {
        "markets": sorted(markets),
        "active": markets[ETH]["active"],
        "last": ticker["last"],
        "spread": [book["bids"][0][0] < ticker["last"] < book["asks"][0][0], len(book["asks"])],
        "hours": [len(hours), [row[0] for row in hours] == sorted(row[0] for row in hours)],
        "days": len(upbit.fetch_ohlcv(ETH, "1d", limit=5)),
        "fee": upbit.fetch_trading_fee(ETH)["taker"],
    }


def all_tickers():
    return sorted(upbit.fetch_tickers())


def trades():
    rows = upbit.fetch_trades(ETH, limit=5, params={"days_ago": 1})
    return [len(rows) > 0, all(row["side"] in ("buy", "sell") for row in rows)]


def market_orders():
    bought = upbit.create_order(ETH, "market", "buy", None, None, {"cost": 50000, "clientOrderId": "by-ccxt"})
    order = upbit.fetch_order(bought["id"])
    held = upbit.fetch_balance()
    sold = upbit.create_order(ETH, "market", "sell", held["free"]["ETH"])
    return {
        "bought": [order["clientOrderId"], order["status"], len(order["trades"]), order["cost"] > 49_900],
        "held": held["total"]["ETH"] == order["filled"],
        "sold": upbit.fetch_order(sold["id"])["status"],
        "won": upbit.fetch_balance()["total"]["KRW"] < 1_000_000,
    }


def limit_orders():
    rests = upbit.create_order(ETH, "limit", "buy", 0.01, 3_900_000)
    opened = upbit.fetch_open_orders(ETH)
    used = upbit.fetch_balance()["used"]["KRW"]
    answered = upbit.cancel_order(rests["id"])
    return {
        "open": [order["id"] for order in opened] == [rests["id"]],
        "used": used,
        "answered": answered["status"],
        "then": upbit.fetch_order(rests["id"])["status"],
        "closed": rests["id"] in [order["id"] for order in upbit.fetch_canceled_orders(ETH)],
        "free": upbit.fetch_balance()["free"]["KRW"],
    }


def edit():
    rests = upbit.create_order(ETH, "limit", "buy", 0.01, 3_900_000)
    upbit.edit_order(rests["id"], ETH, "limit", "buy", 0.01, 3_800_000)
    return [order["price"] for order in upbit.fetch_open_orders(ETH)]


def tried():
    upbit.create_order(ETH, "market", "buy", None, None, {"cost": 50000, "test": True})
    return upbit.fetch_balance()["free"]["KRW"]


def errors():
    stranger = ccxt.upbit({"apiKey": access, "secret": "x" * 40})
    nobody = ccxt.upbit({"apiKey": "nobody", "secret": secret})
    for other in (stranger, nobody):
        other.urls["api"] = {"public": url, "private": url}
    upbit.load_markets()
    return {
        "funds": named(upbit.create_order, ETH, "market", "buy", None, None, {"cost": 2_000_000}),
        "coins": named(upbit.create_order, ETH, "market", "sell", 5),
        "small": named(upbit.create_order, ETH, "market", "buy", None, None, {"cost": 4_000}),
        "missing": named(upbit.fetch_order, "9ca023a5-851b-4fec-9f0a-48cd83c2eaae"),
        "side": named(upbit.private_post_orders, {"market": "KRW-ETH", "ord_type": "price", "price": "50000"}),
        "secret": named(stranger.fetch_balance),
        "key": named(nobody.fetch_balance),
        "parameter": named(upbit.public_get_ticker),
    }


print(json.dumps(globals()[part]()))
