"""The last look at the time before an order leaves: behind the connection, right before the bytes.

Signing, waiting for a turn, connecting and a machine's sleep can take up any part of an order's few seconds.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import httpx

from shared.upbit_pacing import NotSent

_IN_TIME: ContextVar[Callable[[], bool] | None] = ContextVar("in_time", default=None)


@contextmanager
def leaves_only_if(in_time: Callable[[], bool]) -> Iterator[None]:
    """What is sent in here leaves only if `in_time` says so at the very end."""
    before = _IN_TIME.set(in_time)
    try:
        yield
    finally:
        _IN_TIME.reset(before)


class DeadlineTransport(httpx.AsyncBaseTransport):
    """inner: what carries the requests; where it is the network, it says when it is about to write."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if in_time := _IN_TIME.get():
            request.extensions = {**request.extensions, "trace": _look(in_time, request)}
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _look(in_time: Callable[[], bool], request: httpx.Request) -> Callable[[str, Any], Any]:
    async def about_to(step: str, _: Any) -> None:
        if step.endswith("send_request_headers.started") and not in_time():
            raise NotSent("the time to send it had passed", request=request)
        if step.endswith("send_request_body.started") and not in_time():
            # The head has left: a torn request is no order, but that is the other side's to say.
            raise httpx.WriteTimeout("the time to send it passed in the middle", request=request)

    return about_to
