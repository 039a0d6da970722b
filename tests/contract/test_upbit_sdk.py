"""Upbit's own client, sync and async, over HTTP against the paper exchange: only the base URL is ours."""

import inspect
from datetime import timedelta
from decimal import Decimal

import pytest
from upbit import AsyncUpbit, AuthenticationError, BadRequestError, NotFoundError, Upbit

from tests.support.not_built import needs
from tests.support.paper_server import HOUR, NOW, seat, seated

D = Decimal


@pytest.fixture(scope="module")
def port():
    with seat() as listening:
        yield listening


@pytest.fixture
def paper(port, tmp_path):
    with seated(port, tmp_path) as running:
        yield running


@pytest.fixture(params=["sync", "async"])
async def sdk(request, paper):
    kind = {"sync": Upbit, "async": AsyncUpbit}[request.param]
    client = kind(base_url=paper.url, access_key=paper.access_key, secret_key=paper.secret_key, max_retries=0)
    yield client
    await done(client.close())


async def done(answer):
    """What a call gives, whichever client made it."""
    return await answer if inspect.isawaitable(answer) else answer


def buy(sdk, won="50000", **more):
    return done(sdk.orders.create(market="KRW-ETH", side="bid", ord_type="price", price=won, **more))


def resting(sdk, price="3900000", volume="0.01", **more):
    """A limit buy below the market."""
    return done(sdk.orders.create(market="KRW-ETH", side="bid", ord_type="limit", price=price, volume=volume, **more))


async def krw(sdk):
    rows = await done(sdk.accounts.list())
    return next((D(row.balance), D(row.locked)) for row in rows if row.currency == "KRW")


# --- quotes ----------------------------------------------------------------------------------


async def test_the_markets_with_their_warnings(sdk):
    markets = await done(sdk.trading_pairs.list(is_details=True))
    assert [market.market for market in markets] == ["KRW-BTC", "KRW-ETH"]
    assert markets[0].market_event.warning is False


@pytest.mark.parametrize("unit", [60, 240])
async def test_candles_of_minutes_newest_first_and_to_is_exclusive(sdk, unit):
    candles = await done(sdk.candles.list_minutes(unit=unit, market="KRW-ETH", count=3, to="2025-09-10T00:00:00Z"))
    starts = [candle.candle_date_time_utc for candle in candles]
    assert starts == sorted(starts, reverse=True)
    assert starts[0] == {60: "2025-09-09T23:00:00", 240: "2025-09-09T20:00:00"}[unit]
    assert D(candles[0].trade_price) == 4_000_000


async def test_a_bare_plus_in_to_is_a_zone(sdk):
    candles = await done(sdk.candles.list_minutes(unit=60, market="KRW-ETH", to="2025-09-10T09:00:00+09:00"))
    assert candles[0].candle_date_time_utc == "2025-09-09T23:00:00"


async def test_days_begin_at_nine_in_seoul(sdk):
    candles = await done(sdk.candles.list_days(market="KRW-ETH", count=500))
    assert len(candles) == 11
    assert candles[0].candle_date_time_kst == "2025-09-11T09:00:00"
    assert D(candles[0].prev_closing_price) == 4_000_000


@needs("GET /v1/candles/weeks")
async def test_weeks_begin_on_monday(sdk):
    candles = await done(sdk.candles.list_weeks(market="KRW-ETH", count=2))
    assert [candle.candle_date_time_utc for candle in candles] == ["2025-09-08T00:00:00", "2025-09-01T00:00:00"]
    assert candles[0].first_day_of_period == "2025-09-08"


async def test_tickers_of_two_markets(sdk):
    tickers = await done(sdk.tickers.list_by_trading_pairs(markets="KRW-ETH,KRW-BTC"))
    assert [(ticker.market, D(ticker.trade_price)) for ticker in tickers] == [
        ("KRW-ETH", 4_000_000),
        ("KRW-BTC", 120_000_000),
    ]


@needs("GET /v1/ticker/all")
async def test_tickers_of_all_won_markets(sdk):
    tickers = await done(sdk.tickers.list_by_quote_currencies(quote_currencies="KRW"))
    assert {ticker.market for ticker in tickers} == {"KRW-ETH", "KRW-BTC"}


