"""Whatever an answer of Upbit's looks like, what leaves an adapter is what it promises, or an error of its own family.

Real bodies, changed in one place or in their bytes. And what it gives is true of money: no price is 0, negative or
endless; and no page of another server says anything about our key or the market.
"""

import asyncio
import io
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import httpx
import numpy as np
import polars as pl
import pytest
import requests
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from services.clock.adapters.public_prices import NoPrices, PublicPrices
from services.clock.adapters.ticker_socket import TickerSocket
from services.collector import ports
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.adapters.upbit_market import UpbitMarket
from services.executor.adapters.upbit_account_probe import UpbitAccountProbe
from services.executor.adapters.upbit_answers import BadAnswer
from services.executor.adapters.upbit_errors import ExchangeRefusal, ExchangeUnavailable
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.core.answers import Accepted, LookupFailure, NameTaken, NeverSent, Refused, SaidNo, Unknown
from services.executor.core.live_checks import KeyInfo, No, Yes
from services.executor.core.orders import Buy, OrderList, PlacedOrder
from services.executor.core.risk import Approved
from services.paper.adapters.upbit_quotes import NoQuotes, UpbitQuotes
from shared.errors import Transient
from shared.events import Balances
from tests.support.odd import is_foreign, odd_answer, odd_body, real, written

D = Decimal
BTC = "KRW-BTC"
NOW = datetime(2026, 11, 28, 3, tzinfo=UTC)
MINUTES = "rest/candles_upbit_1m_20200220_202000-20200220_210000.json"
SECRET = SecretStr("s" * 40)
# The same ones each time: what a wider hunt finds is made a case of its own.
EVERY = settings(
    max_examples=int(os.environ.get("UPCYCLE_ODD", "30")),
    deadline=None,
    derandomize="UPCYCLE_ODD" not in os.environ,
    suppress_health_check=list(HealthCheck),
    database=None,
)
FILES = {
    "/v1/orderbook": "rest/GetOrderBook.json",
    "/v1/ticker": "rest/GetTickers.json",
    "/v1/market/all": "rest/GetSymbols.json",
    "/v1/candles/days": MINUTES,
    "/v1/candles/minutes/60": MINUTES,
    "/v1/candles/minutes/1": MINUTES,
    "/v1/accounts": "private/accounts_old_names_2018.json",
    "/v1/orders/chance": "private/orders_chance.json",
    "/v1/order": "private/order_get_market_sell_done_2025.json",
    "/v1/orders": "private/order_create_limit_bid_wait.json",
    "/v1/orders/test": "private/order_create_limit_bid_wait.json",
    "/v1/orders/open": "private/orders_open.json",
    "/v1/orders/closed": "private/orders_closed_ioc_cancel.json",
}
DOCUMENTED = {  # of which nothing was recorded
    "/v1/api_keys": [{"access_key": "mine", "expire_at": "2027-06-25T11:22:54+09:00"}],
    "/v1/withdraws/coin_addresses": [{"currency": "BTC", "net_type": "BTC", "withdraw_address": "1A"}],
}
HEAD = {"Date": "Sat, 28 Nov 2026 03:00:00 GMT", "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def runner():
    with asyncio.Runner() as running:
        yield running


@pytest.fixture(scope="module")
def bodies(data_dir):
    found = {path: real(data_dir, file) for path, file in FILES.items()} | DOCUMENTED
    found["/v1/ticker"] = [row for row in found["/v1/ticker"] if row["market"] == BTC]
    krw = {"currency": "KRW", "balance": "1000000.0", "locked": "0.0"}
    return found | {"/v1/accounts": [krw, *found["/v1/accounts"]]}


class Wire:
    """Real answers, and one odd one."""

    def __init__(self, bodies):
        self.good = {path: (200, HEAD, written(body)) for path, body in bodies.items()}
        self.odd = {}

    def __call__(self, request):
        status, headers, content = (self.good | self.odd)[request.url.path]
        return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))

    @property
    def transport(self):
        return httpx.MockTransport(self)


def prices_of(*levels):
    return [price for level in levels for price in (level.ask_price, level.bid_price)]


def market(wire):
    return UpbitMarket(base_url="http://upbit.test", access_key="a", secret_key="s" * 40, transport=wire.transport)


def exchange(wire):
    return UpbitExchange("http://upbit.test", "a", SECRET, transport=wire.transport)


