"""The executor's way to Upbit: every answer has one meaning, and a request leaves once.

First against recorded answers, then the same promises against the paper exchange.
"""

import asyncio
import hashlib
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from unittest.mock import ANY

import httpx
import jwt
import polars as pl
import pytest
from pydantic import SecretStr

from services.executor.adapters.upbit_errors import ExchangeRefusal, ExchangeUnavailable
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.core.answers import Accepted, LookupFailure, NameTaken, NeverSent, Refused, SaidNo, Unknown
from services.executor.core.orders import Buy, Sell
from services.executor.core.risk import Approved, Case, check
from services.paper.app import create_app
from shared import refusals
from shared.candles import SCHEMA
from shared.catalogue import sentence
from shared.errors import Permanent, Transient
from shared.settings import Settings
from shared.upbit_pacing import PacedTransport
from tests.support.builders import AT, CYCLE, books, decision, position
from tests.support.fake_exchange import LIMITS, conditions

ACCESS, SECRET = "an-access-key-of-tests", "a-secret-key-of-tests-that-opens-nothing"
D = Decimal

CHANCE = {
    "bid_fee": "0.0005",
    "ask_fee": "0.0005",
    "maker_bid_fee": "0.0005",
    "maker_ask_fee": "0.0005",
    "market": {
        "id": "KRW-ETH",
        "name": "ETH/KRW",
        "order_sides": ["ask", "bid"],
        "bid_types": ["limit", "price"],
        "ask_types": ["limit", "market"],
        "bid": {"currency": "KRW", "min_total": "5000"},
        "ask": {"currency": "ETH", "min_total": "5000"},
        "max_total": "1000000000",
        "state": "active",
    },
    "bid_account": {"currency": "KRW", "balance": "1000000.0", "locked": "0", "avg_buy_price": "0"},
    "ask_account": {"currency": "ETH", "balance": "0.00400001", "locked": "0", "avg_buy_price": "0"},
}
BOOK = """[{"market":"KRW-ETH","timestamp":1751606867762,"total_ask_size":10.3,"total_bid_size":9.4,"level":0,
"orderbook_units":[{"ask_price":4001000,"bid_price":4000000.00000000,"ask_size":0.1,"bid_size":9.101e-05}]}]"""
# Upbit's own: the end of a market buy of 5,000 won.
BOUGHT = {
    "uuid": "cdd92199-2897-4e14-9448-f923320408ad",
    "side": "bid",
    "ord_type": "price",
    "price": "5000.0",
    "state": "cancel",
    "market": "KRW-ETH",
    "created_at": "2025-08-09T16:44:00+09:00",
    "volume": None,
    "remaining_volume": None,
    "reserved_fee": "2.5",
    "remaining_fee": "0.00037306",
    "paid_fee": "2.49962694",
    "locked": "0.74649306",
    "executed_volume": "0.00006637",
    "trades_count": 1,
    "identifier": CYCLE,
    "trades": [
        {
            "market": "KRW-ETH",
            "uuid": "t-1",
            "price": "75324000.0",
            "volume": "0.00006637",
            "funds": "4999.25388",
            "trend": "up",
            "created_at": "2025-08-09T16:44:00.597751+09:00",
            "side": "bid",
        }
    ],
}


class Wire(httpx.AsyncBaseTransport):
    """Answers every request with the same, or fails with it; keeps what was sent."""

    def __init__(self, answer=None):
        self.answer, self.sent = answer, []

    async def handle_async_request(self, request):
        self.sent.append(request)
        answer = self.answer(request) if callable(self.answer) else self.answer
        if isinstance(answer, Exception):
            raise answer
        return answer


def said(status, body, **headers):
    if isinstance(body, dict | list):
        return httpx.Response(status, json=body, headers=headers)
    return httpx.Response(status, text=body, headers=headers)


def error(status, name, message="…"):
    return said(status, {"error": {"name": name, "message": message}})


def exchange(wire):
    return UpbitExchange("http://upbit.test", ACCESS, SecretStr(SECRET), transport=wire)


def approved(order) -> Approved:
    limits = replace(LIMITS, position_max_krw=D(10**9), spread_max=D(1), depth_slippage_max=D(1))
    seen = books(profit_today=D(0), last_loss_at=None)
    verdict = check(
        Case(order, decision(), "running", AT, False, position(), seen, conditions(krw_free=D(10**9)), limits)
    )
    assert isinstance(verdict, Approved)
    return verdict


