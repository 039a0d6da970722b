"""What Upbit shows of a key, against recorded answers and against the paper exchange; nothing is ever done to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from services.executor.adapters.key_watch import KeyWatch
from services.executor.adapters.upbit_account_probe import UpbitAccountProbe
from services.executor.core.live_checks import KeyInfo, No, Yes
from services.paper.app import create_app
from shared.fixed_clock import FixedClock
from shared.settings import Settings
from shared.telemetry import Metrics
from shared.upbit_pacing import PacedTransport
from tests.support.paper_server import NOW, write_tape

ACCESS, SECRET = "an-access-key-of-tests", "a-secret-key-of-tests-that-opens-nothing"
AT = datetime(2026, 1, 5, 3, 0, 1, tzinfo=UTC)


def witness(answer):
    transport = httpx.MockTransport(answer if callable(answer) else lambda _: answer)
    return UpbitAccountProbe("http://upbit.test", ACCESS, SecretStr(SECRET), transport, FixedClock(AT))


def keys(*listed, date="Mon, 05 Jan 2026 03:00:00 GMT"):
    body = [{"access_key": key, "expire_at": expire_at} for key, expire_at in listed]
    return httpx.Response(200, json=body, headers={"Date": date})


def error(status, name):
    return httpx.Response(status, json={"error": {"name": name, "message": "…"}})


async def test_the_key_is_found_among_others_and_both_times_are_the_exchanges():
    seen = await witness(keys(("another", "2030-01-01T00:00:00+09:00"), (ACCESS, "2026-06-25T11:22:54+09:00"))).key()
    assert seen == KeyInfo(datetime(2026, 1, 5, 3, tzinfo=UTC), 0.5, datetime(2026, 6, 25, 2, 22, 54, tzinfo=UTC))


async def test_a_key_that_is_not_listed_has_no_end():
    assert (await witness(keys(("another", "2030-01-01T00:00:00+09:00"))).key()).expire_at is None


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (error(401, "expired_access_key"), "expired_access_key"),
        (error(401, "no_authorization_i_p"), "no_authorization_i_p"),
        (error(404, 404), ""),
        (httpx.Response(418, text="blocked"), ""),
        (httpx.Response(200, json=[{"access_key": ACCESS}], headers={"Date": "today"}), ""),
        (httpx.Response(200, json={}), ""),
        (httpx.Response(200, text="<html>"), ""),
    ],
)
async def test_whatever_goes_wrong_is_a_no_and_holds_no_key(answer, name):
    for told in (await witness(answer).key(), await witness(answer).withdrawals()):
        if isinstance(told, No):
            assert told.name == name
            assert not any(secret in str(told) for secret in (ACCESS, SECRET))
    assert isinstance(await witness(answer).key(), No)


async def test_a_test_order_is_a_buy_of_that_much_and_its_name_is_thrown_away():
    sent = []

    def answer(request):
        sent.append(request)
        return error(400, "insufficient_funds_bid")

    for _ in range(2):
        assert (await witness(answer).test_order("KRW-ETH", Decimal(50_000))).name == "insufficient_funds_bid"
    bodies = [httpx.Response(200, content=request.content).json() for request in sent]
    assert {(r.method, r.url.path) for r in sent} == {("POST", "/v1/orders/test")}
    assert len({body.pop("identifier") for body in bodies}) == 2
    assert bodies[0] == bodies[1] == {"market": "KRW-ETH", "side": "bid", "ord_type": "price", "price": "50000"}


@pytest.fixture
def paper(tmp_path):
    settings = Settings.load(
        data_dir=tmp_path, paper_tape=write_tape(tmp_path), paper_clock="stepped", tape_from=NOW.isoformat()
    )
    app = create_app(settings)
    yield (
        UpbitAccountProbe(
            "http://paper.test",
            settings.paper_access_key,
            settings.paper_secret_key,
            PacedTransport(httpx.ASGITransport(app)),
        ),
        app.state.exchange,
    )
    app.state.exchange.close()


async def test_the_paper_exchange_shows_its_key_and_takes_a_test_order_that_changes_nothing(paper):
    witness, exchange = paper
    before = exchange.account.rows()
    seen = await witness.key()
    assert seen.exchange_at == NOW
    assert seen.left > timedelta(days=364)
    assert await witness.test_order("KRW-ETH", Decimal(50_000)) == Yes()
    assert (await witness.test_order("KRW-ETH", Decimal(4_999))).name == "under_min_total_bid"
    assert isinstance(await witness.withdrawals(), No)
    assert exchange.account.rows() == before


async def test_when_the_key_ends_is_a_metric_in_this_machines_time(paper):
    metrics = Metrics()
    assert b"key_expires_timestamp_seconds" not in metrics.render()
    watch = KeyWatch(paper[0], metrics, FixedClock(AT))
    assert watch.expires_at is None
    assert await watch.check()
    assert watch.expires_at == (await paper[0].key()).expire_at
    lines = metrics.render().decode().splitlines()
    (value,) = [float(line.split()[1]) for line in lines if line.startswith("key_expires_timestamp_seconds ")]
    assert value == (AT + (await paper[0].key()).left).timestamp()
    assert not await KeyWatch(witness(error(500, "internal_server_error")), metrics, FixedClock(AT)).check()