async def test_the_order_book_has_thirty_levels_and_its_sums(sdk):
    (book,) = await done(sdk.orderbooks.list(markets="KRW-ETH"))
    units = book.orderbook_units
    assert len(units) == 30
    assert D(units[0].bid_price) < 4_000_000 < D(units[0].ask_price)
    assert sum(D(unit.ask_size) for unit in units) == pytest.approx(D(book.total_ask_size))


@needs("GET /v1/orderbook/instruments")
async def test_the_tick_size_is_told(sdk):
    (instrument,) = await done(sdk.orderbooks.list_instruments(markets="KRW-ETH"))
    assert D(instrument.tick_size) == 1000
    assert instrument.supported_levels[0] == "0"


@needs("GET /v1/trades/ticks")
async def test_single_trades_are_newest_first(sdk):
    trades = await done(sdk.trades.list(market="KRW-ETH", count=5, days_ago=1))
    assert trades
    assert [trade.timestamp for trade in trades] == sorted((trade.timestamp for trade in trades), reverse=True)
    assert all(trade.ask_bid in ("ASK", "BID") for trade in trades)


# --- account ---------------------------------------------------------------------------------


async def test_the_account_begins_with_won_alone(sdk):
    (row,) = await done(sdk.accounts.list())
    assert (row.currency, D(row.balance), D(row.locked), row.unit_currency) == ("KRW", 1_000_000, 0, "KRW")


async def test_the_chance_names_fee_minimum_and_state(sdk):
    chance = await done(sdk.orders.retrieve_chance(market="KRW-ETH"))
    assert (D(chance.bid_fee), D(chance.market.bid.min_total), chance.market.state) == (D("0.0005"), 5000, "active")
    assert {"price"} <= set(chance.market.bid_types)
    assert {"market"} <= set(chance.market.ask_types)


@needs("GET /v1/api_keys")
async def test_the_key_is_listed_with_its_end(sdk, paper):
    keys = await done(sdk.api_keys.list())
    assert paper.access_key in [key.access_key for key in keys]
    assert all(key.expire_at for key in keys)


@needs("GET /v1/status/wallet")
async def test_wallets_work(sdk):
    wallets = await done(sdk.wallet_status.list())
    assert {"BTC", "ETH"} <= {wallet.currency for wallet in wallets}
    assert all(wallet.wallet_state == "working" for wallet in wallets)


# --- orders ----------------------------------------------------------------------------------


async def test_a_market_buy_ends_in_cancel_and_what_it_cost_leaves_the_account(sdk):
    created = await buy(sdk, identifier="a-market-buy")
    assert created.state in ("wait", "cancel")
    order = await done(sdk.orders.retrieve(identifier="a-market-buy"))
    assert (order.uuid, order.state) == (created.uuid, "cancel")
    funds = sum(D(trade.funds) for trade in order.trades)
    assert D(49_990) < funds <= D(50_000)
    assert D(order.paid_fee) == funds * D("0.0005")
    assert await krw(sdk) == (1_000_000 - funds - D(order.paid_fee), 0)


async def test_a_market_sell_of_all_ends_in_done(sdk):
    await buy(sdk)
    held = next(D(row.balance) for row in await done(sdk.accounts.list()) if row.currency == "ETH")
    created = await done(sdk.orders.create(market="KRW-ETH", side="ask", ord_type="market", volume=str(held)))
    order = await done(sdk.orders.retrieve(uuid=created.uuid))
    assert (order.state, D(order.executed_volume)) == ("done", held)
    assert [row.currency for row in await done(sdk.accounts.list())] == ["KRW"]


@needs("limit orders")
async def test_a_limit_buy_rests_locks_its_won_and_fills_when_the_price_falls_through(sdk, paper):
    created = await resting(sdk, identifier="rests")
    assert (created.state, D(created.locked)) == ("wait", D("39019.5"))
    assert await krw(sdk) == (1_000_000 - D("39019.5"), D("39019.5"))
    paper.move(NOW + HOUR)
    order = await done(sdk.orders.retrieve(identifier="rests"))
    assert (order.state, D(order.executed_volume), D(order.paid_fee)) == ("done", D("0.01"), D("19.5"))
    assert await krw(sdk) == (1_000_000 - D("39019.5"), 0)


