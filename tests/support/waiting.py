"""Waiting without sleeping longer than needed."""

import asyncio
import inspect
from collections.abc import Callable
from time import monotonic
from typing import Any


async def eventually(condition: Callable[[], Any], *, within_s: float = 60) -> Any:
    """Poll until `condition` gives something true, and return that; fail loudly after `within_s`."""
    deadline = monotonic() + within_s
    while True:
        found = condition()
        if inspect.isawaitable(found):
            found = await found
        if found:
            return found
        if monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {inspect.getsource(condition).strip()}")
        await asyncio.sleep(0.01)
