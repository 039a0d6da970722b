"""Calls HEARTBEAT_URL each minute the pipeline is well; who waits for it outside this machine hears the silence."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import structlog
from pydantic import SecretStr

from services.backend.core.pipeline import PipelineState
from services.backend.core.pipeline_health import PipelineHealth
from shared.fixed_clock import Clock
from shared.settings import BadSetting
from shared.telemetry import Trouble
from shared.types import UtcTime

log = structlog.get_logger("backend")
_LOOK_S = 5.0
_MINUTE = timedelta(minutes=1)


def dead_man_url(given: SecretStr) -> str:
    """Raises BadSetting. The address is a secret: who has it can keep the silence from being heard."""
    url = given.get_secret_value()
    try:
        fine = httpx.URL(url).scheme in ("http", "https") and bool(httpx.URL(url).host)
    except httpx.InvalidURL:
        fine = False
    if not fine:
        raise BadSetting("HEARTBEAT_URL: is no address; one looks like https://hc-ping.com/…")
    return url


@dataclass(slots=True)
class DeadMan:
    """The first call comes a minute after the start: by then a clock that is dead has been found out."""

    client: httpx.AsyncClient
    url: str = field(repr=False)
    state: Callable[[], PipelineState]
    clock: Clock
    _health: PipelineHealth = field(default_factory=PipelineHealth)
    _called_at: UtcTime | None = None
    _unwell: Trouble = field(
        default_factory=lambda: Trouble(log, "the pipeline is not well, HEARTBEAT_URL is not called")
    )
    _refused: Trouble = field(default_factory=lambda: Trouble(log, "HEARTBEAT_URL does not take the call"))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)  # who looks at the chain has not looked yet
            await self.check()

    async def check(self) -> None:
        now = self.clock.now()
        if self._called_at is None:
            self._called_at = now
        if (fault := self._health.fault(self.state(), now)) is not None:
            self._unwell.met(fault)
            return
        self._unwell.over()
        if now - self._called_at >= _MINUTE:
            self._called_at = now
            await self._call()

    async def _call(self) -> None:
        try:
            (await self.client.get(self.url)).raise_for_status()
            self._refused.over()
        except (httpx.HTTPError, httpx.InvalidURL) as e:
            self._refused.met(type(e).__name__)  # its text holds the address
