"""Ctrl-C, taken once."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any


async def until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end, or until SIGINT or SIGTERM cancels it; a second one changes nothing."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, _cancel_once(task))
    await task


def _cancel_once(task: "asyncio.Task[None]") -> Callable[[], None]:
    told = False

    def cancel() -> None:
        nonlocal told
        if not told:
            told = True
            task.cancel()

    return cancel
