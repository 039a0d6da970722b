"""The way to Upbit: every request waits for its turn, a block lets none through.

What is not sent fails as `NotSent`, which httpx and the SDK take for a timeout of the pool: for certain
nothing has left. An order waits for nothing here: its few seconds are counted by who sends it.
"""

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import structlog

from shared.clock import monotonic
from shared.upbit_quota import ORDER, Group, Pace, block_told, group_of, left_of
from shared.upbit_wire import socket_options

WAIT_MAX_S = 10.0
log = structlog.get_logger("upbit")


class NotSent(httpx.PoolTimeout):
    """The quota is used up by others for longer than we wait."""


class Blocked(NotSent):
    """The exchange forbids us to ask for a while; asking on would prolong that."""


def why_not_sent(fault: BaseException) -> NotSent | None:
    """The reason behind an error of the SDK, if it is one of ours."""
    cause: BaseException | None = fault
    while cause is not None and not isinstance(cause, NotSent):
        cause = cause.__cause__
    return cause


class PacedTransport(httpx.AsyncBaseTransport):
    """inner: what carries the requests; by default the network. One of these serves one account."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport | None = None,
        *,
        now: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._inner = inner or httpx.AsyncHTTPTransport(trust_env=False, socket_options=socket_options())
        self._now, self._sleep = now, sleep
        self._paces: dict[Group, Pace] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        group = group_of(request.method, request.url.path)
        pace = self._paces.setdefault(group, Pace(group))
        await self._turn(pace, request, longest_s=0.0 if group is ORDER else WAIT_MAX_S)
        pace.leaves(self._now())
        try:
            answer = await self._inner.handle_async_request(request)
        except BaseException:
            pace.lost()
            raise
        await self._note(pace, answer)
        return answer

    async def _turn(self, pace: Pace, request: httpx.Request, *, longest_s: float) -> None:
        until = self._now() + longest_s
        while True:
            now = self._now()
            if blocked_s := pace.blocked_s(now):
                raise Blocked(
                    f"the exchange blocks requests of the group {pace.group.name} for {blocked_s:.0f} s more",
                    request=request,
                )
            wait_s = pace.wait_s(now)
            if not wait_s:
                return
            if now + wait_s > until:
                raise NotSent(f"the quota of the group {pace.group.name} is used up", request=request)
            await self._sleep(wait_s)

    async def _note(self, pace: Pace, answer: httpx.Response) -> None:
        told_s = None
        if answer.status_code == 418:
            told_s = block_told((await answer.aread()).decode(errors="replace"))
        pace.answered(self._now(), answer.status_code, left_of(answer.headers.get("Remaining-Req")), told_s)
        if answer.status_code == 418:
            log.error("the exchange blocks us", group=pace.group.name, seconds=round(pace.blocked_s(self._now())))
        elif answer.status_code == 429:
            log.warning("the quota is used up", group=pace.group.name)

    async def aclose(self) -> None:
        await self._inner.aclose()
