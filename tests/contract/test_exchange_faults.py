"""What a client meets when the paper exchange misbehaves on request, over real connections."""

from decimal import Decimal

import httpx
import pytest
import upbit
from upbit import Upbit

from services.paper.app import open_quotas
from services.paper.core.quotas import Quotas
from services.paper.core.tape import BadTape
from shared.clock import monotonic
from shared.settings import Settings
from shared.upbit_quota import DEFAULT
from tests.support.paper_server import HOUR, NOW, TOKEN, seat, seated

ADMIN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def port():
    with seat() as empty:
        yield empty


@pytest.fixture
def server(port, tmp_path):
    with seated(port, tmp_path) as running:
        yield running


@pytest.fixture
def client(server):
    with Upbit(
        access_key=server.access_key, secret_key=server.secret_key, base_url=server.url, max_retries=0, timeout=30
    ) as client:
        yield client


def script(server, *faults, **more):
    said = httpx.post(f"{server.url}/admin/faults", json={"faults": faults, **more}, headers=ADMIN)
    assert said.status_code == 200, said.text


def buy(client, identifier, won="50000"):
    return client.orders.create(market="KRW-ETH", side="bid", ord_type="price", price=won, identifier=identifier)


def test_only_the_admin_writes_the_script(server):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        assert httpx.post(f"{server.url}/admin/faults", json={}, headers=headers).status_code == 403
    bad = httpx.post(f"{server.url}/admin/faults", json={"faults": [{"do": "dance"}]}, headers=ADMIN)
    assert bad.status_code == 400
    script(server, {"do": "delay", "seconds": 2})
    shown = httpx.get(f"{server.url}/admin/faults", headers=ADMIN).json()
    assert shown == {"faults": [{"do": "delay", "seconds": 2.0, "skip": 0, "times": 1}]}


def test_an_accepted_order_whose_answer_is_dropped_is_there(server, client):
    script(server, {"do": "drop_answer"})
    with pytest.raises(upbit.APIConnectionError):
        buy(client, "dropped")
    assert client.orders.retrieve(identifier="dropped").state == "cancel"


@pytest.mark.parametrize("do", ["reset_unread", "reset_read"])
def test_a_connection_that_breaks_before_the_order_is_taken_leaves_none(server, client, do):
    script(server, {"do": do, "on": "POST /v1/orders"})
    with pytest.raises(upbit.APIConnectionError):
        buy(client, "broken")
    with pytest.raises(upbit.NotFoundError):
        client.orders.retrieve(identifier="broken")
    assert buy(client, "broken").state == "wait"


def test_an_answer_comes_late(server):
    script(server, {"do": "delay", "seconds": 0.15, "on": "/v1/ticker"})
    began = monotonic()
    assert httpx.get(f"{server.url}/v1/ticker?markets=KRW-ETH").status_code == 200
    assert monotonic() - began >= 0.15


def test_other_answers_with_and_without_a_body(server):
    json = {"error": {"name": "too_many_requests", "message": "Too many API requests."}}
    script(
        server,
        {"do": "answer", "status": 429, "body": json},
        {"do": "answer", "status": 429, "body": "Too many API requests."},
        {"do": "answer", "status": 418},
        {"do": "answer", "status": 502, "body": "<html>Bad Gateway</html>"},
        {"do": "answer", "status": 500},
    )
    told = [httpx.get(f"{server.url}/v1/ticker?markets=KRW-ETH") for _ in range(6)]
    assert [answer.status_code for answer in told] == [429, 429, 418, 502, 500, 200]
    assert told[0].json() == json
    assert [answer.text for answer in told[1:5]] == ["Too many API requests.", "", "<html>Bad Gateway</html>", ""]
    assert all("remaining-req" in answer.headers for answer in told)


def test_a_500_after_the_order_was_taken(server, client):
    script(server, {"do": "answer", "status": 500, "after": True, "on": "POST /v1/orders"})
    with pytest.raises(upbit.InternalServerError):
        buy(client, "taken")
    assert client.orders.retrieve(identifier="taken").state == "cancel"


def test_an_order_gets_a_part_shows_late_and_the_balance_is_wrong_for_a_moment(server, client):
    script(server, {"do": "partial_fill", "share": "0.4"}, {"do": "late_order", "times": 2}, {"do": "wrong_balance"})
    buy(client, "part")
    for _ in range(2):
        with pytest.raises(upbit.NotFoundError):
            client.orders.retrieve(identifier="part")
    got = client.orders.retrieve(identifier="part")
    assert (got.state, got.executed_volume) == ("cancel", "0.00499875")  # 20,000 at 4,001,000
    wrong, right = client.accounts.list()[0], client.accounts.list()[0]
    assert Decimal(wrong.balance) * 2 == Decimal(right.balance)


