"""Create the streams and consumers on the broker of NATS_URL, or bring them up to date."""

import asyncio

import nats
import nats.errors

from services.cli.screen import say
from services.local.event_log import redacted
from services.local.installation import new_name
from shared.bus import topology
from shared.bus.log_opening import open_log
from shared.bus.namespace import Namespace
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.settings import Settings, TradingMode

_TRIES = 15

EPILOG = "Example: [bold]NATS_URL=nats://127.0.0.1:4222 upcycle topology[/]"


def command() -> None:
    run()


def run() -> None:
    settings = Settings.load()
    asyncio.run(apply(settings.nats_url, Namespace(settings.subject_prefix), settings.trading_mode))
    say(topology.described().rstrip())


async def apply(url: str, namespace: Namespace, mode: TradingMode) -> None:
    """And let a new log say of which mode it is, and of which installation. Raises BadRequest if no broker answers."""
    try:
        nc = await nats.connect(url, connect_timeout=2, max_reconnect_attempts=_TRIES, reconnect_time_wait=1)
    except (OSError, nats.errors.Error) as e:
        raise BadRequest(f"no broker answers at NATS_URL={redacted(url)}: {type(e).__name__}") from None
    try:
        await topology.apply(nc.jetstream(timeout=5), namespace)
        await open_log(nc, namespace, new_name(), mode, at=SystemClock().now())
    finally:
        await nc.close()
