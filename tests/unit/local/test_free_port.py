"""A port that was given out belongs to whoever asked for it."""

import asyncio
import socket
import sys

import pytest

from services.local.nats_server import free_port


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a port is only picked, not kept")
def test_nobody_else_is_given_the_port_meanwhile():
    mine = {free_port() for _ in range(20)}
    others = set()
    for _ in range(5_000):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            others.add(other.getsockname()[1])
    assert len(mine) == 20
    assert not mine & others


async def test_until_somebody_listens_there_it_is_refused_and_then_he_is_heard():
    port = free_port()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)

    async def greet(_, writer):
        writer.write(b"hello")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await reader.read() == b"hello"
        writer.close()
