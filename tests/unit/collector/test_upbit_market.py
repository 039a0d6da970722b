"""Upbit's answers become exact money, checked candles and this stage's own errors."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from services.collector.adapters.upbit_market import UpbitMarket
from services.collector.ports import (
    ExchangeBusy,
    ExchangeUnreachable,
    KeyRefused,
    RequestRefused,
    UnknownMarket,
    UnreadableAnswer,
)
from shared.candle_arrays import NO_CANDLES

KEYS = {"access_key": "access-key-of-a-test", "secret_key": "secret-key-of-a-test-with-forty-characters"}
TO = datetime(2020, 2, 20, 12, tzinfo=UTC)


def upbit(answer, *, asked=None):
    """An exchange that answers everything alike; `asked` gets the requests."""

    def respond(request):
        if asked is not None:
            asked.append(request)
        return answer(request) if callable(answer) else answer

    return UpbitMarket(base_url="https://exchange.test", transport=httpx.MockTransport(respond), **KEYS)


def captured(data_dir, name):
    return json.loads((data_dir / "fixtures" / "upbit" / "rest" / name).read_text())


def ok(body, **headers):
    # as text, because a float must reach the adapter with the digits the exchange wrote
    text = body if isinstance(body, str) else json.dumps(body)
    return httpx.Response(200, text=text, headers={"Content-Type": "application/json", **headers})


def account(currency, balance, locked="0"):
    return {"currency": currency, "balance": balance, "locked": locked, "avg_buy_price": "0", "unit_currency": "KRW"}


def bar(start, *, price=11_471_000.0, unit=1):
    return {
        "market": "KRW-BTC",
        "candle_date_time_utc": start,
        "opening_price": price,
        "high_price": price,
        "low_price": price,
        "trade_price": price,
        "timestamp": 1582199998830,
        "candle_acc_trade_volume": 0.5,
        "unit": unit,
    }


NOON = {"Date": "Mon, 05 Jan 2026 03:00:00 GMT"}


# --- order book --------------------------------------------------------------------------------


async def test_the_real_order_book_is_read_to_the_last_digit_with_upbits_own_time(data_dir):
    asked = []
    async with upbit(ok(captured(data_dir, "GetOrderBook.json")["body"]), asked=asked) as exchange:
        book = await exchange.order_book("KRW-BTC")
    assert (asked[0].url.path, dict(asked[0].url.params)) == ("/v1/orderbook", {"markets": "KRW-BTC"})
    assert book.at == datetime(2025, 7, 4, 5, 27, 47, 762000, tzinfo=UTC)
    assert len(book.levels) == 30
    best = book.levels[0]
    assert (best.ask_price, best.bid_price) == (Decimal("148520000"), Decimal("148490000"))
    assert (best.ask_size, best.bid_size) == (Decimal("0.0134662"), Decimal("0.04296774"))
    assert sum(level.ask_size for level in book.levels) == Decimal("10.37591054")


async def test_floats_on_the_wire_become_exact_money():
    unit = '{"ask_price": 0.30000000000000004, "ask_size": 9.101e-05, "bid_price": 0.1, "bid_size": 46784000.00000000}'
    body = f'[{{"market": "KRW-XRP", "timestamp": 1751606867762, "orderbook_units": [{unit}]}}]'
    async with upbit(ok(body)) as exchange:
        (level,) = (await exchange.order_book("KRW-XRP")).levels
    assert (level.ask_price, level.ask_size) == (Decimal("0.30000000000000004"), Decimal("0.00009101"))
    assert (level.bid_price, level.bid_size) == (Decimal("0.1"), Decimal("46784000"))
    assert all(isinstance(value, Decimal) for value in level.model_dump().values())


async def test_an_empty_book_is_unreadable():
    async with upbit(ok([{"market": "KRW-ETH", "timestamp": 1751606867762, "orderbook_units": []}])) as exchange:
        with pytest.raises(UnreadableAnswer, match="KRW-ETH"):
            await exchange.order_book("KRW-ETH")


# --- balances ----------------------------------------------------------------------------------


async def test_balances_are_exact_and_carry_the_exchanges_time():
    asked = []
    body = [account("KRW", "1000000.12345678", "0.1"), account("ETH", "0.00400000", "0.001"), account("BTC", "7")]
    async with upbit(ok(body, **NOON), asked=asked) as exchange:
        told = await exchange.balances("KRW-ETH")
    assert asked[0].url.path == "/v1/accounts"
    assert asked[0].headers["Authorization"].startswith("Bearer ")
    assert told.at == datetime(2026, 1, 5, 3, tzinfo=UTC)
    assert (told.krw_free, told.krw_locked) == (Decimal("1000000.12345678"), Decimal("0.1"))
    assert (told.coin_free, told.coin_locked) == (Decimal("0.004"), Decimal("0.001"))


async def test_balances_given_as_floats_stay_exact():
    body = f"[{json.dumps(account('KRW', 0)).replace('0,', '1234567.1,', 1)}]"
    async with upbit(ok(body, **NOON)) as exchange:
        told = await exchange.balances("KRW-ETH")
    assert told.krw_free == Decimal("1234567.1")
    assert told.model_dump(mode="json")["krw_free"] == "1234567.1"


async def test_what_the_account_does_not_hold_is_zero():
    async with upbit(ok([], **NOON)) as exchange:
        told = await exchange.balances("KRW-ETH")
    assert (told.krw_free, told.krw_locked, told.coin_free, told.coin_locked) == (0, 0, 0, 0)


async def test_balances_without_a_time_or_a_number_are_unreadable():
    for answer in (ok([account("KRW", "1")]), ok([account("KRW", None)], **NOON), ok({}, **NOON)):
        async with upbit(answer) as exchange:
            with pytest.raises(UnreadableAnswer):
                await exchange.balances("KRW-ETH")


# --- price and flags ---------------------------------------------------------------------------


async def test_the_last_price_is_exact(data_dir):
    ticker = captured(data_dir, "GetTickers.json")["body"][0]
    asked = []
    async with upbit(ok([ticker]), asked=asked) as exchange:
        price = await exchange.last_price("KRW-BTC")
    assert (price, type(price)) == (Decimal("148601000"), Decimal)
    assert dict(asked[0].url.params) == {"markets": "KRW-BTC"}


async def test_a_market_flagged_by_upbit_is_warned(data_dir):
    asked = []
    async with upbit(ok(captured(data_dir, "GetSymbols.json")["body"]), asked=asked) as exchange:
        assert await exchange.is_warned("KRW-BTC") is False
        assert await exchange.is_warned("KRW-ETH") is True
        with pytest.raises(UnknownMarket, match="KRW-NOPE"):
            await exchange.is_warned("KRW-NOPE")
    assert asked[0].url.params["is_details"] == "true"


async def test_a_market_list_without_flags_is_not_taken_for_no_warning():
    async with upbit(ok([{"market": "KRW-ETH", "korean_name": "", "english_name": "Ethereum"}])) as exchange:
        with pytest.raises(UnreadableAnswer):
            await exchange.is_warned("KRW-ETH")


# --- candles -----------------------------------------------------------------------------------


async def test_real_minute_candles_come_newest_first_and_are_put_in_order(data_dir):
    asked = []
    name = "candles_upbit_1m_20200220_202000-20200220_210000.json"
    async with upbit(ok(captured(data_dir, name)), asked=asked) as exchange:
        read = await exchange.candles("KRW-BTC", 1, to=TO, count=200)
    assert asked[0].url.path == "/v1/candles/minutes/1"
    assert dict(asked[0].url.params) == {"market": "KRW-BTC", "to": "2020-02-20T12:00:00Z", "count": "200"}
    assert read.opened.tolist() == sorted(read.opened.tolist())
    assert [*read.rows()][-1] == (
        datetime(2020, 2, 20, 11, 59, tzinfo=UTC),
        11_471_000.0,
        11_471_000.0,
        11_466_000.0,
        11_467_000.0,
        0.94820557,
    )


async def test_days_and_hours_have_their_own_paths():
    asked = []
    async with upbit(ok([bar("2020-02-19T00:00:00")]), asked=asked) as exchange:
        await exchange.candles("KRW-BTC", 1440, to=TO, count=200)
        await exchange.candles("KRW-BTC", 60, to=TO, count=200)
    assert [request.url.path for request in asked] == ["/v1/candles/days", "/v1/candles/minutes/60"]


async def test_no_candles_are_empty_arrays():
    async with upbit(ok([])) as exchange:
        read = await exchange.candles("KRW-BTC", 15, to=TO, count=200)
    assert read == NO_CANDLES


async def test_a_candle_given_twice_counts_once():
    twice = [bar("2020-02-20T11:59:00"), bar("2020-02-20T11:58:00"), bar("2020-02-20T11:58:00")]
    async with upbit(ok(twice)) as exchange:
        assert len(await exchange.candles("KRW-BTC", 1, to=TO, count=200)) == 2


@pytest.mark.parametrize("body", [[bar("2020-02-20T11:59:00", price=0)], [bar("noon")], [{"market": "KRW-BTC"}], "{}"])
async def test_impossible_candles_are_unreadable(body):
    async with upbit(ok(body)) as exchange:
        with pytest.raises(UnreadableAnswer, match="KRW-BTC"):
            await exchange.candles("KRW-BTC", 1, to=TO, count=200)


# --- refusals ----------------------------------------------------------------------------------


def refusal(status, name):
    return httpx.Response(status, json={"error": {"name": name, "message": "…"}}, headers={"Retry-After": "0.01"})


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        (refusal(404, 404), UnknownMarket, "KRW-ETH"),
        (refusal(400, "notfoundmarket"), UnknownMarket, "KRW-ETH"),
        (refusal(400, 400), RequestRefused, "400 400 about KRW-ETH"),
        (refusal(429, "too_many_requests"), ExchangeBusy, "429 too_many_requests"),
        (httpx.Response(429, text="Too many API requests.", headers={"Retry-After": "0.01"}), ExchangeBusy, "429"),
        (httpx.Response(418, text="blocked"), ExchangeBusy, "418"),
        (httpx.Response(503, text="<html>", headers={"Retry-After": "0.01"}), ExchangeBusy, "503"),
        (refusal(403, "market_offline"), ExchangeBusy, "market_offline"),
        (refusal(401, "no_authorization_ip"), KeyRefused, "no_authorization_ip"),
        (refusal(403, "out_of_scope"), KeyRefused, "out_of_scope"),
        (refusal(401, "nonce_used"), ExchangeBusy, "nonce_used"),
        (refusal(404, "not_found"), RequestRefused, "404 not_found"),
        (httpx.Response(401, text="<html>"), ExchangeUnreachable, "another server"),
        (httpx.Response(403, text="<html>"), ExchangeUnreachable, "another server"),
        (httpx.Response(404, text="<html>"), ExchangeUnreachable, "another server"),
        (httpx.Response(404, json={"message": "no Route matched"}), ExchangeUnreachable, "another server"),
        (httpx.Response(302, headers={"Location": "http://portal.test/login"}), ExchangeUnreachable, "another server"),
    ],
)
async def test_every_refusal_says_what_should_happen_next(answer, error, text):
    async with upbit(answer) as exchange:
        with pytest.raises(error, match=text) as refused:
            await exchange.last_price("KRW-ETH")
    assert not any(key in str(refused.value) for key in KEYS.values())


async def test_a_refused_key_is_named_by_upbits_reason_and_never_shown():
    async with upbit(refusal(401, "invalid_access_key")) as exchange:
        with pytest.raises(KeyRefused) as refused:
            await exchange.balances("KRW-ETH")
    assert str(refused.value) == "the exchange refused the key: invalid_access_key"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(401, "invalid_access_key"), "UNKNOWN_KEY"),
        (refusal(401, "jwt_verification"), "WRONG_SECRET"),
        (refusal(401, "expired_access_key"), "EXPIRED_KEY"),
        (refusal(401, "no_authorization_ip"), "IP_REFUSED"),
        (refusal(403, "out_of_scope"), "KEY_LACKS_RIGHT"),
        (refusal(404, 404), "MARKET_UNKNOWN"),
        (refusal(401, "something_new"), "STAGE_GAVE_UP"),
    ],
)
async def test_a_refusal_that_we_know_ends_the_cycle_with_its_own_code_and_words(answer, code):
    async with upbit(answer) as exchange:
        with pytest.raises((KeyRefused, UnknownMarket)) as refused:
            await exchange.balances("KRW-ETH")
    assert refused.value.code == code


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError])
async def test_no_answer_is_unreachable(fault):
    def break_off(request):
        raise fault("…", request=request)

    async with upbit(break_off) as exchange:
        with pytest.raises(ExchangeUnreachable):
            await exchange.order_book("KRW-ETH")


async def test_a_short_hiccup_is_asked_again():
    answers = [refusal(503, "maintenance"), ok([{"market": "KRW-ETH", "trade_price": 4350000.0}])]
    async with upbit(lambda _: answers.pop(0)) as exchange:
        assert await exchange.last_price("KRW-ETH") == 4_350_000
    assert answers == []


async def test_an_answer_about_more_or_less_than_was_asked_is_unreadable():
    for body in ([], [{"trade_price": 1}, {"trade_price": 2}], "null", '"text"'):
        async with upbit(ok(body)) as exchange:
            with pytest.raises(UnreadableAnswer):
                await exchange.last_price("KRW-ETH")
