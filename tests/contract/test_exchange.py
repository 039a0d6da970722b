"""The paper exchange over HTTP, driven by Upbit's own SDK: shapes, types, statuses and error names are Upbit's."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import polars as pl
import pytest
import upbit
import uvicorn
from upbit import AsyncUpbit

from services.local.nats_server import free_port
from services.paper.app import create_app
from shared.candles import SCHEMA
from shared.clock import monotonic
from shared.settings import Settings
from tests.support.processes import environment as bare

ACCESS, SECRET, ADMIN = "paper-access-key", "paper-secret-key-opens-pretend-money-only", "an-admin-token-of-tests"
START = datetime(2025, 9, 1, tzinfo=UTC)
NOW = START + timedelta(hours=48, minutes=30)
FIXTURES = Path("fixtures") / "upbit"
D = Decimal


def write_tape(folder: Path) -> str:
    """Three days of hours: ETH opens at 4,000,000 and gains 1,000 an hour; BTC stands at 30 times that."""
    files = []
    for market, times in (("KRW-ETH", 1), ("KRW-BTC", 30)):
        rows = []
        for n in range(72):
            price = (4_000_000.0 + 1000 * n) * times
            rows.append((START + timedelta(hours=n), price, price + 5000, price - 5000, price + 1000, 2.5))
        files.append(folder / f"{market}.parquet")
        pl.DataFrame(rows, schema=SCHEMA, orient="row").write_parquet(files[-1])
    return ",".join(map(str, files))


def environment(folder: Path) -> dict[str, str]:
    return {
        "DATA_DIR": str(folder),
        "PAPER_TAPE": write_tape(folder),
        "PAPER_CLOCK": "stepped",
        "TAPE_FROM": "2025-09-03T00:30Z",
        "PAPER_ADMIN_TOKEN": ADMIN,
    }


@pytest.fixture
async def url(tmp_path) -> AsyncIterator[str]:
    settings = Settings.load(**{name.lower(): value for name, value in environment(tmp_path).items()})
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning", date_header=False, ws="none"))
        running = asyncio.create_task(server.serve(sockets=[door]))
        url = f"http://127.0.0.1:{door.getsockname()[1]}"
        await answering(url)
        yield url
        server.should_exit = True
        await running


@asynccontextmanager
async def sdk(url: str, access: str = ACCESS, secret: str = SECRET) -> AsyncIterator[AsyncUpbit]:
    async with AsyncUpbit(access_key=access, secret_key=secret, base_url=url, max_retries=0, timeout=30) as client:
        yield client


@pytest.fixture
async def client(url) -> AsyncIterator[AsyncUpbit]:
    async with sdk(url) as client:
        yield client


@pytest.fixture
async def http(url) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as http:
        yield http


async def buy(client: AsyncUpbit, won: str, identifier: str):
    return await client.orders.create(market="KRW-ETH", side="bid", ord_type="price", price=won, identifier=identifier)


async def test_the_sdk_reads_every_quote(client):
    listed = await client.trading_pairs.list(is_details=True)
    assert [pair.market for pair in listed] == ["KRW-BTC", "KRW-ETH"]
    assert listed[1].market_event.warning is False

    hours = await client.candles.list_minutes(60, market="KRW-ETH", count=3)
    assert [candle.candle_date_time_utc for candle in hours] == [
        "2025-09-03T00:00:00",
        "2025-09-02T23:00:00",
        "2025-09-02T22:00:00",
    ]
    assert D(str(hours[0].trade_price)) == D(str(hours[0].opening_price)) == 4_048_000
    assert D(str(hours[1].trade_price)) == 4_048_000

    days = await client.candles.list_days(market="KRW-ETH", count=2)
    assert (days[1].candle_date_time_utc, days[1].candle_date_time_kst) == (
        "2025-09-02T00:00:00",
        "2025-09-02T09:00:00",
    )
    assert D(str(days[0].prev_closing_price)) == 4_048_000

    (ticker,) = await client.tickers.list_by_trading_pairs(markets="KRW-ETH")
    assert D(str(ticker.trade_price)) == 4_048_000

    (book,) = await client.orderbooks.list(markets="KRW-ETH")
    # half of 0.04 % of 4,048,000 is 809.6; the next ticks are 4,049,000 and 4,047,000
    assert D(str(book.orderbook_units[0].ask_price)) == 4_049_000
    assert D(str(book.orderbook_units[0].bid_price)) == 4_047_000
    assert len(book.orderbook_units) == 30


async def test_pages_by_to_never_overlap(client):
    first = await client.candles.list_minutes(60, market="KRW-BTC", count=5)
    second = await client.candles.list_minutes(60, market="KRW-BTC", count=200, to=first[-1].candle_date_time_utc)
    assert second[0].candle_date_time_utc == "2025-09-02T19:00:00"
    assert first[-1].candle_date_time_utc == "2025-09-02T20:00:00"
    assert len(first) + len(second) == 49
    assert await client.candles.list_minutes(60, market="KRW-BTC", count=5, to="2025-09-01T09:00:00+09:00") == []


async def test_a_buy_and_a_sell_move_the_balances(client):
    (won,) = await client.accounts.list()
    assert (won.currency, won.balance, won.locked) == ("KRW", "1000000", "0")

    placed = await buy(client, "50000", "KRW-ETH-20250903T0000Z")
    assert (placed.state, placed.reserved_fee, placed.locked) == ("wait", "25", "50025")
    found = await client.orders.retrieve(identifier="KRW-ETH-20250903T0000Z")
    assert found.uuid == placed.uuid
    assert (found.state, found.ord_type, found.executed_volume) == ("cancel", "price", "0.01234872")
    assert found.trades[0].funds == "49999.96728"
    assert found.paid_fee == "24.99998364"

    won, coin = await client.accounts.list()
    assert (coin.currency, coin.balance, coin.avg_buy_price) == ("ETH", "0.01234872", "4049000")
    assert D(won.balance) == D("1000000") - D("49999.96728") - D("24.99998364")

    chance = await client.orders.retrieve_chance(market="KRW-ETH")
    assert (chance.bid_fee, chance.market.bid.min_total, chance.market.state) == ("0.0005", "5000", "active")
    assert (chance.bid_account.balance, chance.ask_account.balance) == (won.balance, coin.balance)

    sold = await client.orders.create(market="KRW-ETH", side="ask", ord_type="market", volume=coin.balance)
    ended = await client.orders.retrieve(uuid=sold.uuid)
    assert (ended.state, ended.remaining_volume, ended.executed_volume) == ("done", "0", "0.01234872")
    assert [row.currency for row in await client.accounts.list()] == ["KRW"]


async def test_refusals_carry_upbits_names(client, url):
    await buy(client, "50000", "once")
    for fields, error, name in (
        ({"price": "50000", "identifier": "once"}, upbit.BadRequestError, "duplicated_identifier"),
        ({"price": "4999", "identifier": "small"}, upbit.BadRequestError, "under_min_total_bid"),
        ({"price": "50000", "identifier": "small"}, upbit.BadRequestError, "duplicated_identifier"),
        ({"price": "999999", "identifier": "much"}, upbit.BadRequestError, "insufficient_funds_bid"),
        ({"price": "50000", "market": "KRW-DOGE"}, upbit.BadRequestError, "notfoundmarket"),
    ):
        with pytest.raises(error) as no:
            await client.orders.create(**{"market": "KRW-ETH", "side": "bid", "ord_type": "price", **fields})
        assert no.value.name == name
    with pytest.raises(upbit.NotFoundError) as no:
        await client.orders.retrieve(identifier="small")
    assert no.value.name == "order_not_found"
    with pytest.raises(upbit.BadRequestError) as no:
        await client.orders.create(market="KRW-ETH", side="bid", ord_type="limit", price="4000500", volume="10")
    assert no.value.name == "invalid_price_bid"
    async with sdk(url, secret="another-secret-of-forty-characters-00000") as wrong:
        with pytest.raises(upbit.AuthenticationError) as no:
            await wrong.accounts.list()
        assert no.value.name == "jwt_verification"
    async with sdk(url, access="nobody") as wrong:
        with pytest.raises(upbit.AuthenticationError) as no:
            await wrong.orders.retrieve_chance(market="KRW-ETH")
        assert no.value.name == "invalid_access_key"


@pytest.mark.parametrize(
    ("path", "status", "message"),
    [
        ("/v1/candles/minutes/60?market=KRW-DOGE", 404, "Code not found"),
        ("/v1/ticker?markets=KRW-ETH,KRW-DOGE", 404, "Code not found"),
        ("/v1/orderbook?markets=KRW-DOGE", 404, "Code not found"),
        ("/v1/candles/days", 400, "Missing request parameter error. Check the required parameters!"),
        ("/v1/candles/days?market=KRW-ETH&count=x", 400, "Type mismatch error. Check the parameters type!"),
        ("/v1/candles/days?market=KRW-ETH&count=-1", 400, "Type mismatch error. Check the parameters type!"),
        ("/v1/candles/days?market=KRW-ETH&to=yesterday", 400, "Invalid parameter. Check the given value!"),
        (
            "/v1/candles/days?market=KRW-ETH&to=0001-01-01T00:00:00%2B09:00",
            400,
            "Invalid parameter. Check the given value!",
        ),
        ("/v1/candles/minutes/7?market=KRW-ETH", 400, "Invalid parameter. Check the given value!"),
    ],
)
async def test_a_bad_question_gets_upbits_answer(http, path, status, message):
    answer = await http.get(path)
    assert answer.json() == {"error": {"name": status, "message": message}}
    assert answer.status_code == status


async def test_nothing_malformed_is_a_server_error(http):
    for body in (b"", b"[", b"[1]", b"{}", b'{"market":["KRW-ETH"]}', b'{"market":"\\ud800"}', b"[" * 50_000, b"\xff"):
        answer = await http.post("/v1/orders", content=body, headers={"Authorization": "Bearer a.b.c"})
        assert answer.status_code in (400, 401), body
        assert set(answer.json()["error"]) == {"name", "message"}
        moved = await http.post("/admin/time", content=body, headers={"Authorization": f"Bearer {ADMIN}"})
        assert moved.status_code == 400, body
    for path in ("/v1/accounts", "/v1/order?uuid=%FF", "/v1/orderbook?markets=KRW-ETH&level=x&count=5", "/v1/nowhere"):
        answer = await http.get(path, headers={"Authorization": "Bearer \xe9.\xe9.\xe9".encode("latin-1")})
        assert answer.status_code < 500, path
    assert (await http.put("/v1/order?uuid=x")).status_code == 405


async def test_a_coarse_tape_has_no_minutes(http):
    assert (await http.get("/v1/candles/minutes/15?market=KRW-ETH&count=5")).json() == []


async def test_every_answer_carries_the_quota_and_the_exchanges_own_time(http):
    for path, group in (
        ("/v1/ticker?markets=KRW-ETH", "group=ticker; min=600; sec=9"),
        ("/v1/accounts", "group=default; min=1800; sec=29"),
        ("/v1/candles/days?market=KRW-DOGE", "group=candle; min=600; sec=9"),
    ):
        answer = await http.get(path)
        assert answer.headers.get_list("date") == ["Wed, 03 Sep 2025 00:30:00 GMT"]
        assert answer.headers["remaining-req"] == group


async def test_only_the_admin_moves_the_tape_and_only_forward(http):
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        closed = await http.post("/admin/time", json={"now": "2025-09-03T02:00:00Z"}, headers=headers)
        assert closed.status_code == 403
        assert "PAPER_ADMIN_TOKEN" in closed.json()["error"]["message"]
    admin = {"Authorization": f"Bearer {ADMIN}"}
    moved = await http.post("/admin/time", json={"now": "2025-09-03T02:00:00Z"}, headers=admin)
    assert moved.json() == {
        "now": "2025-09-03T02:00:00+00:00",
        "from": "2025-09-01T00:00:00+00:00",
        "to": "2025-09-04T00:00:00+00:00",
        "markets": ["KRW-BTC", "KRW-ETH"],
        "synthetic": False,
        "mode": "stepped",
    }
    assert (await http.get("/admin/time", headers=admin)).json() == moved.json()
    back = await http.post("/admin/time", json={"now": "2025-09-03T01:00:00Z"}, headers=admin)
    assert back.status_code == 409
    assert (await http.get("/health")).json()["now"] == "2025-09-03T02:00:00+00:00"


def shape(value: object) -> object:
    """Names and JSON types, lists by their first entry; every number is a number."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def recorded(data_dir: Path, name: str) -> object:
    return json.loads((data_dir / FIXTURES / name).read_text())


