"""The whole chain in this one process, on a real nats-server: for one cycle by hand, and for tests.

The clock plays the tape as it does in its own process; nothing here decides anything.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import nats
import uvicorn
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from starlette.types import ASGIApp

from services.local.hosting import hosted
from services.local.installation import named
from services.local.nats_server import NatsServer, free_port
from services.local.tape_history import keep_tape
from services.paper.app import create_app
from services.paper.core.exchange import PaperExchange
from shared.bus import topology
from shared.bus.namespace import Namespace
from shared.bus.wire import decode
from shared.events import CycleEnded, CycleMissed, Event
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.services import PIPELINE
from shared.settings import Settings
from shared.stage import Stage


@dataclass
class Chain:
    """A running chain: its settings, the exchange, the log, and every event as it is stored."""

    settings: Settings
    exchange: PaperExchange
    nc: Client
    js: JetStreamContext
    heard: asyncio.Queue[Event]

    async def events(self, cycles: int, *, within_s: float = 60) -> AsyncIterator[Event]:
        """Every event until that many cycles of hours have ended or were missed; an exit's is none of them.

        TimeoutError after a silence of `within_s`.
        """
        while cycles:
            event = await asyncio.wait_for(self.heard.get(), within_s)
            yield event
            cycles -= isinstance(event, CycleEnded | CycleMissed) and "-" not in event.slot


@asynccontextmanager
async def chain(
    settings: Settings,
    *,
    pipeline: Sequence[str] = PIPELINE,
    middlewares: Sequence[Any] = (),
) -> AsyncIterator[Chain]:
    """Run broker, paper exchange, clock and stages until the block ends.

    settings: stepped tape; where things listen is chosen here. middlewares: around every delivery.
    """
    async with AsyncExitStack() as stack:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        server = stack.enter_context(NatsServer(settings.data_dir / "nats"))
        port = free_port()
        settings = settings.model_copy(update={"nats_url": server.url, "upbit_base_url": f"http://127.0.0.1:{port}"})
        app = create_app(settings)
        exchange: PaperExchange = app.state.exchange
        await stack.enter_async_context(served(app, port))
        nc = await nats.connect(server.url, max_reconnect_attempts=-1)
        stack.push_async_callback(nc.close)
        js, namespace = nc.jetstream(), Namespace(settings.subject_prefix)
        await topology.apply(js, namespace)
        await named(nc, namespace, settings.data_dir, settings.trading_mode)
        await keep_tape(Archive(BrokerObjects(lambda: js, namespace)), exchange.tape, settings)
        running = Chain(settings, exchange, nc, js, asyncio.Queue())

        async def hear(msg: Msg) -> None:
            running.heard.put_nowait(decode(msg.data, namespace.plain(msg.subject)))

        await nc.subscribe(namespace.subject(Event.places()), cb=hear)
        for name in (*pipeline, "clock"):
            await stack.enter_async_context(_create(name, settings, middlewares).running())
        yield running


def _create(name: str, settings: Settings, middlewares: Sequence[Any]) -> Stage:
    stage: Stage = import_module(f"services.{name}.app").create_stage(settings, middlewares=middlewares)
    return stage


def served(app: ASGIApp, port: int) -> AbstractAsyncContextManager["asyncio.Task[None]"]:
    """Serve an app on a port of this machine, in this event loop."""
    return hosted(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False, date_header=False)
    )
