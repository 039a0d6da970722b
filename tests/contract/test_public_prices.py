"""What the exit guard reads of prices, against the paper exchange; and the socket of tickers against one of its own."""

import asyncio
import json
from decimal import Decimal

import httpx
import pytest
from websockets.asyncio.server import serve

from services.clock.adapters.public_prices import NoPrices, PublicPrices
from services.clock.adapters.ticker_socket import TickerSocket
from services.clock.core.exits import Bar
from services.clock.ports import Ticker
from services.local.nats_server import free_port
from tests.support.paper_server import HOUR, NOW, seat, seated
from tests.support.waiting import eventually

D = Decimal
ETH = "KRW-ETH"


@pytest.fixture(scope="module")
def place():
    with seat() as at:
        yield at


@pytest.fixture
def exchange(place, tmp_path):
    with seated(place, tmp_path) as server:
        yield server


@pytest.fixture
async def prices(exchange):
    async with httpx.AsyncClient(base_url=exchange.url) as client:
        yield PublicPrices(client)


async def test_a_ticker_is_the_last_price_at_the_exchanges_own_time(prices):
    eth, btc = await prices.tickers((ETH, "KRW-BTC"))
    assert eth == Ticker(ETH, D(4_000_000), NOW)
    assert (btc.market, btc.price) == ("KRW-BTC", D(120_000_000))


async def test_the_smallest_candle_of_a_tape_of_hours_is_an_hour(prices):
    assert await prices.unit_min(ETH) == 60


async def test_a_bar_is_shown_once_it_has_closed(exchange, prices):
    exchange.move(NOW + HOUR)
    bar = await prices.bar(ETH, NOW + HOUR)
    assert bar == Bar(NOW, NOW + HOUR, D(4_000_000), D(4_000_000), D(3_800_000), D(3_920_000))
    assert await prices.bar(ETH, NOW + HOUR / 2) is None


async def test_the_highest_price_is_of_whole_candles_within_the_span(exchange, prices):
    exchange.move(NOW + 3 * HOUR)
    assert await prices.highest(ETH, NOW, NOW + 2 * HOUR) == D(4_200_000)
    assert await prices.highest(ETH, NOW, NOW + HOUR) == D(4_000_000)
    assert await prices.highest(ETH, NOW - 230 * HOUR, NOW + 2 * HOUR) == D(4_200_000)
    assert await prices.highest(ETH, NOW + HOUR / 4, NOW + HOUR / 2) is None


async def test_an_exchange_that_is_away_or_unknown_is_no_prices(prices):
    with pytest.raises(NoPrices, match="404"):
        await prices.tickers(("KRW-NONE",))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{free_port()}") as client:
        with pytest.raises(NoPrices, match="ConnectError"):
            await PublicPrices(client).tickers((ETH,))


def answers(ticker):
    """Prices of an exchange that answers `ticker(market)`, or Upbit's 404 where one of the markets has none."""

    def respond(request):
        rows = [ticker(market) for market in request.url.params["markets"].split(",")]
        if None in rows:
            return httpx.Response(404, json={"error": {"name": 404, "message": "Code not found"}})
        return httpx.Response(200, text=f"[{','.join(rows)}]", headers={"Date": "Sat, 28 Nov 2026 03:00:00 GMT"})

    return PublicPrices(httpx.AsyncClient(base_url="http://exchange.test", transport=httpx.MockTransport(respond)))


def row(market, price):
    return f'{{"market":"{market}","trade_price":{price}}}'


@pytest.mark.parametrize("odd", ["null", "0", "-1", "NaN", "Infinity", "1e400", '""', "[]", "{}", "true", None])
async def test_one_market_without_a_price_leaves_the_others_theirs(odd):
    prices = answers(lambda market: row(market, 4_000_000) if market == ETH else odd and row(market, odd))
    assert [(seen.market, seen.price) for seen in await prices.tickers((ETH, "KRW-OLD"))] == [(ETH, D(4_000_000))]
    with pytest.raises(NoPrices):
        await prices.tickers(("KRW-OLD",))


class Rest:
    asked = 0

    async def tickers(self, markets):
        self.asked += 1
        return []


async def test_where_there_is_no_socket_rest_is_asked(exchange):
    rest = Rest()
    socket = TickerSocket(exchange.url, (ETH,), rest)
    await asyncio.wait_for(socket.run(), 60)  # it ends by itself
    await socket.tickers((ETH,))
    assert rest.asked == 1


def frame(price, ms=1_757_462_400_000):
    return json.dumps({"type": "ticker", "code": ETH, "trade_price": price, "timestamp": ms}).encode()


@pytest.mark.parametrize(
    "odd",
    [frame(None), frame(0), frame("x"), frame(1, 10**15), frame(1, 10**18), frame(1, None),
     b'{"type":"ticker","code":[]}',
     b"[" * 100_000, b"\xff", b"7", frame(1).replace(b"KRW-ETH", b"KRW-ABC")],
    ids=lambda odd: repr(odd[:60]),
)  # fmt: skip
def test_a_bad_frame_changes_nothing_of_what_the_socket_knows(odd):
    socket = TickerSocket("http://exchange.test", (ETH,), Rest())
    socket._take(frame(4_000_000))
    known = dict(socket._news)
    socket._take(odd)
    assert socket._news == known


async def test_a_spike_between_two_looks_is_seen_and_the_socket_is_opened_again_when_it_breaks():
    subscribed, frames = [], asyncio.Queue()

    async def upbit(connection):
        subscribed.append(json.loads(await connection.recv()))
        assert await connection.recv() == "PING"
        while (sent := await frames.get()) is not None:
            await connection.send(sent)

    rest, port = Rest(), free_port()
    async with serve(upbit, "127.0.0.1", port):
        socket = TickerSocket(f"http://127.0.0.1:{port}", (ETH,), rest)
        task = asyncio.ensure_future(socket.run())
        for price in (4_000_000, 3_700_000, 4_100_000, 4_000_000.5):
            frames.put_nowait(frame(price))
        frames.put_nowait(b'{"status":"UP"}')
        frames.put_nowait(b"rubbish")
        await eventually(lambda: ETH in socket._news and socket._news[ETH].last == D("4000000.5"))
        seen = await socket.tickers((ETH,))
        assert [s.price for s in seen] == [D(3_700_000), D(4_100_000), D("4000000.5")]
        assert seen[0].at.isoformat() == "2025-09-10T00:00:00+00:00"
        assert await socket.tickers((ETH,)) == [Ticker(ETH, None, seen[0].at)]  # quiet since, and known to be
        assert rest.asked == 0
        await socket.tickers((ETH, "KRW-OLD"))
        assert rest.asked == 1  # about the one the socket has never shown
        rest.asked = 0
        frames.put_nowait(None)  # the connection ends
        await eventually(lambda: socket._heard_at is None)
        await socket.tickers((ETH,))
        assert rest.asked == 1
        frames.put_nowait(frame(3_900_000))
        await eventually(lambda: ETH in socket._news)
        frames.put_nowait(None)
        task.cancel()
        await asyncio.wait([task])
    assert len(subscribed) == 2
    assert subscribed[0][1] == {"type": "ticker", "codes": [ETH]}
