"""Event in, books up to date: first what the log holds behind the books' place, then what comes.

The reader on the broker remembers how far it has read, and the books remember how far they have come. Where
the books are behind (they were thrown away, or put back from a copy), what lies between is read again.
"""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from services.backend.ports import BooksWriter, EventSource
from shared.errors import Transient
from shared.reach import is_accepted, lost_since
from shared.stored import Stored
from shared.telemetry import Trouble

log = structlog.get_logger("backend")
_PAUSE_S = 2.0
BATCH = 500  # events in one transaction while the books are behind


class AnotherLog(Transient):
    """The books were read from a log that held more: nothing is booked before a person says what is to hold."""


class Projection:
    """tell: told why the log is another one than the books', each time it was looked at; empty where it is theirs.

    fault: the same, and while the books are built anew because of it.
    """

    def __init__(self, books: BooksWriter, events: EventSource, tell: Callable[[str], Awaitable[None]]) -> None:
        self._books, self._events, self._tell = books, events, tell
        self.fault = ""
        self._caught_up = False
        self._place = 0  # how far this process knows the books to be
        self._lock = asyncio.Lock()

    async def __call__(self, stored: Stored) -> None:
        if await self._books.last_seq() < self._place:
            self._caught_up = False  # somebody threw them away under us: upcycle db rebuild
        await self.catch_up()
        await self._books.apply_all([stored], after=self._place)
        self._place = max(self._place, stored.seq)

    async def catch_up(self) -> None:
        """Book what lies between the books' place and the end of the log, once. Raises AnotherLog."""
        async with self._lock:
            if self._caught_up:
                return
            self._place = 0
            read = await self._begin_from()
            batch: list[Stored] = []
            async for stored in self._events.after(read):
                batch.append(stored)
                if len(batch) == BATCH:
                    await self._books.apply_all(batch)
                    self._place = batch[-1].seq
                    batch.clear()
            await self._books.apply_all(batch)
            self.fault = ""
            self._caught_up, self._place = True, max(read, batch[-1].seq if batch else self._place)

    async def _begin_from(self) -> int:
        """The place behind which to read on; 0 where a person went on with a log that had lost something."""
        kept = await self._books.reach()
        found = await self._events.reach(kept.last)
        why = lost_since(kept, found)
        if why and not is_accepted(kept, found):
            self.fault = (
                f"the books were read from another log, or this one was put back from an older copy: {why}. "
                "Nothing is booked; go on with upcycle adopt --all, or bring the log back"
            )
            await self._tell(self.fault)
            raise AnotherLog(self.fault)
        self.fault = ""
        await self._tell("")
        if why:
            log.warning("the books are built anew from a log that was accepted", lost=why)
            self.fault = "the books are being built anew from the log; until then they show only a part"
            await self._books.start_over(found)
            return 0
        if kept.created is None and found.created is not None:
            await self._books.belong_to(found.created)
        return kept.last

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
