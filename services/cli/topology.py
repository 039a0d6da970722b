"""Apply the topology: the one-shot that runs before any service starts."""

import asyncio

import nats
import nats.errors

from services.cli.asked import BadRequest
from services.cli.machine.log_here import shown
from services.cli.screen import say
from shared.bus import topology
from shared.bus.world import World
from shared.settings import Settings

_TRIES = 15


def run() -> None:
    settings = Settings.load()
    asyncio.run(apply(settings.nats_url, World(settings.subject_prefix)))
    say(topology.described().rstrip())


async def apply(url: str, world: World) -> None:
    """Raises BadRequest when the broker does not answer."""
    try:
        nc = await nats.connect(url, connect_timeout=2, max_reconnect_attempts=_TRIES, reconnect_time_wait=1)
    except (OSError, nats.errors.Error) as e:
        raise BadRequest(f"no broker answers at NATS_URL={shown(url)}: {type(e).__name__}") from None
    try:
        await topology.apply(nc.jetstream(timeout=5), world)
    finally:
        await nc.close()
