"""Time that a test owns."""

import asyncio


class FakeTime:
    """Sleeping costs nothing: it only moves the time."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        until = self.at + seconds
        await asyncio.sleep(0)
        self.at = max(self.at, until)
