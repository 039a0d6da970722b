"""How long the exchange's key still works, as a metric: no key can be prolonged, and one day it is refused."""

import asyncio
from datetime import timedelta

import structlog

from services.executor.core import live_checks
from services.executor.core.live_checks import KeySeen
from services.executor.live import Witness
from shared.telemetry import Metrics

EVERY_S, AGAIN_S = 6 * 3600.0, 300.0
log = structlog.get_logger("executor")


class KeyWatch:
    """Sets the gauge `key_left_seconds`, both times of it the exchange's own; it is absent until the first answer."""

    def __init__(self, witness: Witness, metrics: Metrics) -> None:
        self._witness = witness
        self._left = metrics.gauge("key_left_seconds", "Time for which the exchange's key still works")

    async def run(self) -> None:
        while True:
            pause_s = EVERY_S if await self.look() else AGAIN_S
            await asyncio.sleep(pause_s)

    async def look(self) -> bool:
        """Ask once and say what was found; whether there was an answer."""
        seen = await self._witness.key()
        if not isinstance(seen, KeySeen):
            log.warning("the key's expiry is not shown", why=str(seen))
            return False
        self._left.set((seen.left or timedelta()).total_seconds())
        finding = live_checks.key(seen)
        if finding.state != "ok":
            log.warning("the key", found=finding.found, todo=finding.todo)
        return True
