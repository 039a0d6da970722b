"""What reads the books is let end, however often its task is cancelled."""

import asyncio

import pytest

from services.backend.adapters.database import shielded


async def test_a_read_ends_before_its_cancelled_task_does():
    began, may_end, ended = asyncio.Event(), asyncio.Event(), []

    async def read():
        began.set()
        await may_end.wait()
        ended.append("handed back")

    task = asyncio.ensure_future(shielded(read()))
    await began.wait()
    for _ in range(3):
        task.cancel()
        await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["handed back"]


async def test_what_a_read_says_or_raises_comes_through():
    async def reads():
        return 3

    async def fails():
        raise KeyError("no such row")

    assert await shielded(reads()) == 3
    with pytest.raises(KeyError, match="no such row"):
        await shielded(fails())
