"""The event log for a command that only looks: that of the running bot, else the one it left on the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from nats.aio.client import Client

from services.local.event_log import open_log, shown
from services.local.running import running
from shared.bus.records import Records
from shared.bus.world import World
from shared.settings import Settings


@dataclass(frozen=True)
class Log:
    """place: where it lies, for people. alive: a bot may be writing to it."""

    records: Records
    nc: Client
    world: World
    place: str
    alive: bool


def settings_of(data_dir: Path | None) -> Settings:
    return Settings.load(**({} if data_dir is None else {"data_dir": data_dir}))


@asynccontextmanager
async def event_log(settings: Settings, *, nats_url: str | None = None) -> AsyncIterator[Log]:
    """Open the log: at `nats_url`, of the bot running in the data folder, at NATS_URL if set, else on the disk.

    Raises BadRequest where there is none.
    """
    url, world = nats_url or running_url(settings), World(settings.subject_prefix)
    async with open_log(url, settings.data_dir) as nc:
        place = f"the broker at {shown(url)}" if url else f"the folder {settings.data_dir}"
        yield Log(Records(nc, world), nc, world, place, alive=url is not None)


def running_url(settings: Settings) -> str | None:
    """The broker of the bot that runs in the data folder, else NATS_URL where it says more than its default."""
    found = running(settings.data_dir)
    if found is not None:
        return found.nats_url
    default = Settings.model_fields["nats_url"].default
    return None if settings.nats_url == default else settings.nats_url