@needs("limit orders")
async def test_a_limit_buy_at_the_market_takes_from_the_book(sdk):
    created = await resting(sdk, price="4100000")
    order = await done(sdk.orders.retrieve(uuid=created.uuid))
    assert order.state == "done"
    assert all(D(trade.price) < 4_100_000 for trade in order.trades)


@needs("limit orders", "DELETE /v1/order")
async def test_a_cancel_is_answered_with_wait_and_becomes_cancel(sdk):
    await resting(sdk, identifier="mine")
    said = await done(sdk.orders.cancel(identifier="mine"))
    assert said.state == "wait"
    assert (await done(sdk.orders.retrieve(identifier="mine"))).state == "cancel"
    assert await krw(sdk) == (1_000_000, 0)


@needs("DELETE /v1/order")
async def test_what_is_not_there_or_has_ended_cannot_be_cancelled(sdk):
    with pytest.raises(NotFoundError) as missing:
        await done(sdk.orders.cancel(identifier="nobody"))
    assert missing.value.name == "order_not_found"
    ended = await buy(sdk)
    with pytest.raises((BadRequestError, NotFoundError)):
        await done(sdk.orders.cancel(uuid=ended.uuid))


@needs("limit orders", "GET /v1/orders/open", "GET /v1/orders/closed", "GET /v1/orders/uuids")
async def test_open_closed_and_named_orders_are_listed(sdk):
    ended, rests = await buy(sdk, identifier="ended"), await resting(sdk, identifier="rests")
    opened = (await done(sdk.orders.list_open(market="KRW-ETH"))).items
    assert [order.uuid for order in opened] == [rests.uuid]
    closed = await done(sdk.orders.list_closed(states=["done", "cancel"]))
    assert [order.uuid for order in closed] == [ended.uuid]
    named = await done(sdk.orders.list_by_uuids(uuids=[ended.uuid, rests.uuid]))
    assert {order.uuid for order in named} == {ended.uuid, rests.uuid}
    named = await done(sdk.orders.list_by_uuids(identifiers=["rests"]))
    assert [order.identifier for order in named] == ["rests"]


@needs("GET /v1/orders/closed")
async def test_closed_orders_are_asked_for_by_time(sdk):
    ended = await buy(sdk)
    seoul = (NOW - HOUR + timedelta(hours=9)).replace(tzinfo=None).isoformat() + "+09:00"
    closed = await done(sdk.orders.list_closed(market="KRW-ETH", start_time=seoul))
    assert [order.uuid for order in closed] == [ended.uuid]


@needs("limit orders", "DELETE /v1/orders/uuids", "DELETE /v1/orders/open")
async def test_several_and_all_orders_are_cancelled_at_once(sdk):
    orders = [await resting(sdk, identifier=f"n{n}") for n in range(3)]
    some = await done(sdk.orders.cancel_by_uuids(uuids=[orders[0].uuid, orders[1].uuid]))
    assert (some.success.count, some.failed.count) == (2, 0)
    rest = await done(sdk.orders.cancel_open(cancel_side="all", quote_currencies="KRW"))
    assert [order.uuid for order in rest.success.orders] == [orders[2].uuid]
    assert await krw(sdk) == (1_000_000, 0)


@needs("POST /v1/orders/test")
async def test_a_tried_order_is_checked_and_changes_nothing(sdk):
    tried = await done(sdk.orders.test_create(market="KRW-ETH", side="bid", ord_type="price", price="50000"))
    with pytest.raises(NotFoundError):
        await done(sdk.orders.retrieve(uuid=tried.uuid))
    with pytest.raises(BadRequestError) as refused:
        await done(sdk.orders.test_create(market="KRW-ETH", side="bid", ord_type="price", price="1000000"))
    assert refused.value.name == "insufficient_funds_bid"
    assert await krw(sdk) == (1_000_000, 0)


