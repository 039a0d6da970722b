"""Repeat a step until the world answers. Every step of the clock may be repeated: the server keeps one."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import structlog

from services.clock.ports import Timer
from shared.bus.event_log import NoLog
from shared.errors import Permanent, Transient

log = structlog.get_logger("clock")
_PAUSE_S = 1.0
_Result = TypeVar("_Result")


async def retry_until_done(step: Callable[[], Awaitable[_Result]], timer: Timer) -> _Result:
    while True:
        try:
            return await step()
        except (Transient, NoLog) as e:  # NoLog: a server that just came back has not opened its streams yet
            log.warning("will try again", error=f"{type(e).__name__}: {e}", pause_s=_PAUSE_S)
        await timer.sleep(_PAUSE_S)


async def run_each(steps: Mapping[str, Callable[[], Awaitable[object]]]) -> None:
    """Take each step by itself, by its name: one's trouble keeps no other waiting.

    Raises the first trouble that may pass, after all had their turn; one that will not is told, and its own alone.
    """
    passing: list[Transient | NoLog] = []
    for name, step in steps.items():
        try:
            await step()
        except (Transient, NoLog) as e:
            passing.append(e)
        except Permanent as e:
            log.error("this one stands still", name=name, why=f"{type(e).__name__}: {e}")
    if passing:
        raise passing[0]
