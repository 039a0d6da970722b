"""The histories of a running bot, or of the data folder it left, for a command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.cli.reading import event_log, running_url
from shared.bus import topology
from shared.history import Archive, BrokerObjects
from shared.settings import Settings


@asynccontextmanager
async def histories(
    settings: Settings, nats_url: str | None = None, *, writes: bool = False
) -> AsyncIterator[tuple[Archive, str]]:
    """The archive, and where it lies, for people. writes: a folder that holds nothing yet is made ready.

    Raises BadRequest where there is none.
    """
    if writes and not (nats_url or running_url(settings)):
        _begin(settings.data_dir)
    async with event_log(settings, nats_url=nats_url) as log:
        if writes and await topology.missing(log.nc.jetstream(), log.world, ()):
            await topology.apply(log.nc.jetstream(), log.world)
        yield Archive(BrokerObjects(log.nc.jetstream, log.world)), log.place


def _begin(data_dir: Path) -> None:
    """A folder in which nobody played yet may hold histories too."""
    (data_dir / "nats" / "jetstream").mkdir(parents=True, exist_ok=True)
