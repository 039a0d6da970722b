"""A look each minute at something that may be wrong, for as long as the process lives."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.errors import Permanent, Transient
from shared.telemetry import Trouble

log = structlog.get_logger("notifier")
_EVERY_S = 60.0


async def each_minute(check: Callable[[], Awaitable[None]], *, at: str) -> None:
    """at: what is looked at, for the log."""
    trouble = Trouble(log, f"cannot look: {at}")
    while True:
        try:
            await check()
            trouble.over()
        except (Transient, Permanent) as e:
            trouble.met(f"{type(e).__name__}: {e}")
        await asyncio.sleep(_EVERY_S)
