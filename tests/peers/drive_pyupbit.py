"""Runs in the peers' venv: pyupbit, whose addresses are literals, with its transport pointed at the paper exchange.

python drive_pyupbit.py PART URL ACCESS SECRET
"""

import json
import sys

import pyupbit
import requests
from pyupbit import request_api

part, url, access, secret = sys.argv[1:]


class Pointed:
    """What pyupbit calls `requests`, with another host."""

    def __getattr__(self, method):
        def call(address, **kwargs):
            return getattr(requests, method)(address.replace("https://api.upbit.com", url), **kwargs)

        return call


request_api.requests = Pointed()
upbit = pyupbit.Upbit(access, secret)
ETH = "KRW-ETH"


def quotes():
    hours, days = pyupbit.get_ohlcv(ETH, "minute60", count=5), pyupbit.get_ohlcv(ETH, "day", count=5)
    book = pyupbit.get_orderbook(ETH)
    return {
        "tickers": sorted(pyupbit.get_tickers("KRW")),
        "price": pyupbit.get_current_price(ETH),
        "levels": len(book["orderbook_units"]),
        "hours": [len(hours), list(hours.columns), str(hours.index[-1])],
        "days": [len(days), str(days.index[-1])],
        "pages": len(pyupbit.get_ohlcv(ETH, "minute60", count=240)),
    }


def prices():
    """It sends a list as a parameter that stands several times."""
    return pyupbit.get_current_price([ETH, "KRW-BTC"])


def weeks():
    return [str(start) for start in pyupbit.get_ohlcv(ETH, "week", count=2).index]


def market_orders():
    bought = upbit.buy_market_order(ETH, 50000)
    held = upbit.get_balance(ETH)
    sold = upbit.sell_market_order(ETH, held)
    return {
        "bought": [bought["side"], bought["ord_type"], bought["state"]],
        "held": held > 0,
        "sold": [sold["side"], sold["ord_type"]],
        "rest": upbit.get_balance(ETH),
        "won": upbit.get_balance("KRW") < 1_000_000,
        "average": upbit.get_avg_buy_price("KRW"),
    }


def private_reads():
    bought = upbit.buy_market_order(ETH, 50000)
    return [upbit.get_order(bought["uuid"])["state"], upbit.get_chance(ETH)["market"]["id"]]


def keys():
    return upbit.get_api_key_list()[0]["access_key"] == access


def cancel():
    """Its cancel sends a body with DELETE, and hands the refusal back as if it were an order."""
    rests = upbit.buy_limit_order(ETH, 3_900_000, 0.01)
    said = upbit.cancel_order(rests["uuid"])
    return [said["error"]["name"], upbit.get_balance_t("KRW"), upbit.get_balance("KRW")]


def errors():
    nobody = pyupbit.Upbit(access, "x" * 40)
    return {
        "funds": upbit.buy_market_order(ETH, 2_000_000),
        "small": upbit.buy_market_order(ETH, 4_000),
        "coins": upbit.sell_market_order(ETH, 5),
        "secret": nobody.get_balance("KRW"),
        "tick": upbit.buy_limit_order(ETH, 1_234_500, 0.01),
    }


print(json.dumps(globals()[part]()))