def public(wire):
    return PublicPrices(httpx.AsyncClient(base_url="http://upbit.test", transport=wire.transport))


def witness(wire):
    return UpbitAccountProbe("http://upbit.test", "mine", SECRET, wire.transport)


def buy():
    approved = object.__new__(Approved)
    object.__setattr__(approved, "order", Buy(BTC, "n", D(50000)))
    return approved


def lows(candles):
    return np.minimum.reduce([candles.open, candles.high, candles.low, candles.close]).tolist()


def lows_of_frame(frame):
    return frame.select(pl.min_horizontal("open", "high", "low", "close")).to_series().to_list()


def looked(seen):
    return [] if isinstance(seen, Refused) else prices_of(*seen.book.levels)


def valued(held):
    return [price for _, _, price in held.coins]


def traded(order):
    return [trade.price for trade in order.trades] if isinstance(order, PlacedOrder) else one_of(LookupFailure)(order)


def one_of(*kinds):
    """A check that gives no price."""

    def check(answer):
        assert isinstance(answer, kinds), answer
        return []

    return check


class Question(NamedTuple):
    """path: of the answer that is odd. errors: the adapter's own. prices: in what it gives."""

    path: str
    ask: Callable[[Wire], Awaitable[Any]]
    errors: tuple[type[Exception], ...]
    prices: Callable[[Any], list[Any]]


COLLECTORS = (
    *(ports.UnknownMarket, ports.KeyRefused, ports.RequestRefused),
    *(ports.ExchangeBusy, ports.ExchangeUnreachable, ports.UnreadableAnswer),
)
EXECUTORS = (BadAnswer, ExchangeUnavailable, ExchangeRefusal)
BEGIN, END = datetime(2020, 2, 20, 11, 30, tzinfo=UTC), datetime(2020, 2, 20, 11, 50, tzinfo=UTC)
SAID = one_of(Yes, No)
QUESTIONS = {
    "book": Question("/v1/orderbook", lambda w: market(w).order_book(BTC), COLLECTORS, lambda b: prices_of(*b.levels)),
    "price": Question("/v1/ticker", lambda w: market(w).last_price(BTC), COLLECTORS, lambda price: [price]),
    "warned": Question("/v1/market/all", lambda w: market(w).is_warned(BTC), COLLECTORS, one_of(bool)),
    "balances": Question("/v1/accounts", lambda w: market(w).balances(BTC), COLLECTORS, one_of(Balances)),
    "days": Question("/v1/candles/days", lambda w: market(w).candles(BTC, 1440, to=NOW, count=200), COLLECTORS, lows),
    "hours": Question(
        "/v1/candles/minutes/60", lambda w: market(w).candles(BTC, 60, to=NOW, count=200), COLLECTORS, lows
    ),
    "look, rules": Question("/v1/orders/chance", lambda w: exchange(w).conditions(BTC), EXECUTORS, looked),
    "look, book": Question("/v1/orderbook", lambda w: exchange(w).conditions(BTC), EXECUTORS, looked),
    "holdings": Question("/v1/accounts", lambda w: exchange(w).holdings((BTC,)), EXECUTORS, valued),
    "holdings, prices": Question("/v1/ticker", lambda w: exchange(w).holdings((BTC,)), EXECUTORS, valued),
    "open orders": Question("/v1/orders/open", lambda w: exchange(w).list_orders(NOW), EXECUTORS, one_of(OrderList)),
    "closed orders": Question(
        "/v1/orders/closed", lambda w: exchange(w).list_orders(NOW), EXECUTORS, one_of(OrderList)
    ),
    "find": Question("/v1/order", lambda w: exchange(w).find("n"), (), traded),
    "place": Question(
        "/v1/orders", lambda w: exchange(w).place(buy()), (), one_of(Accepted, SaidNo, NameTaken, Unknown, NeverSent)
    ),
    "cancel": Question("/v1/order", lambda w: exchange(w).cancel("n"), (), one_of(type(None))),
    "key": Question("/v1/api_keys", lambda w: witness(w).key(), (), one_of(KeyInfo, No)),
    "withdrawals": Question("/v1/withdraws/coin_addresses", lambda w: witness(w).withdrawals(), (), SAID),
    "test order": Question("/v1/orders/test", lambda w: witness(w).test_order(BTC, D(5000)), (), SAID),
    "tickers": Question(
        "/v1/ticker", lambda w: public(w).tickers((BTC,)), (NoPrices,), lambda seen: [found.price for found in seen]
    ),
    "bars": Question(
        "/v1/candles/minutes/1",
        lambda w: public(w).highest(BTC, BEGIN, END),
        (NoPrices,),
        lambda high: [] if high is None else [high],
    ),
}


