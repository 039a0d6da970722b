"""What is done beside the new work: the open orders of an earlier run, and a panic that the log was not told of."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.executor.ports import Pace
from shared.errors import Permanent, Transient
from shared.telemetry import Trouble

log = structlog.get_logger("executor")
_AGAIN_S = 5.0
_LOOK_S = 5.0


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


async def after_panics(
    is_due: Callable[[], bool], answers: Callable[[], Awaitable[object]], tell: Callable[[], Awaitable[object]]
) -> None:
    """Tell the log of a panic as soon as it answers again; until then only the journal says paused.

    answers: raises while the log does not, and is asked before `tell`: that holds the lock a panic needs.
    """
    trouble = Trouble(log, "the log cannot be told of a panic now")
    while True:
        try:
            if is_due():
                await answers()
                await tell()
            trouble.over()
        except (Transient, Permanent) as e:
            trouble.met(str(e))
        await asyncio.sleep(_LOOK_S)
