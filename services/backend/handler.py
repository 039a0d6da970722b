"""Event in, books up to date: first what the log holds behind the books' place, then what comes.

The reader on the broker remembers how far it has read, and the books remember how far they have come. Where
the books are behind (they were thrown away, or put back from a copy), what lies between is read again.
"""

import asyncio

import structlog

from services.backend.ports import Ledger, Log
from shared.bus.wire import Stored
from shared.errors import Permanent, Transient
from shared.telemetry import Trouble

log = structlog.get_logger("backend")
_PAUSE_S = 2.0
STRETCH = 500  # events in one transaction while the books are behind


class AnotherLog(Permanent):
    """The books have read further than the log reaches: they are another log's."""


class Projection:
    def __init__(self, ledger: Ledger, events: Log) -> None:
        self._ledger, self._events = ledger, events
        self._caught_up = False
        self._place = 0  # how far this process knows the books to be
        self._lock = asyncio.Lock()

    async def __call__(self, stored: Stored) -> None:
        if await self._ledger.last_seq() < self._place:
            self._caught_up = False  # somebody threw them away under us: upcycle db rebuild
        await self.catch_up()
        await self._ledger.apply(stored.event, stored.seq, stored.at, after=self._place)
        self._place = max(self._place, stored.seq)

    async def catch_up(self) -> None:
        """Book what lies between the books' place and the end of the log, once. Raises AnotherLog."""
        async with self._lock:
            if self._caught_up:
                return
            self._place = 0
            read, end = await self._ledger.last_seq(), await self._events.last_seq()
            if read > end:
                raise AnotherLog(
                    f"the database has read {read} events, but the log holds {end}: it is another log's. "
                    "Empty the database (it is built again from the log) or bring the log back"
                )
            stretch: list[Stored] = []
            async for stored in self._events.after(read):
                stretch.append(stored)
                if len(stretch) == STRETCH:
                    await self._ledger.apply_all(stretch)
                    self._place = stretch[-1].seq
                    stretch.clear()
            await self._ledger.apply_all(stretch)
            self._caught_up, self._place = True, max(read, stretch[-1].seq if stretch else self._place)

    async def catch_up_at_start(self) -> None:
        """Try until database and broker are both there."""
        trouble = Trouble(log, "the books cannot be brought up to date yet")
        while True:
            try:
                await self.catch_up()
                return trouble.over()
            except Transient as e:
                trouble.met(str(e))
                await asyncio.sleep(_PAUSE_S)
