"""How long an order can be on its way: the numbers, and real connections that keep to them."""

import asyncio
import re
import socket
import struct
import time
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.core import risk
from services.executor.core.answers import NeverSent, Unknown
from services.executor.core.deadlines import (
    ANSWER_S,
    CONNECT_S,
    IN_DOUBT_S,
    IN_FLIGHT_S,
    SEND_WITHIN_S,
    STANDSTILL_S,
)
from services.executor.core.orders import Sell
from shared import clock
from shared.upbit_pacing import PacedTransport
from shared.upbit_wire import UNACKED_S
from tests.support.fake_exchange import conditions

DOCS = Path(__file__).parents[3] / "docs"
SALE = risk.check_panic(Sell("KRW-ETH", "KRW-ETH-20260105T0300Z", conditions().coin_free), conditions())


class Server:
    """Takes connections and answers nothing; keeps what arrives, and how each connection ends."""

    def __init__(self):
        self.arrived, self.connections, self.ended = b"", 0, asyncio.Event()
        self.reset = False

    async def on(self, reader, writer):
        self.connections += 1
        try:
            while data := await reader.read(65536):
                self.arrived += data
        except ConnectionResetError:
            self.reset = True
        finally:
            self.ended.set()
            writer.close()


@asynccontextmanager
async def connected():
    server = Server()
    listening = await asyncio.start_server(server.on, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    upbit = UpbitExchange(url, "an-access-key", SecretStr("a-secret-key-of-tests-that-opens-nothing"))
    async with listening, upbit.closing():
        yield upbit, server


def test_a_panic_waits_until_the_last_byte_of_an_order_has_left_or_was_thrown_away():
    assert IN_FLIGHT_S > SEND_WITHIN_S + UNACKED_S
    assert IN_FLIGHT_S > SEND_WITHIN_S + ANSWER_S
    assert CONNECT_S < SEND_WITHIN_S
    assert IN_DOUBT_S > IN_FLIGHT_S


PAGES = {"threats.md": [(f"{UNACKED_S:.0f}", "")], "threats.en.md": [("", f"{UNACKED_S:.0f}")]}


@pytest.mark.parametrize("page", PAGES)
def test_the_threat_page_names_how_long_a_machine_may_stand_still(page):
    assert STANDSTILL_S + SEND_WITHIN_S + UNACKED_S <= IN_DOUBT_S
    text = (DOCS / page).read_text(encoding="utf-8")
    assert re.findall(r"(\d+)(?:초 넘게 멈춘| s in the instant)", text) == [f"{STANDSTILL_S:.0f}"]
    assert re.findall(r"(\d+)(?:분 동안 panic| minutes a panic)", text) == [f"{IN_DOUBT_S / 60:.0f}"]
    assert re.findall(r"(\d+)초 뒤에는 커널|nothing again after (\d+) s", text) == PAGES[page]


async def test_an_order_that_is_late_when_the_connection_stands_leaves_no_byte():
    """The time is asked behind the connection, as the last thing."""
    async with connected() as (upbit, server):
        assert await upbit.place(SALE, lambda: False) == NeverSent("the time to send it had passed")
        await asyncio.wait_for(server.ended.wait(), 10)
        assert server.connections == 1
        assert server.arrived == b""


async def test_an_order_whose_time_passes_in_the_middle_leaves_no_body_and_is_unknown():
    async with connected() as (upbit, server):
        answers = iter([True, False])
        assert isinstance(await upbit.place(SALE, lambda: next(answers)), Unknown)
        await asyncio.wait_for(server.ended.wait(), 10)
        assert b"identifier" not in server.arrived


async def test_giving_up_an_order_resets_its_connection(monkeypatch):
    monkeypatch.setattr("services.executor.adapters.upbit_exchange.CALL_S", 0.2)
    async with connected() as (upbit, server):
        assert isinstance(await upbit.place(SALE, lambda: True), Unknown)
        await asyncio.wait_for(server.ended.wait(), 10)
        assert b"identifier" in server.arrived
        assert server.reset


async def test_a_connection_for_orders_stops_sending_what_nobody_acknowledges():
    async def answer(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/v1/orders/chance"
    async with (
        listening,
        httpx.AsyncClient(transport=PacedTransport()) as http,
        http.stream("GET", url) as response,
    ):
        wire = response.extensions["network_stream"].get_extra_info("socket")
        linger = wire.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        assert struct.unpack("ii", linger) == (1, 0)
        assert wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == UNACKED_S * 1000


def test_the_five_seconds_run_while_the_machine_sleeps(monkeypatch):
    """It slept for an hour: the seconds since boot count that, the monotonic ones do not."""
    seconds = {time.CLOCK_BOOTTIME: 3700.0, time.CLOCK_MONOTONIC: 100.0}
    monkeypatch.setattr(time, "clock_gettime", seconds.__getitem__)
    assert clock.monotonic() == MachinePace().now() == 3700.0
