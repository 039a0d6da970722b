"""Whatever is sent, the answer is Upbit's own error, never a server error, and the account stays as it was."""

import hmac
import json
from base64 import urlsafe_b64encode
from hashlib import sha512
from itertools import count

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.paper_server import seat, seated

NONCE = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with seat() as port, seated(port, tmp_path_factory.mktemp("paper")) as running:
        yield running


@pytest.fixture(scope="module")
def http(server):
    with httpx.Client(base_url=server.url, timeout=20) as client:
        yield client


def part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def token(server, text: str) -> dict[str, str]:
    """Signed with HS512, as Upbit recommends; text: what is hashed."""
    claims = {"access_key": server.access_key, "nonce": f"n{next(NONCE)}"}
    claims |= {"query_hash": sha512(text.encode()).hexdigest(), "query_hash_alg": "SHA512"} if text else {}
    signed = f"{part({'alg': 'HS512', 'typ': 'JWT'})}.{part(claims)}"
    signature = urlsafe_b64encode(hmac.new(server.secret_key.encode(), signed.encode(), sha512).digest())
    return {"Authorization": f"Bearer {signed}.{signature.rstrip(b'=').decode()}"}


def order(server, http, body: bytes, text: str) -> httpx.Response:
    headers = {**token(server, text), "Content-Type": "application/json; charset=utf-8"}
    return http.post("/v1/orders", content=body, headers=headers)


def ask(server, http, path: str, query: str = "", method: str = "GET") -> httpx.Response:
    return http.request(method, f"{path}?{query}" if query else path, headers=token(server, query))


LIMIT = {"market": "KRW-ETH", "side": "bid", "ord_type": "limit", "price": "3900000", "volume": "0.01"}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"price": "-3900000"}, "invalid_price_bid"),
        ({"price": "39e5"}, "invalid_price_bid"),
        ({"price": 3.9e6}, "invalid_price_bid"),  # "3900000.0" is right, the exponent of a float is not
        ({"price": "3900000", "volume": "1e-2"}, "invalid_volume_bid"),
        ({"volume": "-0.01"}, "invalid_volume_bid"),
        ({"volume": "0.010000001"}, "invalid_volume_bid"),
        ({"volume": "NaN"}, "invalid_volume_bid"),
        ({"volume": "0"}, "invalid_volume_bid"),
        ({"volume": "9" * 400}, "invalid_volume_bid"),
        ({"volume": "٠٫٠١"}, "invalid_volume_bid"),
        ({"volume": None}, "create_bid_error"),
        ({"market": "KRW-DOGE"}, "notfoundmarket"),
        ({"market": "krw-eth"}, "notfoundmarket"),
        ({"market": "KRW-ETH,KRW-BTC"}, "notfoundmarket"),
        ({"market": None}, "validation_error"),
        ({"side": "BID"}, "validation_error"),
        ({"ord_type": "stop"}, "validation_error"),
        ({"identifier": "x" * 65}, "validation_error"),
        ({"time_in_force": "day"}, "invalid_time_in_force"),
        ({"price": ["3900000"]}, "invalid_parameter"),
        ({"price": {"won": 1}}, "invalid_parameter"),
        ({"price": True}, "invalid_parameter"),
    ],
)
def test_a_wrong_field_has_upbits_name(server, http, change, name):
    fields = {**LIMIT, **change}
    if isinstance(fields["price"], float):
        fields["price"] = "3.9e6"
    text = "&".join(f"{key}={value}" for key, value in fields.items() if value is not None)
    answer = order(server, http, json.dumps(fields).encode(), text)
    assert (answer.status_code, answer.json()["error"]["name"]) == (400, name)


def test_a_field_given_twice_is_refused_and_one_nobody_knows_is_passed_over(server, http):
    doubled = json.dumps(LIMIT)[:-1] + ', "price": "3800000"}'
    text = "&".join(f"{key}={value}" for key, value in LIMIT.items())
    answer = order(server, http, doubled.encode(), f"{text}&price=3800000")
    assert (answer.status_code, answer.json()["error"]["name"]) == (400, "invalid_parameter")
    known = LIMIT | {"color": "red"}
    taken = order(server, http, json.dumps(known).encode(), f"{text}&color=red")
    assert taken.status_code == 201
    cancelled = ask(server, http, "/v1/order", f"uuid={taken.json()['uuid']}", "DELETE")
    assert cancelled.status_code == 200


@pytest.mark.parametrize("path", ["/v1/orders", "/v1/orders/test", "/v1/orders/cancel_and_new", "/admin/faults"])
def test_ten_megabytes_are_refused(server, http, path):
    answer = http.post(path, content=b"[" * 10_000_000, headers=token(server, ""))
    assert answer.status_code in (400, 403)
    assert set(answer.json()["error"]) == {"name", "message"}