BUY = approved(Buy("KRW-ETH", CYCLE, D("50000.00")))
SELL = approved(Sell("KRW-ETH", CYCLE, D("0.0125")))


async def test_a_buy_leaves_as_upbit_wants_it():
    wire = Wire(said(201, BOUGHT))
    assert await exchange(wire).place(BUY) == Accepted()
    (request,) = wire.sent
    assert (request.method, request.url.path) == ("POST", "/v1/orders")
    assert json.loads(request.content) == {
        "market": "KRW-ETH",
        "ord_type": "price",
        "side": "bid",
        "price": "50000.00",
        "identifier": CYCLE,
    }
    token = jwt.decode(request.headers["authorization"].removeprefix("Bearer "), SECRET, algorithms=["HS256"])
    said_so = "&".join(f"{k}={v}" for k, v in json.loads(request.content).items())
    assert token["access_key"] == ACCESS
    assert token["query_hash"] == hashlib.sha512(said_so.encode()).hexdigest()


async def test_a_sell_leaves_with_every_digit_and_no_exponent():
    wire = Wire(said(201, BOUGHT))
    await exchange(wire).place(approved(Sell("KRW-ETH", CYCLE, D("1.25E-1"))))
    assert json.loads(wire.sent[0].content) == {
        "market": "KRW-ETH",
        "ord_type": "market",
        "side": "ask",
        "volume": "0.125",
        "identifier": CYCLE,
    }


ANSWERS = {
    "taken": (said(201, BOUGHT), Accepted),
    "no balance": (error(400, "insufficient_funds_bid"), SaidNo),
    "too small": (error(400, "under_min_total_ask"), SaidNo),
    "wrong secret": (error(401, "jwt_verification"), SaidNo),
    "address not allowed": (error(401, "no_authorization_ip"), SaidNo),
    "maintenance": (error(403, "market_offline"), SaidNo),
    "a name nobody has heard": (error(422, "something_new"), SaidNo),
    "used before": (error(400, "duplicated_identifier"), NameTaken),
    "sent twice by an edge": (error(401, "nonce_used"), SaidNo),
    "a bare number for a name": (error(404, 404), Unknown),
    "no name": (said(400, {"error": {}}), Unknown),
    "a gateway's page": (said(400, "<html>Bad Request</html>"), Unknown),
    "request timeout": (said(408, "timeout"), Unknown),
    "conflict": (said(409, "conflict"), Unknown),
    "blocked": (error(418, "blocked"), Unknown),
    "busy": (error(429, "too_many_requests"), NeverSent),
    "busy, as text": (said(429, "Too many API requests."), NeverSent),
    "inner error": (error(500, "internal_server_error"), Unknown),
    "bad gateway": (said(502, "<html>Bad Gateway</html>"), Unknown),
    "unavailable": (said(503, ""), Unknown),
    "moved": (said(307, "", location="http://upbit.test/v1/orders"), Unknown),
    "taken, but cut off": (httpx.Response(201, text='{"uuid":', headers={"content-type": "application/json"}), Unknown),
    "no connection": (httpx.ConnectError("refused"), NeverSent),
    "no connection in time": (httpx.ConnectTimeout("3 s"), NeverSent),
    "no free connection": (httpx.PoolTimeout("3 s"), NeverSent),
    "no answer in time": (httpx.ReadTimeout("10 s"), Unknown),
    "half sent": (httpx.WriteTimeout("10 s"), Unknown),
    "cut off": (httpx.ReadError("reset"), Unknown),
    "hung up": (httpx.RemoteProtocolError("Server disconnected without sending a response."), Unknown),
    "anything else": (RuntimeError("a bug"), Unknown),
}


@pytest.mark.parametrize("name", ANSWERS)
async def test_each_way_an_order_can_go_has_one_meaning_and_it_left_once(name):
    answer, meaning = ANSWERS[name]
    wire = Wire(answer)
    assert isinstance(await exchange(wire).place(SELL), meaning)
    assert len(wire.sent) == 1


async def test_a_refusal_carries_upbits_name_and_words():
    wire = Wire(error(400, "insufficient_funds_bid", "주문가능한 금액(KRW)이 부족합니다."))
    assert await exchange(wire).place(BUY) == SaidNo("insufficient_funds_bid", "주문가능한 금액(KRW)이 부족합니다.")


