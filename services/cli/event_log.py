"""The event log for a command that only looks: that of the running bot, else the one it left on the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from nats.aio.client import Client

from services.cli.running_bot import running_url
from services.local.event_log import open_log, redacted
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.errors import BadRequest
from shared.settings import Settings
from shared.types import CycleId


@dataclass(frozen=True)
class OpenLog:
    """place: where it lies, for people. alive: a bot may be writing to it."""

    records: Records
    nc: Client
    namespace: Namespace
    place: str
    alive: bool

    async def last_started(self, market: str | None) -> CycleId:
        """Raises BadRequest where there is none."""
        found = await self.records.last_started(market)
        if found is None:
            whose = f" of {market}" if market else ""
            raise BadRequest(f"no cycle{whose} has been started yet in the log of {self.place}")
        return found


@asynccontextmanager
async def event_log(settings: Settings, *, nats_url: str | None = None) -> AsyncIterator[OpenLog]:
    """Open the log: at `nats_url`, of the bot running in the data folder, at NATS_URL if set, else on the disk.

    Raises BadRequest where there is none.
    """
    url, namespace = nats_url or running_url(settings), Namespace(settings.subject_prefix)
    async with open_log(url, settings.data_dir) as nc:
        place = f"the broker at {redacted(url)}" if url else f"the folder {settings.data_dir}"
        yield OpenLog(Records(nc, namespace), nc, namespace, place, alive=url is not None)