@needs("limit orders", "POST /v1/orders/cancel_and_new")
async def test_an_order_is_replaced(sdk):
    old = await resting(sdk)
    said = await done(
        sdk.orders.cancel_and_new(
            prev_order_uuid=old.uuid, new_ord_type="limit", new_price="3800000", new_volume="remain_only"
        )
    )
    new = await done(sdk.orders.retrieve(uuid=said.model_extra["new_order_uuid"]))
    assert (new.state, D(new.price), D(new.volume)) == ("wait", 3_800_000, D("0.01"))
    assert (await done(sdk.orders.retrieve(uuid=old.uuid))).state == "cancel"


@needs("best orders")
async def test_a_best_order_takes_the_best_level(sdk):
    created = await done(
        sdk.orders.create(market="KRW-ETH", side="bid", ord_type="best", price="50000", time_in_force="ioc")
    )
    order = await done(sdk.orders.retrieve(uuid=created.uuid))
    assert (order.ord_type, order.state in ("done", "cancel")) == ("best", True)
    assert D(order.executed_volume) > 0


@needs("limit orders")
async def test_post_only_is_refused_where_it_would_take(sdk):
    with pytest.raises(BadRequestError) as refused:
        await resting(sdk, price="4100000", time_in_force="post_only")
    assert refused.value.name == "invalid_post_only"


@needs("limit orders")
async def test_ioc_gives_the_rest_back(sdk):
    created = await resting(sdk, time_in_force="ioc")
    order = await done(sdk.orders.retrieve(uuid=created.uuid))
    assert (order.state, D(order.executed_volume)) == ("cancel", 0)
    assert await krw(sdk) == (1_000_000, 0)


# --- errors ----------------------------------------------------------------------------------

REFUSED = {
    "under_min_total_bid": {"price": "4999"},
    "over_krw_funds_bid": {"price": "1000000001"},
    "insufficient_funds_bid": {"price": "999999"},
    "notfoundmarket": {"market": "KRW-NOSUCH"},
    "insufficient_funds_ask": {"side": "ask", "ord_type": "market", "price": None, "volume": "1"},
}


@pytest.mark.parametrize("name", REFUSED)
async def test_a_bad_order_has_upbits_name_and_spends_its_identifier(sdk, name):
    fields = {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "50000", **REFUSED[name]}
    with pytest.raises(BadRequestError) as refused:
        await done(sdk.orders.create(**{k: v for k, v in fields.items() if v is not None}, identifier="spent"))
    assert refused.value.name == name
    with pytest.raises(NotFoundError) as missing:
        await done(sdk.orders.retrieve(identifier="spent"))
    assert missing.value.name == "order_not_found"
    with pytest.raises(BadRequestError) as again:
        await buy(sdk, identifier="spent")
    assert again.value.name == "duplicated_identifier"


@needs("limit orders")
async def test_a_price_off_the_tick_is_refused(sdk):
    with pytest.raises(BadRequestError) as refused:
        await resting(sdk, price="3900500")
    assert refused.value.name == "invalid_price_bid"


async def test_an_unknown_market_fails_the_whole_call(sdk):
    with pytest.raises(NotFoundError) as missing:
        await done(sdk.tickers.list_by_trading_pairs(markets="KRW-ETH,KRW-NOSUCH"))
    assert missing.value.body == {"error": {"name": 404, "message": "Code not found"}}


async def test_a_wrong_secret_and_an_unknown_key_are_told_apart(sdk):
    for wrong, name in (
        ({"secret_key": "a-secret-that-is-not-the-right-one-at-all"}, "jwt_verification"),
        ({"access_key": "nobody"}, "invalid_access_key"),
    ):
        with pytest.raises(AuthenticationError) as refused:
            await done(sdk.with_options(**wrong).accounts.list())
        assert refused.value.name == name


async def test_every_answer_tells_what_is_left_of_the_quota(sdk):
    raw = await done(sdk.accounts.with_raw_response.list())
    assert raw.headers["remaining-req"].startswith("group=default; min=1800; sec=")