RECORDED = {
    "validation_error": "VALIDATION_ERROR",
    "thirdparty_agreement_required": "THIRDPARTY_AGREEMENT_REQUIRED",
    "out_of_scope": "KEY_LACKS_RIGHT",
    "order_not_found": "ORDER_NOT_FOUND",
    "insufficient_funds_ask": "INSUFFICIENT_FUNDS_ASK",
    "insufficient_funds_bid": "INSUFFICIENT_FUNDS_BID",
    "invalid_access_key": "UNKNOWN_KEY",
    "jwt_verification": "WRONG_SECRET",
}


async def test_every_recorded_error_of_upbit_has_a_code_and_a_sentence(data_dir):
    bodies = json.loads((data_dir / "fixtures/upbit/private/errors_from_ccxt.json").read_text(encoding="utf-8"))
    codes = {}
    for body in (body for body in bodies if isinstance(body["error"]["name"], str)):
        refused = await exchange(Wire(said(400, body))).place(BUY)
        told = refusals.reason_of_refusal(refused.name, refused.message)
        codes[body["error"]["name"]] = told.code
        assert sentence(told, "ko")
    assert codes == RECORDED


def shows(**changes):
    def answer(request):
        if request.url.path == "/v1/orders/chance":
            return changes.get("chance") or said(200, CHANCE)
        return changes.get("book") or httpx.Response(200, text=BOOK, headers={"content-type": "application/json"})

    return Wire(answer)


async def test_a_look_shows_the_rules_the_balances_and_the_book_exactly():
    seen = await exchange(shows()).conditions("KRW-ETH")
    assert (seen.market_state, seen.min_total_buy, seen.min_total_sell) == ("active", D(5000), D(5000))
    assert (seen.krw_free, seen.coin_free, seen.fee_rate_buy) == (D("1000000.0"), D("0.00400001"), D("0.0005"))
    assert seen.book.at == datetime(2025, 7, 4, 5, 27, 47, 762000, tzinfo=UTC)
    (level,) = seen.book.levels
    assert (level.ask_price, level.ask_size, level.bid_price) == (D(4001000), D("0.1"), D(4000000))
    assert level.bid_size == D("0.00009101")


@pytest.mark.parametrize(
    ("answer", "family"),
    [
        (said(401, {"error": {"name": 401, "message": "No key"}}), Permanent),
        (said(401, "<html>who are you</html>"), Transient),
        (said(403, "<html>blocked</html>"), Transient),
        (said(404, {"message": "no Route matched with those values"}), Transient),
        (said(403, {"error": "forbidden"}), Transient),
        (error(403, "market_offline"), Transient),
        (error(401, "nonce_used"), Transient),
        (error(429, "too_many_requests"), Transient),
        (error(418, "blocked"), Transient),
        (error(500, "internal_server_error"), Transient),
        (said(502, "<html>"), Transient),
        (said(200, "<html>welcome to the hotel</html>"), Transient),
        (said(200, {"bid_fee": "NaN"}), Transient),
        (httpx.ConnectError("refused"), Transient),
        (httpx.ReadTimeout("10 s"), Transient),
    ],
)
async def test_a_look_that_fails_says_whether_to_try_again(answer, family):
    with pytest.raises(family, match="KRW-ETH") as caught:
        await exchange(shows(chance=answer)).conditions("KRW-ETH")
    assert isinstance(caught.value, ExchangeUnavailable | ExchangeRefusal | Transient)


@pytest.mark.parametrize(
    "answer", [error(401, "expired_access_key"), error(401, "jwt_verification"), error(400, "notfoundmarket")]
)
async def test_a_look_that_will_never_work_is_a_refusal_by_name(answer):
    refused = await exchange(shows(chance=answer)).conditions("KRW-ETH")
    assert refused == Refused(answer.json()["error"]["name"], "…")


@pytest.mark.parametrize("book", ["[]", BOOK.replace("KRW-ETH", "KRW-BTC"), BOOK[: BOOK.index('{"ask_price"')] + "]}]"])
async def test_a_look_without_a_book_is_no_look(book):
    answer = httpx.Response(200, text=book, headers={"content-type": "application/json"})
    with pytest.raises(Transient):
        await exchange(shows(book=answer)).conditions("KRW-ETH")


async def test_an_order_is_found_by_our_own_name_for_it():
    wire = Wire(said(200, BOUGHT))
    placed = await exchange(wire).find(CYCLE)
    assert str(wire.sent[0].url) == f"http://upbit.test/v1/order?identifier={CYCLE}"
    assert (placed.side, placed.market, placed.state, placed.is_settled) == ("buy", "KRW-ETH", "cancel", True)
    assert (placed.executed_volume, placed.paid_fee) == (D("0.00006637"), D("2.49962694"))
    (trade,) = placed.trades
    assert trade.funds == D("4999.25388")
    assert trade.at == datetime(2025, 8, 9, 7, 44, 0, 597751, tzinfo=UTC)


