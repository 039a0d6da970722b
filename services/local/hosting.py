"""A web server in this event loop, beside others."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import Context

import uvicorn

_LOOK_S = 0.005


class NotServed(RuntimeError):
    """A server did not come up; its log says why."""


class _Server(uvicorn.Server):
    """Signals are this process's own business, not the web server's."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def hosted(config: uvicorn.Config, *, context: Context | None = None) -> AsyncIterator["asyncio.Task[None]"]:
    """Serve until the block ends; gives the task, which ends where the server ends by itself.

    Raises NotServed.
    """
    server = _Server(config)
    task = asyncio.create_task(server.serve(), context=context)
    try:
        while not server.started:
            if task.done():
                await task
                raise NotServed(f"port {config.port} could not be served")
            await asyncio.sleep(_LOOK_S)
        yield task
    finally:
        server.should_exit = True
        with contextlib.suppress(asyncio.CancelledError):
            await task