async def test_quotes_have_the_shape_of_recorded_ones(http, data_dir):
    for path, name in (
        ("/v1/market/all?is_details=true", "rest/GetSymbols.json"),
        ("/v1/orderbook?markets=KRW-BTC", "rest/GetOrderBook.json"),
    ):
        body = recorded(data_dir, name)["body"]
        assert shape((await http.get(path)).json()) == shape(
            [{"level": 0, **body[0]} if "level" in body[0] else body[0]]
        )
    ticker = recorded(data_dir, "rest/GetTickers.json")["body"][0]
    (told,) = (await http.get("/v1/ticker?markets=KRW-BTC")).json()
    assert list(told) == list(ticker)
    minutes = recorded(data_dir, "rest/candles_upbit_1m_20200220_202000-20200220_210000.json")
    assert shape((await http.get("/v1/candles/minutes/60?market=KRW-BTC")).json()) == shape(minutes)


async def test_private_answers_have_the_shape_of_recorded_ones(client, data_dir):
    await buy(client, "50000", "a")
    held = (await client.accounts.list())[1]
    sold = await client.orders.create(market="KRW-ETH", side="ask", ord_type="market", volume=held.balance)
    answer = await client.orders.with_raw_response.retrieve(uuid=sold.uuid)
    real = recorded(data_dir, "private/order_get_market_sell_done_2025.json")
    assert shape(json.loads(await answer.text())) == shape(real)

    chance = await client.orders.with_raw_response.retrieve_chance(market="KRW-BTC")
    told, real = json.loads(await chance.text()), recorded(data_dir, "private/orders_chance.json")
    assert set(real) == set(told)
    assert set(real["market"]) | {"bid_types", "ask_types"} == set(told["market"])
    assert shape(real["bid_account"]) == shape(told["bid_account"])


