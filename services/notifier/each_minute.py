"""A look each minute at something that may be wrong, for as long as the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.errors import Permanent, Transient

log = structlog.get_logger("notifier")
_EVERY_S = 60.0


async def each_minute(look: Callable[[], Awaitable[None]], *, at: str) -> None:
    """at: what is looked at, for the log."""
    while True:
        try:
            await look()
        except (Transient, Permanent) as e:
            log.warning("cannot look", at=at, error=f"{type(e).__name__}: {e}")
        await asyncio.sleep(_EVERY_S)