@pytest.mark.parametrize(
    ("method", "path", "query", "status", "name"),
    [
        ("GET", "/v1/order", "", 400, "validation_error"),
        ("GET", "/v1/order", "uuid=a&uuid=b", 400, "invalid_parameter"),
        ("GET", "/v1/order", "uuid=nobody", 404, "order_not_found"),
        ("DELETE", "/v1/order", "identifier=nobody", 404, "order_not_found"),
        ("GET", "/v1/orders/chance", "", 400, "validation_error"),
        ("GET", "/v1/orders/chance", "market=KRW-DOGE", 400, "notfoundmarket"),
        ("GET", "/v1/orders/open", "state=done", 400, "invalid_parameter"),
        ("GET", "/v1/orders/open", "limit=-1", 400, "invalid_parameter"),
        ("GET", "/v1/orders/open", "page=1e3", 400, "invalid_parameter"),
        ("GET", "/v1/orders/open", "order_by=best", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "start_time=yesterday", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "end_time=99999999999999999999", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "start_time=0001-01-01T00:00:00", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "end_time=0001-01-01T00:00:00", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "start_time=9999-12-31T00:00:00", 400, "invalid_parameter"),
        ("GET", "/v1/orders/closed", "start_time=2025-01-01&end_time=2025-02-01", 400, "invalid_parameter"),
        ("GET", "/v1/orders/uuids", "", 400, "validation_error"),
        ("GET", "/v1/orders/uuids", "uuids[]=a&identifiers[]=b", 400, "validation_error"),
        ("DELETE", "/v1/orders/uuids", "&".join(["uuids[]=a"] * 21), 400, "validation_error"),
        ("DELETE", "/v1/orders/open", "cancel_side=both", 400, "invalid_parameter"),
    ],
)
def test_a_wrong_question_has_upbits_name(server, http, method, path, query, status, name):
    answer = ask(server, http, path, query, method)
    assert (answer.status_code, answer.json()["error"]["name"]) == (status, name)


def test_a_delete_with_a_body_is_refused(server, http):
    answer = http.request("DELETE", "/v1/order", json={"uuid": "a"}, headers=token(server, "uuid=a"))
    assert (answer.status_code, answer.json()["error"]["name"]) == (400, "QUERY_PARAMETER_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/ticker?markets=KRW-ETH,KRW-DOGE", 404),
        ("/v1/orderbook?markets=KRW-ETH,KRW-DOGE", 404),
        ("/v1/orderbook/instruments?markets=KRW-DOGE", 404),
        ("/v1/trades/ticks?market=KRW-DOGE", 404),
        ("/v1/candles/weeks?market=KRW-ETH&market=KRW-BTC", 404),
        ("/v1/candles/weeks?market=KRW-ETH&count=1&count=2", 400),
        ("/v1/candles/weeks?market=KRW-ETH&to=9999-99-99T00:00:00", 400),
        ("/v1/trades/ticks?market=KRW-ETH&days_ago=8", 400),
        ("/v1/trades/ticks?market=KRW-ETH&to=25:00:00", 400),
        ("/v1/trades/ticks?market=KRW-ETH&cursor=last", 400),
        ("/v1/trades/ticks?market=KRW-ETH&count=0", 400),
        ("/v1/orderbook?markets=KRW-ETH&level=many", 400),
        ("/v1/ticker/all", 400),
    ],
)
def test_a_wrong_quote_has_its_status_as_name(http, path, status):
    answer = http.get(path)
    assert (answer.status_code, answer.json()["error"]["name"]) == (status, status)


FIELDS = ("market", "side", "ord_type", "price", "volume", "time_in_force", "smp_type", "identifier", "new_volume")
WORDS = st.sampled_from(
    ["KRW-ETH", "bid", "ask", "limit", "price", "market", "best", "ioc", "fok", "none", "1", "5000"]
)
ANYTHING = st.one_of(WORDS, st.text(max_size=20), st.none(), st.integers(), st.floats(), st.lists(st.integers()))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING), st.sampled_from(["", "/test", "/cancel_and_new"]))
def test_no_order_is_a_server_error(server, http, fields, where):
    body = json.dumps(fields).encode()
    sent = json.loads(body, parse_int=str, parse_float=str, parse_constant=str)
    text = "&".join(f"{key}={value}" for key, value in sent.items() if value is not None)
    headers = token(server, text.encode(errors="replace").decode())
    answer = http.post(f"/v1/orders{where}", content=body, headers=headers)
    assert answer.status_code in (201, 400, 401, 404)
    assert answer.status_code == 201 or set(answer.json()["error"]) == {"name", "message"}


NAMES = ("market", "markets", "count", "to", "level", "days_ago", "cursor", "state", "states[]", "uuids[]", "limit")
QUOTES = ("ticker", "ticker/all", "orderbook", "orderbook/instruments", "trades/ticks", "candles/minutes/60")
LISTS = ("candles/days", "candles/weeks", "orders/open", "orders/closed", "orders/uuids", "order", "accounts")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(QUOTES + LISTS),
    st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(WORDS, st.text(max_size=12))), max_size=4),
)
def test_no_question_is_a_server_error(server, http, path, pairs):
    url = http.build_request("GET", f"/v1/{path}", params=pairs).url
    answer = http.get(url, headers=token(server, "&".join(f"{key}={value}" for key, value in pairs)))
    assert answer.status_code in (200, 400, 401, 404)
