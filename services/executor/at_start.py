"""The open orders of an earlier run, cleared up beside the new work, until the log answers."""

from collections.abc import Awaitable, Callable

import structlog

from services.executor.ports import Pace
from shared.errors import Permanent, Transient

log = structlog.get_logger("executor")
_AGAIN_S = 5.0


async def at_start(clear_up: Callable[[], Awaitable[None]], pace: Pace) -> None:
    """What will never work is left to a person: its market orders nothing before it has ended."""
    while True:
        try:
            return await clear_up()
        except Transient as e:
            log.warning("the open orders cannot be cleared up now", why=str(e))
            await pace.pause(_AGAIN_S)
        except Permanent as e:
            log.error("an open order cannot be cleared up", why=str(e))
            return None
