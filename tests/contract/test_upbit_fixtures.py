"""Every recorded body of Upbit against the paper exchange's: the same keys, the same JSON types.

What may differ is named with its reason; an excuse that is not needed any more fails too.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.support.not_built import needs
from tests.support.paper_server import seat, seated
from tests.support.shapes_of import differences, shape
from tests.support.signed import ask, token

MARKET_BUY = {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "50000"}
LIMIT_BUY = {"market": "KRW-ETH", "side": "bid", "ord_type": "limit", "price": "3900000", "volume": "0.01"}
LIMIT_SELL = {"market": "KRW-ETH", "side": "ask", "ord_type": "limit", "price": "4200000", "volume": "0.01"}

# Fields Upbit has added since these bodies were recorded, by its documentation of October 2026.
NEW_IN_ORDERS = {"prevented_volume", "prevented_locked", "smp_type", "identifier"}
TURNED_TO_TEXT = "the suite this body comes from turned numbers into text to try its tolerance"


@dataclass(frozen=True)
class Body:
    """One recorded body: how ours is got, and at which paths it may differ, with the reason."""

    file: str
    get: Any  # (paper) -> httpx.Response
    missing: dict[str, str] = field(default_factory=dict)
    extra: set[str] = field(default_factory=set)
    types: dict[str, str] = field(default_factory=dict)
    needs: tuple[str, ...] = ()


def quote(path: str, **params: str) -> Any:
    return lambda paper: httpx.get(paper.url + path, params=params)


def after(*orders: dict[str, str], then: Any) -> Any:
    """Place orders, the last of which `then` is about: (paper, its answer) -> httpx.Response."""

    def get(paper):
        said = [ask(paper, "POST", "/v1/orders", order) for order in orders]
        assert all(answer.status_code == 201 for answer in said), said[-1].text
        return then(paper, said[-1].json())

    return get


def shown(paper, order):
    return ask(paper, "GET", "/v1/order", {"uuid": order["uuid"]})


def sold(paper, bought):
    held = ask(paper, "GET", "/v1/order", {"uuid": bought["uuid"]}).json()["executed_volume"]
    sell = {"market": "KRW-ETH", "side": "ask", "ord_type": "market", "volume": held}
    return shown(paper, ask(paper, "POST", "/v1/orders", sell).json())


def replaced(paper, order):
    new = {"new_ord_type": "limit", "new_price": "3800000", "new_volume": "remain_only", "new_identifier": "22"}
    return ask(paper, "POST", "/v1/orders/cancel_and_new", {"prev_order_uuid": order["uuid"], **new})


def under(prefix: str, *names: str) -> set[str]:
    return {f"{prefix}.{name}" for name in names}


BODIES = (
    Body("rest/GetSymbols.json", quote("/v1/market/all", is_details="true")),
    Body(
        "rest/GetTickers.json",
        quote("/v1/ticker", markets="KRW-BTC,KRW-ETH"),
    ),
    Body("rest/GetOrderBook.json", quote("/v1/orderbook", markets="KRW-BTC")),
    Body(
        "rest/GetSymbolConfig.json",
        quote("/v1/orderbook/instruments", markets="KRW-BTC,KRW-ETH"),
        types={"[].tick_size": "documented as text; " + TURNED_TO_TEXT},
        needs=("GET /v1/orderbook/instruments",),
    ),
    Body(
        "rest/GetTradeHistory.json",
        quote("/v1/trades/ticks", market="KRW-BTC", count="3", days_ago="1"),
        needs=("GET /v1/trades/ticks",),
    ),
    Body(
        "rest/GetKlines.json",
        quote("/v1/candles/minutes/60", market="KRW-BTC"),
        extra={"[].unit"},  # recorded are seconds, which a tape has not; minutes differ in this field alone
    ),
    Body(
        "rest/candles_upbit_1m_20200220_202000-20200220_210000.json",
        quote("/v1/candles/minutes/60", market="KRW-BTC", count="3"),
    ),
    Body(
        "rest/candles_upbit_3m_20200220_100000-20200220_120000.json",
        quote("/v1/candles/minutes/240", market="KRW-BTC", count="3"),
    ),
    Body(
        "private/accounts_old_names_2018.json",
        after(MARKET_BUY, then=lambda paper, _: ask(paper, "GET", "/v1/accounts")),
        missing={"[].avg_krw_buy_price": "renamed avg_buy_price", "[].modified": "renamed avg_buy_price_modified"},
        extra=under("[]", "avg_buy_price", "avg_buy_price_modified", "unit_currency"),
    ),
    Body(
        "private/orders_chance.json",
        lambda paper: ask(paper, "GET", "/v1/orders/chance", {"market": "KRW-BTC"}),
        missing={
            ".market.bid.price_unit": "gone by 2026; the tick size stands in orderbook/instruments",
            ".market.ask.price_unit": "gone by 2026; the tick size stands in orderbook/instruments",
        },
        extra={".market.bid_types", ".market.bid_types[]", ".market.ask_types", ".market.ask_types[]"},
        types={
            ".market.bid.min_total": "text since 2026",
            ".market.ask.min_total": "text since 2026",
        },
    ),
    Body(
        "private/order_get_market_sell_done_2025.json",
        after(MARKET_BUY, then=sold),
        extra=under("", *NEW_IN_ORDERS),
    ),
    Body(
        "private/order_create_limit_bid_wait.json",
        lambda paper: ask(paper, "POST", "/v1/orders", LIMIT_BUY),
        missing={".avg_price": "gone by 2026, in the WebSocket only"},
        extra=under("", *NEW_IN_ORDERS),
        needs=("limit orders",),
    ),
    Body(
        "private/order_cancel_response.json",
        after(LIMIT_BUY, then=lambda paper, order: ask(paper, "DELETE", "/v1/order", {"uuid": order["uuid"]})),
        extra=under("", *NEW_IN_ORDERS),
        needs=("limit orders", "DELETE /v1/order"),
    ),
    Body(
        "private/order_get_limit_bid_done_two_trades_2018.json",
        after({**LIMIT_BUY, "price": "4100000"}, then=shown),
        missing={".trades[].ask_fee": "gone by 2026", ".trades[].bid_fee": "gone by 2026"},
        extra={*under("", *NEW_IN_ORDERS), ".trades[].trend"},
        needs=("limit orders",),
    ),
    Body(
        "private/orders_open.json",
        after(LIMIT_BUY, then=lambda paper, _: ask(paper, "GET", "/v1/orders/open")),
        missing={"[].executed_funds": "absent from the schema of October 2026"},
        extra=under("[]", *NEW_IN_ORDERS),
        needs=("limit orders", "GET /v1/orders/open"),
    ),
    Body(
        "private/orders_closed_ioc_cancel.json",
        after({**LIMIT_BUY, "time_in_force": "ioc"}, then=lambda paper, _: ask(paper, "GET", "/v1/orders/closed")),
        missing={"[].executed_funds": "absent from the schema of October 2026"},
        extra=under("[]", *NEW_IN_ORDERS),
        needs=("limit orders", "GET /v1/orders/closed"),
    ),
    Body(
        "private/order_cancel_and_new_response.json",
        after({**LIMIT_BUY, "identifier": "21"}, then=replaced),
        extra=under("", *NEW_IN_ORDERS),
        types={".trades_count": "documented as a number"},
        needs=("limit orders", "POST /v1/orders/cancel_and_new"),
    ),
)


@pytest.fixture(scope="module")
def port():
    with seat() as listening:
        yield listening


@pytest.fixture
def paper(port, tmp_path):
    with seated(port, tmp_path) as running:
        yield running


def recorded(data_dir, file):
    body = json.loads((data_dir / "fixtures" / "upbit" / file).read_text())
    return body["body"] if isinstance(body, dict) and "request" in body else body


@pytest.mark.parametrize("body", [pytest.param(body, id=body.file, marks=needs(*body.needs)) for body in BODIES])
def test_a_recorded_body_has_our_keys_and_types(body, paper, data_dir):
    answer = body.get(paper)
    assert answer.status_code in (200, 201), answer.text
    real = recorded(data_dir, body.file)
    assert differences(real, answer.json(), missing=body.missing, extra=body.extra, types=body.types) == []


def test_no_recorded_body_is_left_out(data_dir):
    folder = data_dir / "fixtures" / "upbit"
    there = {f"{kind}/{path.name}" for kind in ("rest", "private") for path in (folder / kind).glob("*.json")}
    assert there == {body.file for body in BODIES} | {"private/errors_from_ccxt.json"}


NO_MARKET = {"side": "bid", "ord_type": "price", "price": "50000"}
PROVOKED = {
    400: quote("/v1/ticker"),
    "validation_error": lambda paper: ask(paper, "POST", "/v1/orders", {**MARKET_BUY, "side": ""}),
    "order_not_found": lambda paper: ask(paper, "GET", "/v1/order", {"uuid": "nobody"}),
    "insufficient_funds_ask": lambda paper: ask(
        paper, "POST", "/v1/orders", {"market": "KRW-ETH", "side": "ask", "ord_type": "market", "volume": "1"}
    ),
    "insufficient_funds_bid": lambda paper: ask(paper, "POST", "/v1/orders", {**MARKET_BUY, "price": "1000000"}),
    "invalid_access_key": lambda paper: httpx.get(
        f"{paper.url}/v1/accounts", headers={"Authorization": token(paper, access_key="nobody")}
    ),
    "jwt_verification": lambda paper: httpx.get(
        f"{paper.url}/v1/accounts", headers={"Authorization": f"{token(paper)}x"}
    ),
}
NOT_PROVOKED = {
    "thirdparty_agreement_required": "of markets in BTC and USDT, which a tape has not",
    "out_of_scope": "tried where keys of other permissions are set",
}


@pytest.mark.parametrize("name", PROVOKED)
def test_an_error_has_upbits_shape_name_and_where_clients_match_it_its_message(name, paper, data_dir):
    (real,) = (e for e in recorded(data_dir, "private/errors_from_ccxt.json") if e["error"]["name"] == name)
    ours = PROVOKED[name](paper).json()
    assert differences(real, ours) == []
    assert ours["error"]["name"] == name
    if real["error"]["message"].isascii():
        assert ours == real


def test_every_recorded_error_is_provoked_or_excused(data_dir):
    errors = recorded(data_dir, "private/errors_from_ccxt.json")
    assert {error["error"]["name"] for error in errors} == {*PROVOKED, *NOT_PROVOKED}


def test_the_comparer_sees_what_differs():
    real = [{"a": 1, "b": {"c": None}, "d": ["x"]}]
    assert differences(real, [{"a": 2.5, "b": {"c": "y"}, "d": ["z"]}]) == []
    assert differences(real, [{"a": "1", "b": {}, "d": [], "e": True}]) == [
        "[].a: string instead of number",
        "[].b.c: is not there",
        "[].d[]: is not there",
        "[].e: bool that the real one has not",
    ]
    assert differences(real, real, missing={"[].a"}) == ["[].a: is excused, but there"]
    assert shape({"a": []}) == {"": {"object"}, ".a": {"list"}}
