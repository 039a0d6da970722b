"""Every route, every way: no 500, no won from nowhere, nothing private without the right token."""

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.paper_server import seat, seated
from tests.support.signed import ask, token

BUY = {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "50000"}
QUOTES = {
    "/v1/market/all": ("is_details",),
    "/v1/candles/minutes/60": ("market", "to", "count"),
    "/v1/candles/days": ("market", "to", "count", "converting_price_unit"),
    "/v1/candles/weeks": ("market", "to", "count"),
    "/v1/ticker": ("markets",),
    "/v1/ticker/all": ("quote_currencies",),
    "/v1/orderbook": ("markets", "level", "count"),
    "/v1/orderbook/instruments": ("markets",),
    "/v1/trades/ticks": ("market", "to", "count", "cursor", "days_ago"),
}
PRIVATE = {
    "GET /v1/accounts": (),
    "GET /v1/orders/chance": ("market",),
    "GET /v1/order": ("uuid", "identifier"),
    "GET /v1/orders/open": ("market", "state", "states[]", "page", "limit", "order_by"),
    "GET /v1/orders/closed": ("market", "state", "states[]", "start_time", "end_time", "limit", "order_by"),
    "GET /v1/orders/uuids": ("uuids[]", "identifiers[]", "market", "order_by"),
    "GET /v1/api_keys": (),
    "GET /v1/status/wallet": (),
    "POST /v1/orders": ("market", "side", "ord_type", "price", "volume", "identifier", "time_in_force", "smp_type"),
    "POST /v1/orders/test": ("market", "side", "ord_type", "price", "volume", "identifier", "time_in_force"),
    "POST /v1/orders/cancel_and_new": (
        "prev_order_uuid", "prev_order_identifier", "new_ord_type", "new_price", "new_volume", "new_identifier",
        "new_time_in_force", "new_smp_type",
    ),
    "DELETE /v1/order": ("uuid", "identifier"),
    "DELETE /v1/orders/uuids": ("uuids[]", "identifiers[]"),
    "DELETE /v1/orders/open": ("cancel_side", "pairs", "excluded_pairs", "quote_currencies", "count", "order_by"),
}  # fmt: skip
NASTY = st.one_of(
    st.sampled_from(
        ["", "0", "-1", "1e-05", "1E400", "NaN", "Infinity", "５", "0x10", "1_000", "9" * 40, "0.000000001", " 1", "+1",
         "null", "true", "KRW-ETH", "KRW-NOSUCH", "ETH-KRW", "KRW-ETH,KRW-NOSUCH", ",", "KRW-", "-", "bid", "limit",
         "price", "wait", "done", "ioc", "post_only", "remain_only", "2025-09-10T00:00:00Z", "9999-12-31T23:59:59Z",
         "0001-01-01T00:00:00+14:00", "2025-13-01T00:00:00", "99999999999999999999", "a" * 65, "\x00", "%", "%zz", "🦊",
         "' or 1=1", "../../etc/passwd", "[]", "{}"]
    ),
    st.text(max_size=8),
)  # fmt: skip


@pytest.fixture(scope="module")
def port():
    with seat() as listening:
        yield listening


@pytest.fixture
def paper(port, tmp_path):
    with seated(port, tmp_path) as running:
        yield running


@pytest.fixture(scope="module")
def one_paper(tmp_path_factory):
    """One exchange for all examples of the laws below."""
    with seat() as listening, seated(listening, tmp_path_factory.mktemp("paper")) as running:
        yield running


def refused(answer: httpx.Response, status: int, name: str | int) -> bool:
    assert (answer.status_code, answer.json()["error"]["name"]) == (status, name), answer.text
    assert answer.json()["error"]["message"]
    return True


def upbits_own(answer: httpx.Response) -> None:
    """An answer, or an error in Upbit's shape."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        error = answer.json()["error"]
        assert isinstance(error["name"], str | int)
        assert error["message"]


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_quote_ends_in_a_500(one_paper, data):
    path = data.draw(st.sampled_from(sorted(QUOTES)))
    params = {name: data.draw(NASTY) for name in QUOTES[path] if data.draw(st.booleans())}
    upbits_own(httpx.get(one_paper.url + path, params=params, verify=False))


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_no_private_request_ends_in_a_500_and_won_never_grows(one_paper, data):
    route = data.draw(st.sampled_from(sorted(PRIVATE)))
    pairs = [(name, data.draw(NASTY)) for name in PRIVATE[route] if data.draw(st.booleans())]
    method, path = route.split(" ")
    upbits_own(ask(one_paper, method, path, pairs))
    assert one_paper.exchange.account.krw <= 1_000_000


@pytest.mark.parametrize("route", PRIVATE)
def test_every_private_route_wants_a_token(paper, route):
    method, path = route.split(" ")
    body = {"json": BUY} if method == "POST" else {}
    assert refused(httpx.request(method, paper.url + path, **body), 401, "no_authorization_token")


def test_each_wrong_token_has_its_name(paper):
    def get(authorization: str | bytes) -> httpx.Response:
        return httpx.get(f"{paper.url}/v1/accounts", headers={"Authorization": authorization})

    good = token(paper)
    assert get(good).status_code == 200
    assert refused(get(good), 401, "nonce_used")
    assert refused(get(token(paper, access_key="nobody")), 401, "invalid_access_key")
    assert refused(get(token(paper, "market=KRW-ETH")), 401, "invalid_query_payload")
    for broken in ("Bearer a.b.c", "Bearer ..", "Bearer \xe9".encode("latin-1"), f"{token(paper)}x"):
        assert refused(get(broken), 401, "jwt_verification")
    assert refused(get("Basic YTpi"), 401, "no_authorization_token")


def test_a_hash_over_other_parameters_or_another_order_of_them_is_refused(paper):
    headers = {"Authorization": token(paper, "identifier=a&uuid=b")}
    answer = httpx.get(f"{paper.url}/v1/order?uuid=b&identifier=a", headers=headers)
    assert refused(answer, 401, "invalid_query_payload")


def test_arrays_are_hashed_as_they_are_sent(paper):
    answer = ask(paper, "GET", "/v1/orders/closed", [("states[]", "done"), ("states[]", "cancel")])
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b'"x"', b"\xff\xfe", b"[" * 50_000, b'{"market": {"a": 1}}']
)
def test_a_body_that_is_no_object_of_texts_is_refused(paper, body):
    headers = {"Authorization": token(paper), "Content-Type": "application/json"}
    answer = httpx.post(f"{paper.url}/v1/orders", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert isinstance(answer.json()["error"]["name"], str)


def test_an_unknown_route_and_a_wrong_method_are_errors_in_upbits_shape(paper):
    for answer in (httpx.get(f"{paper.url}/v1/nosuch"), httpx.put(f"{paper.url}/v1/order"), httpx.get(paper.url)):
        assert answer.status_code in (404, 405)
        upbits_own(answer)