def test_a_stale_book_is_that_of_before(server):
    server.move(NOW + 1.5 * HOUR)
    script(server, {"do": "stale_book", "seconds": 3600})
    stale, fresh = (httpx.get(f"{server.url}/v1/orderbook?markets=KRW-ETH").json()[0] for _ in range(2))
    assert fresh["timestamp"] - stale["timestamp"] == 3_600_000
    assert stale["orderbook_units"][0] != fresh["orderbook_units"][0]


def test_maintenance_is_a_window_of_the_exchanges_time(server, client):
    hour = [(NOW + n * HOUR).isoformat() for n in (1, 2)]
    script(server, {"do": "maintenance", "times": 0, "since": hour[0], "until": hour[1]})
    assert buy(client, "before").state == "wait"
    server.move(NOW + HOUR)
    for ask in (lambda: buy(client, "within"), client.accounts.list):
        with pytest.raises(upbit.PermissionDeniedError) as no:
            ask()
        assert no.value.name == "market_offline"
    assert httpx.get(f"{server.url}/v1/ticker?markets=KRW-ETH").status_code == 200
    server.move(NOW + 2 * HOUR)
    assert buy(client, "within").state == "wait"


def test_warnings_suspensions_and_what_may_happen_to_a_key(server, client):
    script(server, markets={"KRW-ETH": {"warning": True, "suspended": True, "caution": ["PRICE_FLUCTUATIONS"]}})
    listed = {pair.market: pair for pair in client.trading_pairs.list(is_details=True)}
    assert (listed["KRW-ETH"].market_event.warning, listed["KRW-BTC"].market_event.warning) == (True, False)
    assert client.orders.retrieve_chance(market="KRW-ETH").market.state != "active"
    with pytest.raises(upbit.PermissionDeniedError) as no:
        buy(client, "suspended")
    assert no.value.name == "market_offline"
    for key, name in (
        ({"expire_at": NOW.isoformat()}, "expired_access_key"),
        ({"expire_at": "2030-01-01T00:00:00Z", "allowed_ips": ["203.0.113.7"]}, "no_authorization_ip"),
        ({"expire_at": "2030-01-01T00:00:00Z", "permissions": ["view_account"]}, "out_of_scope"),
    ):
        script(server, key=key)
        with pytest.raises(upbit.AuthenticationError) as no:
            buy(client, "no")
        assert no.value.name == name
    assert client.accounts.list()[0].currency == "KRW"


def test_quotas_as_a_client_meets_them(port, server):
    port.app.state.quotas = Quotas(lambda: 0.0)  # a second that does not pass, however slow this machine is
    with httpx.Client(base_url=server.url) as http:
        told = [http.get("/v1/market/all") for _ in range(32)]
        statuses = [answer.status_code for answer in told]
        assert statuses[:10] == [200] * 10
        assert told[9].headers["remaining-req"] == "group=market; min=600; sec=0"
        refused = next(answer for answer in told if answer.status_code == 429)
        assert refused.text == "Too many API requests."
        assert 418 in statuses
        assert http.get("/v1/accounts").status_code == 401  # another group
        browser = [http.get("/v1/ticker?markets=KRW-ETH", headers={"Origin": "https://a.page"}) for _ in range(2)]
        assert [answer.status_code for answer in browser] == [200, 429]


def test_a_stepped_tape_never_waits_unless_it_is_told_to(server, tmp_path):
    def counts(limits: str) -> bool:
        quotas = open_quotas(Settings.load(paper_limits=limits), server.exchange)
        return {quotas.take(DEFAULT, "me").status for _ in range(1000)} != {200}

    assert [counts(limits) for limits in ("tape", "wall", "off")] == [False, True, False]


def test_a_script_lies_in_a_file_and_a_wrong_one_is_named(port, tmp_path):
    file = tmp_path / "faults.json"
    file.write_text('{"faults": [{"do": "answer", "status": 503}]}')
    with seated(port, tmp_path, paper_faults=file) as server:
        told = [httpx.get(f"{server.url}/v1/market/all").status_code for _ in range(2)]
    assert told == [503, 200]
    file.write_text("{")
    with (
        pytest.raises(BadTape, match=r"PAPER_FAULTS: .*faults.json: faults: "),
        seated(port, tmp_path, paper_faults=file),
    ):
        pass