async def answering(url: str) -> None:
    end = monotonic() + 60
    async with httpx.AsyncClient() as http:
        while True:
            try:
                await http.get(f"{url}/health")
                return
            except httpx.TransportError:
                assert monotonic() < end, "the exchange did not start"
                await asyncio.sleep(0.02)


@asynccontextmanager
async def killed_afterwards(folder: Path) -> AsyncIterator[str]:
    """The exchange as a process of its own, ended by SIGKILL."""
    port = free_port()
    command = ["-m", "uvicorn", "services.paper.app:create_app", "--factory", "--no-date-header", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *command, "--log-level", "warning"),
        env=bare(**environment(folder)),
        cwd=folder,
    )
    try:
        await answering(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_an_accepted_order_survives_kill_9_and_is_never_doubled(tmp_path):
    async with killed_afterwards(tmp_path) as url, sdk(url) as client:
        placed = await buy(client, "50000", "once")
        before = [row.to_dict() for row in await client.accounts.list()]
        with pytest.raises(upbit.BadRequestError):
            await buy(client, "1", "burnt")
    async with killed_afterwards(tmp_path) as url, sdk(url) as client:
        found = await client.orders.retrieve(identifier="once")
        assert (found.uuid, found.executed_volume) == (placed.uuid, "0.01234872")
        for identifier in ("once", "burnt"):
            with pytest.raises(upbit.BadRequestError) as no:
                await buy(client, "50000", identifier)
            assert no.value.name == "duplicated_identifier"
        assert [row.to_dict() for row in await client.accounts.list()] == before
