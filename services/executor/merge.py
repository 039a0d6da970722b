"""What the journal holds and the log does not, brought into the log: same subjects, same rules as always.

Every step may be repeated: the server keeps one of each. The bot is paused first and the journal's own pause is lifted
last, so that no order leaves while the log lacks a fill.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import Log
from services.executor.core.kept import Closed, Merged, Order
from shared.events import CycleEnded, ExitDue
from shared.types import CycleId, UtcTime, split_cycle

log = structlog.get_logger("executor")


@dataclass(frozen=True, slots=True)
class Merge:
    """pause_bot: sets the owner's switch. clear_up: ends orders whose outcome nobody recorded."""

    journal: Journal
    log: Log
    pause_bot: Callable[[str, UtcTime], Awaitable[object]]
    clear_up: Callable[[], Awaitable[None]]

    async def __call__(self) -> bool:
        """Whether there was anything. Raises PanicRuns while a panic is at work: it writes what is to be merged."""
        if self.journal.read().is_merged:
            return False
        with self.journal.panic():
            await self.pause()
            ended = await self.orders()
        if not ended:
            await self.clear_up()  # takes its time, in which the owner may panic again
        with self.journal.panic():
            self.lift()
        return True

    # The steps one by one, for whoever holds the panic's lock.

    async def pause(self) -> None:
        """Let the owner's switch say what the journal says."""
        if paused := self.journal.read().paused:
            await self.pause_bot(paused.by, paused.at)

    async def orders(self) -> bool:
        """Bring every order into the log; whether all their cycles have ended."""
        found = self.journal.read().open
        ended = [await self._order(cycle, order) for cycle, order in list(found.items())]
        log.warning("the journal's orders are in the log", orders=len(found))
        return all(ended)

    def lift(self) -> None:
        """From now on the owner's switch alone says paused."""
        self.journal.write(Merged(), if_=lambda kept: kept.paused is not None)

    async def _order(self, cycle: CycleId, order: Order) -> bool:
        """Whether its cycle has ended."""
        if order.start is not None and order.intent is not None:
            await self._start(order.start)
            intent = await self.log.emit(order.intent)
        else:
            intent = None
        if order.fill is not None:
            await self.log.emit(order.fill)
        place = f"ev.ended.*.{'.'.join(split_cycle(cycle))}"
        if order.end is not None and intent is not None and not isinstance(intent.event, CycleEnded):
            await self.log.emit(order.end, after=intent.seq)
        ended = await self.log.load(place) is not None
        if ended or order.intent is None:
            self.journal.write(Closed(cycle=cycle))
        return ended or order.intent is None

    async def _start(self, due: ExitDue) -> None:
        """Publish a panic's start behind the market's last exit, whichever that is by now."""
        if await self.log.load(due.subject) is not None:
            return
        after = 0
        while (stored := await self.log.emit(due, after=after)).event != due:
            after = stored.seq
