"""The backend as it runs: a real broker, a SQLite file, requests without a socket."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import httpx
import nats
from fastapi import FastAPI
from nats.js import JetStreamContext

from infra.migrations.run import upgrade
from services.backend.adapters.listeners import Listeners
from services.backend.adapters.public_book import PublicBook
from services.backend.app import create_app
from services.backend.core.sale import Bids
from services.local.nats_server import NatsServer
from shared.bus import topology
from shared.bus.broker import make_broker
from shared.bus.event_log import EventLog
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.events import Event
from shared.settings import Settings
from shared.types import Market
from tests.support.builders import AT, book
from tests.support.waiting import eventually

TOKEN = "t" * 32
OWNER = {"Authorization": f"Bearer {TOKEN}"}


@contextmanager
def book_shown() -> Iterator[None]:
    """An exchange that shows a book, at the builders' time; and an executor that listens."""

    async def shown(_: PublicBook, market: Market) -> Bids:
        return Bids(AT, book())

    with patch.object(PublicBook, "__call__", shown), executor_heard():
        yield


@contextmanager
def executor_heard(is_heard: bool = True) -> Iterator[None]:
    """Whether an executor listens, as the backend sees it."""

    async def told(_: Listeners, reader: str) -> bool:
        return is_heard

    with patch.object(Listeners, "__call__", told):
        yield


@dataclass
class Running:
    api: httpx.AsyncClient
    log: EventLog
    switch: Switch
    js: JetStreamContext
    settings: Settings
    app: FastAPI
    fatal: list[tuple[int, str]] = field(default_factory=list)

    async def booked(self, *events: Event) -> None:
        """Publish events and wait until the backend has read them."""
        for event in events:
            await self.log.emit(event)
        await eventually(self.is_read)

    async def is_read(self) -> bool:
        """Whether all that lies in the log is acknowledged; what is pending does not tell, it lags behind."""
        log, reader = await self.js.stream_info("EV"), await self.js.consumer_info("EV", "projection")
        return (reader.ack_floor.stream_seq if reader.ack_floor else 0) >= log.state.last_seq


async def topology_at(server: NatsServer) -> None:
    connection = await nats.connect(server.url)
    await topology.apply(connection.jetstream(), Namespace())
    await connection.close()


@cache
def migrated() -> bytes:
    """An SQLite file with the tables; to migrate one anew for each test takes longer than the test."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "books.db"
        upgrade(f"sqlite:///{file}")
        return file.read_bytes()


@asynccontextmanager
async def backend(folder: Path, server: NatsServer, **given: Any) -> AsyncIterator[Running]:
    """given: settings; `api_token=None` for none."""
    database = {"database_url": f"sqlite:///{folder / 'books.db'}"}
    if not (folder / "books.db").exists():
        (folder / "books.db").write_bytes(migrated())
    settings = Settings.load(**{"nats_url": server.url, "api_token": TOKEN} | database | given)
    fatal: list[tuple[int, str]] = []
    app = create_app(settings, on_fatal=lambda code, why: fatal.append((code, why)))
    side, log = make_broker(server.url, name="test", namespace=Namespace())
    await side.connect()
    js = side.connection.jetstream()
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as api,
    ):
        yield Running(api, log, await Switch.open(js, Namespace()), js, settings, app, fatal)
    await side.stop()
