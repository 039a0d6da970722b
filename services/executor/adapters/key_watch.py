"""When the exchange's key ends, as a metric: none can be prolonged, and one day it is refused."""

import asyncio
from datetime import timedelta

import structlog

from services.executor.core import live_checks
from services.executor.core.live_checks import KeySeen
from services.executor.live import Witness
from shared.fixed_clock import Clock
from shared.telemetry import Metrics

EVERY_S, AGAIN_S = 6 * 3600.0, 300.0
log = structlog.get_logger("executor")


class KeyWatch:
    """Sets the gauge `key_expires_timestamp_seconds`, absent until the first answer.

    By this machine's clock, whose reader compares it with `time()`: on a tape the exchange lives in another year.
    """

    def __init__(self, witness: Witness, metrics: Metrics, clock: Clock) -> None:
        self._witness, self._clock = witness, clock
        self._expires = metrics.gauge("key_expires_timestamp_seconds", "When the exchange's key ends")

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
        self._expires.set((self._clock.now() + (seen.left or timedelta())).timestamp())
        finding = live_checks.key(seen)
        if finding.state != "ok":
            log.warning("the key", found=finding.found, todo=finding.todo)
        return True