async def test_a_bare_float_in_an_order_keeps_its_digits():
    trade = BOUGHT["trades"][0] | {"price": 75324000.1, "volume": 0.1, "funds": 7532400.01}
    placed = await exchange(Wire(said(200, BOUGHT | {"trades": [trade], "executed_volume": 0.1}))).find(CYCLE)
    assert (placed.trades[0].price, placed.trades[0].volume) == (D("75324000.1"), D("0.1"))
    assert placed.is_settled


@pytest.mark.parametrize(
    "answer",
    [
        error(404, "order_not_found"),
        error(401, "jwt_verification"),
        error(429, "too_many_requests"),
        error(500, "internal_server_error"),
        said(502, "<html>"),
        said(200, "<html>welcome to the hotel</html>"),
        said(200, {}),
        said(200, BOUGHT | {"side": "sideways"}),
        said(200, BOUGHT | {"identifier": "KRW-ETH-20260105T0200Z"}),  # the answer to another question
        said(200, BOUGHT | {"executed_volume": None}),
        said(200, BOUGHT | {"trades": [BOUGHT["trades"][0] | {"created_at": "2025-08-09T16:44:00"}]}),
        httpx.Response(200, text="{", headers={"content-type": "application/json"}),
        httpx.ReadTimeout("10 s"),
        httpx.ConnectError("refused"),
    ],
)
async def test_whatever_hides_an_order_is_no_word_and_no_guess(answer):
    word = await exchange(Wire(answer)).find(CYCLE)
    assert isinstance(word, LookupFailure)
    assert not word.blocked


async def test_being_blocked_is_told_apart():
    assert await exchange(Wire(error(418, "blocked"))).find(CYCLE) == LookupFailure("HTTP 418 blocked", blocked=True)


class Drip(httpx.AsyncByteStream):
    """A body that never ends, each byte in time."""

    async def __aiter__(self):
        while True:
            await asyncio.sleep(0.005)
            yield b" "


async def test_a_body_that_drips_in_without_end_is_given_up_and_the_order_is_unknown(monkeypatch):
    monkeypatch.setattr("services.executor.adapters.upbit_exchange.CALL_S", 0.05)
    monkeypatch.setattr("services.executor.adapters.upbit_exchange._LOOK_S", 0.05)
    drips = {"headers": {"content-type": "application/json"}}
    upbit = exchange(Wire(lambda _: httpx.Response(200, stream=Drip(), **drips)))
    assert await upbit.place(BUY) == Unknown("the whole answer did not come in time")
    assert await upbit.find(CYCLE) == LookupFailure("the whole answer did not come in time")
    with pytest.raises(ExchangeUnavailable, match="the whole answer did not come in time"):
        await upbit.conditions("KRW-ETH")


async def test_while_blocked_nothing_is_sent_and_each_call_says_so():
    wire = Wire(said(418, "Blocked for 40 seconds"))
    upbit = exchange(PacedTransport(wire))
    assert await upbit.find(CYCLE) == LookupFailure("HTTP 418", blocked=True)
    again = await upbit.find(CYCLE)
    assert again == LookupFailure("the exchange blocks requests of the group default for 40 s more", blocked=True)
    with pytest.raises(ExchangeUnavailable, match="blocks requests of the group default"):
        await upbit.conditions("KRW-ETH")
    assert len(wire.sent) == 1


async def test_an_order_whose_quota_is_used_up_has_not_left_for_certain():
    wire = Wire(said(429, "Too many API requests."))
    upbit = exchange(PacedTransport(wire))
    assert await upbit.place(BUY) == NeverSent("HTTP 429", reached_exchange=True)
    assert await upbit.place(BUY) == NeverSent("the quota of the group order is used up")
    assert len(wire.sent) == 1


@pytest.mark.parametrize("name", ANSWERS)
async def test_no_key_stands_in_any_message(name, caplog):
    caplog.set_level(logging.DEBUG)
    wire = Wire(ANSWERS[name][0])
    upbit = exchange(wire)
    told = [repr(await upbit.place(BUY)), repr(upbit)]
    told.append(repr(await upbit.find(CYCLE)) if name != "anything else" else "")
    token = wire.sent[0].headers["authorization"].removeprefix("Bearer ")
    for text in [*told, caplog.text]:
        assert ACCESS not in text
        assert SECRET not in text
        assert token not in text


