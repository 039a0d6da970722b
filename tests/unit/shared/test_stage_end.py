"""A stage that is told to end does end."""

import asyncio
from contextlib import suppress

from shared.stage.stage import _cancelled


async def test_a_task_that_swallows_its_cancellation_is_cancelled_again():
    async def hard_of_hearing():
        with suppress(asyncio.CancelledError):  # as wait_for does when its result comes at the same moment
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.ensure_future(hard_of_hearing())
    await asyncio.sleep(0)
    await asyncio.wait_for(_cancelled([task]), 30)
    assert task.cancelled()
