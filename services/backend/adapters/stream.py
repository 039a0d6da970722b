"""The log as server-sent events: from a place on, and then as it grows.

Nothing is kept for a reader that is slow: he is at his place in the log, and reads on from there.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from nats.aio.client import Client

from services.backend.adapters.broker_answers import broker_answers
from services.backend.adapters.cycle_history import logged
from services.backend.core.stream_slots import StreamSlots
from shared.bus.namespace import Namespace
from shared.bus.records import Records
from shared.errors import Transient
from shared.events import Event
from shared.stored import Stored

_PING_S = 15.0


class TooManyReaders(Transient):
    """The stream has as many readers as it may."""


class Stream:
    def __init__(self, connection: Callable[[], Client], namespace: Namespace) -> None:
        self._connection, self._namespace = connection, namespace
        self._places = StreamSlots()

    async def __call__(self, after: int | None, client: str) -> AsyncIterator[str]:
        """after: the place of the last event the reader has; None: only what comes. client: who listens."""
        if full := self._places.take(client):
            raise TooManyReaders(full)
        try:
            async for text in self._follow(after):
                yield text
        finally:
            self._places.leave(client)

    async def _follow(self, after: int | None) -> AsyncIterator[str]:
        nc, grown = self._connection(), asyncio.Event()
        records = Records(nc, self._namespace)

        async def wake(_: Any) -> None:
            grown.set()

        async with broker_answers():
            place = await records.end() if after is None else after
            hint = await nc.subscribe(self._namespace.subject(Event.places()), cb=wake)
        try:
            yield ": the log, from here on\n\n"
            while True:
                grown.clear()
                async for told in records.after(place):
                    if isinstance(told, Stored):
                        place = told.seq
                        yield sse_of(told)
                try:
                    await asyncio.wait_for(grown.wait(), _PING_S)
                    await asyncio.sleep(0.02)  # the server hands a message on a moment before it is stored
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            await hint.unsubscribe()


def sse_of(stored: Stored) -> str:
    """One event: its place as the id, so that a browser that comes back says where it was."""
    told = logged(stored).model_dump(mode="json")
    return f"id: {stored.seq}\nevent: {stored.event.kind}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"
