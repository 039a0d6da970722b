"""The machine's own seconds and pauses."""

import asyncio

from shared.clock import monotonic


class MachinePace:
    def now(self) -> float:
        return monotonic()

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
