"""What the journal holds and the log does not, brought into the log: same subjects, same rules as always.

Every step may be repeated: the server keeps one of each. The bot is paused first and the journal's own pause is lifted
last, so that no order leaves while the log lacks a fill.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventOrderLog, EventStore
from services.executor.core.ends import TAKEN
from services.executor.core.journal_lines import Closed, Merged, Stuck
from services.executor.core.journal_state import JournalState, OpenOrder
from shared.bus.event_log import NoLog
from shared.bus.wire import Unreadable
from shared.errors import Transient
from shared.events import CycleEnded, ExitDue, OrderIntended, OrderSettled, OrderUnresolved
from shared.types import CycleId, UtcTime, is_panic

log = structlog.get_logger("executor")


@dataclass(frozen=True, slots=True)
class Merge:
    """pause_bot: sets the owner's switch. clear_up: ends orders whose outcome nobody recorded."""

    journal: Journal
    log: EventStore
    pause_bot: Callable[[str, UtcTime], Awaitable[object]]
    clear_up: Callable[[], Awaitable[None]]
    _alone: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)  # in this process

    async def __call__(self) -> bool:
        """Whether there was anything. Raises PanicRuns while a panic is at work: it writes what is to be merged."""
        async with self._alone:
            return await self._merge()

    async def _merge(self) -> bool:
        state = self.journal.read()
        if state.is_merged:
            await self._close(state)
            return False
        with self.journal.panic():
            await self.pause()
            ended = await self.orders()
        if not ended:
            await self.clear_up()  # takes its time, in which the owner may panic again
        with self.journal.panic():
            self.lift()
        return True

    def is_due(self) -> bool:
        """Whether a panic has begun that the log may not know of."""
        return self.journal.read().paused is not None

    async def recall(self) -> None:
        """Give a log that was put back the intents it has forgotten, before this executor hears of new ones.

        Such an order may still be on its way: its market waits until it is known what became of it.
        """
        for cycle, order in self.journal.read().open.items():
            if order.intent is None or order.is_panic or order.fill is not None:
                continue  # nothing was sent, or `orders` brings it
            if (await self.log.emit(order.intent)).new:
                log.warning("the log had forgotten an order of the journal's", cycle=cycle)

    # The steps one by one, for whoever holds the panic's lock.

    async def pause(self) -> None:
        """Let the owner's switch say what the journal says."""
        if paused := self.journal.read().paused:
            await self.pause_bot(paused.by, paused.at)

    async def orders(self) -> bool:
        """Bring every order into the log; whether all their cycles have ended.

        Raises what kept one of them out, once the others are told; at once where the log is away.
        """
        found, ended, faults = self.journal.read().open, [], []
        for cycle, order in list(found.items()):
            try:
                ended.append(await self._order(cycle, order))
            except (Transient, NoLog):
                raise
            except Exception as e:
                faults.append(e)
        for fault in faults:
            raise fault
        if found:
            log.warning("the journal's orders are in the log", orders=len(found))
        return all(ended)

    def lift(self) -> None:
        """From now on the owner's switch alone says paused."""
        self.journal.write(Merged(), if_=lambda state: state.paused is not None)

    async def learn(self) -> None:
        """Note what the log has under way or unsettled: a panic asks what became of it before it sells.

        And the names that panics on other machines have used: a position of which they sold a part is gone on with.
        """
        ledger = await EventOrderLog(self.log).ledger()
        for intent in (*ledger.open.values(), *ledger.stuck.values()):
            self.journal.write(intent, if_=lambda state, cycle=intent.cycle: cycle not in state.open)  # type: ignore[misc]
            if await self._is_taken(intent.cycle):
                self.journal.write(Stuck(cycle=intent.cycle, taken=True))
        state = self.journal.read()
        over = set(ledger.names.values()) - ledger.open.keys() - ledger.stuck.keys() - state.open.keys() - state.spent
        for cycle in sorted(cycle for cycle in over if is_panic(cycle)):
            self.journal.write(Closed(cycle=cycle))  # of another machine: its name is taken

    async def _close(self, state: JournalState) -> None:
        """Forget the orders of processes that died before they could, and those a person has settled."""
        for cycle in list(state.open):
            if isinstance(line := await self._end_line(cycle), Closed):
                self.journal.write(line)

    async def _order(self, cycle: CycleId, order: OpenOrder) -> bool:
        """Whether its cycle has ended."""
        if order.start is not None and order.intent is not None:
            await self._start(order.start)
            intent = await self.log.emit(order.intent)
        else:
            intent = None
        if order.fill is not None:
            await self.log.emit(order.fill)
        if order.end is not None and intent is not None and not isinstance(intent.event, CycleEnded):
            await self.log.emit(order.end, after=intent.seq)
        line = await self._end_line(cycle) if order.intent else Closed(cycle=cycle)
        if line is None and order.fill is not None and not order.is_panic and await self._is_forgotten(cycle):
            line = Closed(cycle=cycle)  # its fill is all that the log will ever have of it
        if line:
            # Before the journal closes it: a log that is put back from before here is known by it.
            await log_rollback.note(self.log, self.journal)
            self.journal.write(line)
        return line is not None

    async def _is_forgotten(self, cycle: CycleId) -> bool:
        """Whether a log that was put back lacks the intent: nobody ends its cycle."""
        return await self.log.load(OrderIntended.subject_of(cycle)) is None

    async def _end_line(self, cycle: CycleId) -> Closed | Stuck | None:
        """What to note of a cycle, by what the log has of it; None while it has not ended."""
        end = await self.log.load(CycleEnded.places_of(cycle))
        if end is None:
            return None
        if isinstance(end.event, OrderUnresolved) and await self.log.load(OrderSettled.subject_of(cycle)) is None:
            return Stuck(cycle=cycle, taken=end.event.reason_code == TAKEN)
        return Closed(cycle=cycle)

    async def _is_taken(self, cycle: CycleId) -> bool:
        try:
            line = await self._end_line(cycle)
        except Unreadable:
            return False  # nobody can read how it ended: a panic asks for it
        return isinstance(line, Stuck) and line.taken

    async def _start(self, due: ExitDue) -> None:
        """Publish a panic's start behind the market's last exit, whichever that is by now."""
        if await self.log.load(due.subject) is not None:
            return
        after = 0
        while (stored := await self.log.emit(due, after=after)).event != due:
            after = stored.seq
