"""What this process has seen of the log, held against the log each time the broker came back.

A broker put back from an older copy answers like the one before it. Whoever went on with what he remembers would
read past the new messages, which bear numbers he has behind him, and trade on positions the log no longer tells.
"""

import asyncio
from collections.abc import Awaitable, Callable

from shared.errors import Transient
from shared.reach import Reach, lost_since
from shared.types import CycleId


class LogTrouble(Transient):
    """The log takes or tells nothing now."""


class LogRestored(LogTrouble):
    """The broker was put back from an older copy under this process: nothing it remembers holds. It must end."""


class Memory:
    """look: how far the log reaches, with the stamp of the message it is given. connections: how many there were.

    No message is put aside over it, and none is acknowledged: the next process decides about each anew.
    """

    def __init__(self, look: Callable[[int], Awaitable[Reach]], connections: Callable[[], int]) -> None:
        self._look, self._connections = look, connections
        self._checked = 0  # the connection for which the log was found to be the same
        self._asking = asyncio.Lock()
        self._fault: LogRestored | None = None
        self._begun: Reach | None = None
        # Of the newest message that was noted. Each delivery notes two, so a Reach is made only when one is asked for.
        self.last, self._stamp = 0, ""
        self._fill: CycleId | None = None
        self.on_restored: list[Callable[[str], None]] = []

    async def begin(self) -> None:
        """Remember from here on."""
        connection = self._connections()
        self._begun, self._checked = await self._look(0), connection
        self.last = self._begun.last

    @property
    def reach(self) -> Reach | None:
        """None: this process remembers nothing from one question to the next."""
        return self._begun and self._begun.after(self.last, self._stamp, self._fill)

    def note(self, seq: int, stamp: str, fill: CycleId | None = None) -> None:
        if self._begun is not None and seq > self.last:
            self.last, self._stamp, self._fill = seq, stamp, fill or self._fill

    async def sure(self) -> None:
        """Be sure that the log is the one this process knows. Raises LogRestored, and what `look` raises."""
        if self._begun is None or (self._fault is None and self._connections() == self._checked):
            return
        async with self._asking:
            while self._fault is None and self._connections() != self._checked:
                connection, kept = self._connections(), self.reach or self._begun
                if why := lost_since(kept, await self._look(kept.last)):
                    self.lost(why)
                self._checked = connection
        if self._fault is not None:
            raise self._fault

    def follows(self, seq: int, before: int) -> None:
        """Hold the number a new message was given against the newest known when it was sent. Raises LogRestored."""
        if self._begun is not None and seq <= before:
            self.lost(f"a new message got the number {seq}, and message {before} was there before it")
        if self._fault is not None:
            raise self._fault

    def lost(self, why: str) -> None:
        """Say so, once."""
        if self._fault is None:
            self._fault = LogRestored(f"the event log was put back from an older copy: {why}")
            for tell in self.on_restored:
                tell(why)