# --- the same promises, kept by the paper exchange --------------------------------------------


@pytest.fixture
async def paper(tmp_path):
    start = datetime(2025, 9, 1, tzinfo=UTC)
    for market, price in (("KRW-ETH", 4_000_000.0), ("KRW-BTC", 120_000_000.0)):
        rows = [(start + timedelta(hours=n), price, price, price, price, 5.0) for n in range(72)]
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(tmp_path / f"{market}.parquet")
    settings = Settings.load(
        data_dir=tmp_path,
        paper_tape=",".join(str(tmp_path / f"{market}.parquet") for market in ("KRW-ETH", "KRW-BTC")),
        paper_clock="stepped",
        tape_from="2025-09-02T00:00Z",
    )
    app = create_app(settings)
    upbit = UpbitExchange(
        "http://paper.test",
        settings.paper_access_key,
        settings.paper_secret_key,
        transport=httpx.ASGITransport(app),
    )
    async with upbit.closing():
        yield upbit
    app.state.exchange.close()


async def test_on_paper_an_order_is_looked_at_placed_and_found(paper):
    before = await paper.conditions("KRW-ETH")
    assert before.market_state == "active"
    assert before.krw_free == D(1_000_000)
    assert await paper.place(BUY) == Accepted()
    placed = await paper.find(CYCLE)
    assert placed.is_settled
    assert (placed.side, placed.state) == ("buy", "cancel")
    funds = sum(trade.funds for trade in placed.trades)
    assert D(49_999) < funds <= D(50_000)
    assert placed.paid_fee == funds * D("0.0005")
    after = await paper.conditions("KRW-ETH")
    assert after.krw_free == before.krw_free - funds - placed.paid_fee
    assert after.coin_free == placed.executed_volume


async def test_on_paper_the_same_name_twice_is_one_order(paper):
    await paper.place(BUY)
    first = await paper.find(CYCLE)
    assert await paper.place(BUY) == NameTaken()
    assert await paper.find(CYCLE) == first


async def test_on_paper_a_refused_order_is_no_order_and_its_name_is_spent(paper):
    refused = await paper.place(approved(Buy("KRW-ETH", CYCLE, D(999_999))))
    assert isinstance(refused, SaidNo)
    assert refused.name == "insufficient_funds_bid"
    assert isinstance(await paper.find(CYCLE), LookupFailure)
    assert await paper.place(BUY) == NameTaken()


async def test_on_paper_coins_that_are_not_there_cannot_be_sold(paper):
    refused = await paper.place(SELL)
    assert isinstance(refused, SaidNo)
    assert refused.name == "insufficient_funds_ask"


async def test_on_paper_an_unknown_market_is_for_good(paper):
    assert await paper.conditions("KRW-NOSUCH") == Refused("notfoundmarket", ANY)


# --- the list of our orders --------------------------------------------------------------------

LISTED = {name: value for name, value in BOUGHT.items() if name != "trades"}
DATE = {"Date": "Sat, 09 Aug 2025 08:00:00 GMT"}
LONG_AGO = datetime(2025, 8, 1, tzinfo=UTC)


def lists(closed=(), open_=()):
    """An exchange with these orders; a list longer than a page is given page by page, as Upbit does."""

    def answer(request):
        asked = request.url.params
        if request.url.path == "/v1/orders/open":
            begin = (int(asked["page"]) - 1) * 100
            return said(200, list(open_)[begin : begin + 100], **DATE)
        since, until = (datetime.fromisoformat(asked[name]) for name in ("start_time", "end_time"))
        assert timedelta(0) < until - since <= timedelta(days=7)
        assert (asked["order_by"], asked["limit"]) == ("asc", "1000")
        shown = [row for row in closed if since <= datetime.fromisoformat(row["created_at"]) <= until]
        return said(200, sorted(shown, key=lambda row: row["created_at"])[:1000], **DATE)

    return Wire(answer)


