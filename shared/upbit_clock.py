"""The exchange's clock, read off the Date header of its answers and held against this machine's."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import structlog

from shared.clock import SystemClock, monotonic
from shared.fixed_clock import Clock
from shared.parsing import BadValue, date_of
from shared.skew import is_off, sentence
from shared.types import UtcTime

log = structlog.get_logger("upbit")
CLOCK_SKEW = ("clock_skew_seconds", "This machine's clock minus the exchange's")  # a gauge
SLOW_S = 5.0  # an answer that took longer says too little about the moment it was written
_HALF_A_SECOND = timedelta(seconds=0.5)  # the header counts whole seconds, and is half a second behind on average


class ExchangeClock(httpx.AsyncBaseTransport):
    """Carries requests and measures the skew with every good answer, which has it as the extension `skew_s`.

    inner: what carries them; by default the network. gauge: hears each skew, in seconds.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        gauge: Callable[[float], None] = lambda _: None,
        machine: Clock | None = None,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(trust_env=False)
        self._gauge, self._machine, self._now = gauge, machine or SystemClock(), now
        self._off = False
        self.skew_s: float | None = None  # of the last answer; None before the first

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began_at, began = self._machine.now(), self._now()
        answer = await self._inner.handle_async_request(request)
        self._note(answer, began_at, self._now() - began)
        return answer

    def _note(self, answer: httpx.Response, began_at: UtcTime, took_s: float) -> None:
        if not answer.is_success or took_s > SLOW_S:
            return  # another server's page, or one that came from afar, is nobody's clock
        try:
            said = date_of(answer.headers)
        except BadValue:
            return
        self.skew_s = (began_at + timedelta(seconds=took_s / 2) - said - _HALF_A_SECOND).total_seconds()
        answer.extensions["skew_s"] = self.skew_s
        self._gauge(self.skew_s)
        if is_off(self.skew_s) is not self._off:
            self._off = not self._off
            if self._off:
                log.warning("set this machine's clock by NTP", why=sentence(self.skew_s))
            else:
                log.info("this machine's clock is right again", skew_s=round(self.skew_s, 1))

    async def aclose(self) -> None:
        await self._inner.aclose()