def is_price(value):
    return 0 < value < D("1e13")


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_real_answers_are_read(name, bodies, runner):
    question = QUESTIONS[name]
    given_back = runner.run(question.ask(Wire(bodies)))
    assert not isinstance(given_back, No | LookupFailure | Refused | Unknown | NeverSent)
    assert all(map(is_price, question.prices(given_back)))


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_odd_answer_is_an_error_of_the_adapters_own_or_none(name, bodies, runner, monkeypatch):
    question, wire = QUESTIONS[name], Wire(bodies)
    monkeypatch.setattr("upbit._base_client.AsyncAPIClient._sleep_for_retry", no_pause)

    @EVERY
    @given(odd=odd_answer(bodies[question.path]))
    def every(odd):
        wire.odd = {question.path: odd}
        fault = None
        try:
            given_back = runner.run(question.ask(wire))
        except question.errors as e:
            fault = e
        if fault is None:
            assert all(map(is_price, question.prices(given_back)))
        else:
            assert says_no_more_than_it_knows(fault, odd)

    every()


def says_no_more_than_it_knows(fault, odd):
    """Whether a page that is not Upbit's own word is something that may work later, in a line that can be printed."""
    status, _, content = odd
    return (isinstance(fault, Transient) or not is_foreign(status, content)) and str(fault).isprintable()


async def no_pause(*_, **__):
    """The SDK's pauses between two tries."""


def test_an_odd_frame_is_passed_over_by_the_socket(data_dir):
    frame = real(data_dir, "ws/Tickers.json")["frame"] | {"code": BTC}

    @EVERY
    @given(odd=odd_body(frame).map(written) | st.binary(max_size=20) | st.text(max_size=20))
    def every(odd):
        socket = TickerSocket("http://upbit.test", (BTC,), None)
        socket._take(odd)
        assert all(is_price(price) for span in socket._news.values() for price in span.prices())
        assert socket._news.keys() <= {BTC}

    every()


def test_odd_hours_are_an_error_of_the_collectors_own_or_left_out(bodies, runner, monkeypatch):
    pages, said = PyupbitHours("http://upbit.test", retries_s=()), []

    def get(*_, **__):
        status, headers, content = said[-1]
        answer = requests.Response()
        answer.status_code, answer.headers = status, requests.structures.CaseInsensitiveDict(headers)
        answer.raw = urllib3.HTTPResponse(io.BytesIO(content), headers=headers, status=status, preload_content=False)
        return answer

    monkeypatch.setattr("requests.get", get)

    @EVERY
    @given(odd=odd_answer(bodies["/v1/candles/minutes/60"][:5]))
    def every(odd):
        said.append(odd)
        fault = None
        try:
            frame = runner.run(pages.hours(BTC, NOW))
        except COLLECTORS as e:
            fault = e
        assert says_no_more_than_it_knows(fault, odd) if fault else all(map(is_price, lows_of_frame(frame)))

    every()


@pytest.mark.parametrize("path", ["/v1/orderbook", "/v1/candles/minutes/60", "/v1/candles/minutes/1"])
def test_odd_quotes_are_no_quotes_for_the_paper_exchange(path, bodies):
    minutes = bodies["/v1/candles/minutes/1"]
    hours = [
        bar | {"candle_date_time_utc": f"{END - n * timedelta(hours=1):%Y-%m-%dT%H:00:00}"}
        for n, bar in enumerate(minutes)
    ]
    bodies = bodies | {"/v1/candles/minutes/60": hours}
    wire = Wire(bodies)
    quotes = UpbitQuotes("http://upbit.test", [BTC], pause_s=0)
    quotes._http = httpx.Client(base_url="http://upbit.test", transport=wire.transport)
    quotes.first(NOW, timedelta(hours=1))

    @EVERY
    @given(odd=odd_answer(bodies[path]))
    def every(odd):
        wire.odd = {path: odd}
        try:
            quotes.next(NOW)
            books = quotes.books(NOW)
        except NoQuotes:
            return
        assert all(map(is_price, prices_of(*books.at(BTC, NOW))))

    every()
