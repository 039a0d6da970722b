"""Connections to the API: few, and none that only takes a place.

Whoever opens connections and says nothing, or drips a request in byte by byte, would otherwise keep the owner out.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 200
HEADER_S = 10.0  # for a whole request to arrive, counted from its first byte, or from the connection's beginning


class Connection(H11Protocol):
    """One connection. Where there are too many, the newest gets in and the one that idles longest is closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._idle_since = self.loop.time()

    @property
    def is_at_work(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()
        others = [other for other in self.connections if isinstance(other, Connection) and other is not self]
        if len(others) >= MOST:
            min(others, key=lambda other: (other.is_at_work, other._idle_since)).transport.abort()

    def data_received(self, data: bytes) -> None:
        if not self.is_at_work:
            self._await_request()
        super().data_received(data)
        if self.is_at_work:
            self._cancel_deadline()

    def on_response_complete(self) -> None:
        self._idle_since = self.loop.time()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def _await_request(self) -> None:
        """Begin to count, unless this request is counted already: another byte gives no more time."""
        if self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_S, self._too_late)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        self._deadline = None
        if not self.is_at_work and not self.transport.is_closing():
            self.transport.abort()
