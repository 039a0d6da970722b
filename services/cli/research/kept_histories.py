"""The histories of a running bot, or of the data folder it left, for a command."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.cli.event_log import event_log
from services.cli.running_bot import running_url, settings_of
from shared.bus import topology
from shared.history.archive import Archive
from shared.history.manifest import Manifest
from shared.history.objects import BrokerObjects
from shared.settings import Settings
from shared.writing import whole

Work = Callable[[Archive, str, Settings], Awaitable[None]]


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
        if writes and await topology.missing(log.nc.jetstream(), log.namespace, ()):
            await topology.apply(log.nc.jetstream(), log.namespace)
        yield Archive(BrokerObjects(log.nc.jetstream, log.namespace)), log.place


def _begin(data_dir: Path) -> None:
    """A folder in which nobody played yet may hold histories too."""
    (data_dir / "nats" / "jetstream").mkdir(parents=True, exist_ok=True)


def run_on(work: Work, data_dir: Path | None, nats: str | None, *, writes: bool = False) -> None:
    """Give the work the archive, where it lies, and the settings."""

    async def opened() -> None:
        settings = settings_of(data_dir)
        async with histories(settings, nats, writes=writes) as (archive, place):
            await work(archive, place, settings)

    asyncio.run(opened())


def line(manifest: Manifest) -> str:
    """What a market's history holds now."""
    made_up = " of a SYNTHETIC tape" if manifest.synthetic else ""
    holes = f"; {whole(manifest.missing)} are missing, upcycle history check says why" if manifest.missing else ""
    return (
        f"now {whole(manifest.rows)} hours{made_up} from {stamp(manifest.first)} to {stamp(manifest.last)} UTC{holes}"
    )


def stamp(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