async def test_the_list_holds_our_orders_open_and_over_and_passes_the_owners_own():
    wire = lists(
        closed=[
            LISTED,
            LISTED | {"uuid": "u-2", "identifier": None, "executed_volume": None},
            LISTED | {"uuid": "u-3", "identifier": "by-hand", "side": "?"},
            LISTED | {"uuid": "u-4", "market": "KRW-BTC"},  # a name of ours holds its market
        ],
        open_=[LISTED | {"uuid": "u-5", "identifier": "KRW-ETH-20250809T074501Z-exit", "side": "ask", "state": "wait",
                         "executed_volume": "0", "created_at": "2025-08-09T16:45:01+09:00"}],
    )  # fmt: skip
    listed = await exchange(wire).list_orders(LONG_AGO)
    assert listed.at == datetime(2025, 8, 9, 8, tzinfo=UTC)
    bought, exit_ = listed.orders
    assert (bought.client_order_id, bought.side, bought.state, bought.is_over) == (CYCLE, "buy", "cancel", True)
    assert (bought.executed_volume, bought.exchange_order_id) == (D("0.00006637"), BOUGHT["uuid"])
    assert bought.created_at == datetime(2025, 8, 9, 7, 44, tzinfo=UTC)
    assert (exit_.client_order_id, exit_.side, exit_.is_over) == ("KRW-ETH-20250809T074501Z-exit", "sell", False)


@pytest.mark.parametrize(("since", "windows"), [(datetime(2025, 8, 9, tzinfo=UTC), 1), (LONG_AGO, 2), (AT, 1),
                                                (datetime(2000, 1, 1, tzinfo=UTC), 13)])  # fmt: skip
async def test_a_list_reaches_back_a_week_at_least_and_a_quarter_at_most(since, windows):
    wire = lists()
    await exchange(wire).list_orders(since)
    assert sum(request.url.path == "/v1/orders/closed" for request in wire.sent) == windows


async def test_lists_longer_than_a_page_are_read_to_their_end():
    begin = datetime(2025, 8, 8, tzinfo=UTC)
    names = [f"KRW-ETH-{begin + timedelta(seconds=n):%Y%m%dT%H%M%SZ}-exit" for n in range(2400)]

    def row(n):
        at = (begin + timedelta(seconds=n)).isoformat()
        return LISTED | {"uuid": f"u-{n}", "identifier": names[n], "created_at": at}

    wire = lists(closed=[row(n) for n in range(150, 2400)], open_=[row(n) | {"state": "wait"} for n in range(150)])
    listed = await exchange(wire).list_orders(begin)
    assert [order.client_order_id for order in listed.orders] == names


async def test_a_list_that_does_not_get_on_is_no_list():
    same = [LISTED | {"uuid": f"u-{n}"} for n in range(1001)]
    with pytest.raises(ExchangeUnavailable, match="no more than 1000"):
        await exchange(lists(closed=same)).list_orders(LONG_AGO)


@pytest.mark.parametrize(
    "odd",
    [
        {"side": "sideways"},
        {"executed_volume": None},
        {"executed_volume": "-1"},
        {"executed_volume": "NaN"},
        {"created_at": "2025-08-09T16:44:00"},
        {"created_at": None},
        {"uuid": None},
        {"state": []},
    ],
)
async def test_an_order_of_ours_that_cannot_be_read_is_no_list_rather_than_a_list_without_it(odd):
    wire = Wire(lambda request: said(200, [LISTED | odd] if "open" in request.url.path else [], **DATE))
    with pytest.raises(Transient, match="listing the orders"):
        await exchange(wire).list_orders(LONG_AGO)


@pytest.mark.parametrize(
    ("answer", "family"),
    [
        (said(200, {"error": "none"}, **DATE), Transient),
        (said(200, [[]], **DATE), Transient),
        (said(200, "<html>", **DATE), Transient),
        (said(200, []), Transient),  # without its time
        (error(429, "too_many_requests"), Transient),
        (error(500, "internal_server_error"), Transient),
        (error(401, "out_of_scope"), Permanent),
        (httpx.ReadTimeout("10 s"), Transient),
    ],
)
async def test_a_list_that_fails_says_whether_to_try_again(answer, family):
    with pytest.raises(family, match="orders"):
        await exchange(Wire(answer)).list_orders(LONG_AGO)


async def test_on_paper_orders_are_listed_as_they_are_found(paper):
    assert (await paper.list_orders(LONG_AGO)).orders == ()
    await paper.place(BUY)
    listed = await paper.list_orders(LONG_AGO)
    (order,), placed = listed.orders, await paper.find(CYCLE)
    assert (order.client_order_id, order.side, order.state) == (CYCLE, "buy", placed.state)
    assert (order.executed_volume, order.exchange_order_id) == (placed.executed_volume, placed.exchange_order_id)
    assert listed.at == order.created_at == datetime(2025, 9, 2, tzinfo=UTC)
