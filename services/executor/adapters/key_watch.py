"""When the exchange's key ends, as a metric: none can be prolonged, and one day it is refused."""

import asyncio
from datetime import timedelta

import structlog

from services.executor.core import live_checks
from services.executor.core.live_checks import KeyInfo
from services.executor.live import AccountProbe
from shared.fixed_clock import Clock
from shared.telemetry import Metrics
from shared.types import UtcTime

EVERY_S, AGAIN_S = 6 * 3600.0, 300.0
log = structlog.get_logger("executor")


class KeyWatch:
    """Sets the gauge `key_expires_timestamp_seconds`, absent until the first answer. expires_at: the same for people.

    The gauge is by this machine's clock, whose reader compares it with `time()`: on a tape the exchange lives in
    another year.
    """

    def __init__(self, probe: AccountProbe, metrics: Metrics, clock: Clock) -> None:
        self._probe, self._clock = probe, clock
        self.expires_at: UtcTime | None = None  # by the exchange's word; None where it has not said
        self._expires = metrics.gauge("key_expires_timestamp_seconds", "When the exchange's key ends")

    async def run(self) -> None:
        while True:
            pause_s = EVERY_S if await self.check() else AGAIN_S
            await asyncio.sleep(pause_s)

    async def check(self) -> bool:
        """Ask once and say what was found; whether there was an answer."""
        info = await self._probe.key()
        if not isinstance(info, KeyInfo):
            log.warning("the key's expiry is not shown", why=str(info))
            return False
        self.expires_at = info.expire_at
        self._expires.set((self._clock.now() + (info.left or timedelta())).timestamp())
        finding = live_checks.key(info)
        if finding.state != "ok":
            log.warning("the key", found=finding.found, todo=finding.todo)
        return True
