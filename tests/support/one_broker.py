"""A broker of a test's own for the price of emptying one: starting a server costs more than deleting its streams."""

import asyncio

import nats

from services.local.nats_server import NatsServer
from tests.support.waiting import eventually


def emptied(server: NatsServer) -> NatsServer:
    """Take away what tests before left there, and start it again where one of them ended it."""
    if server.has_ended:
        server.start()
    asyncio.run(_without_streams(server))
    return server


async def _without_streams(server: NatsServer) -> None:
    nc = await nats.connect(server.url)
    js = nc.jetstream()
    for stream in await js.streams_info():
        assert stream.config.name
        await js.delete_stream(stream.config.name)
    await nc.close()
    # It says so before the files are gone; a stream of the same name that is made meanwhile takes them over.
    await eventually(lambda: not any(server.store.glob("jetstream/*/streams/*")))
