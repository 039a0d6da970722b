"""The event log with the journal beside it: what a panic must know is on this disk before it happens."""

from collections.abc import Callable

from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventOrderLog, EventStore, Written
from services.executor.core import position
from services.executor.core.ends import TAKEN
from services.executor.core.journal_lines import Closed, HeldPosition, Line, Reached, Stuck
from services.executor.core.journal_state import JournalState
from services.executor.core.ledger import Ledger
from shared.errors import Transient
from shared.events import CycleEnded, Event, FillRecorded, OrderIntended, OrderUnresolved, Position
from shared.reach import Reach
from shared.stored import Stored
from shared.types import CycleId, Market


class NotMerged(Transient):
    """A panic has begun or ended that the log does not know of yet: no order leaves before it does."""


class JournaledOrderLog(EventOrderLog):
    """markets: whose positions the journal keeps. reach: how far this process has seen the log."""

    def __init__(
        self,
        log: EventStore,
        journal: Journal,
        markets: tuple[Market, ...],
        *,
        reach: Callable[[], Reach | None] = lambda: None,
        on_stored: Callable[[Event], None] = lambda _: None,
    ) -> None:
        super().__init__(log, on_stored)
        self._journal, self._watched = journal, markets
        self._noted: dict[Market, Position] = {}  # as this process last saw them in the journal
        self._settled = 0  # so many orders, of which the journal has heard
        self._reach = reach

    async def ledger(self) -> Ledger:
        ledger = await super().ledger()
        ledger.journaled = self._journal.read().names  # a log that was put back has no intent of some
        self._close_settled(ledger)
        held = {market: ledger.held(market) for market in (*self._watched, *ledger.fills)}
        if held == self._noted:
            return ledger

        def is_news(state: JournalState) -> bool:
            return _learns(state) and any(state.held(market) != held for market, held in held.items())

        self._journal.write(*(HeldPosition(market=market, position=held) for market, held in held.items()), if_=is_news)
        if _learns(self._journal.read()):
            self._noted = held
        return ledger

    async def store(self, event: Written, *, after: int = 0) -> Stored:
        if isinstance(event, OrderIntended):
            if not self._journal.write(event, if_=lambda state: self._may_follow(event, state)):
                self._noted = {}
                raise NotMerged("a panic is not in the log yet, or has just sold what this order was about")
        elif isinstance(event, FillRecorded):
            self._journal.change(lambda state: _of_fill(event, state))
        elif isinstance(event, OrderUnresolved) and event.reason_code == TAKEN:
            # Before the log has it: whoever dies or loses the log here must not ask, and book another bot's order.
            self._journal.write(Stuck(cycle=event.cycle, taken=True), if_=lambda state: event.cycle in state.open)
        stored = await super().store(event, after=after)
        if isinstance(stored.event, CycleEnded):
            cycle = stored.event.cycle
            end = Stuck(cycle=cycle) if isinstance(stored.event, OrderUnresolved) else Closed(cycle=cycle)
            self._journal.write(end, if_=lambda state: cycle in state.open)
        reach = self._reach()
        if reach is not None:  # before the request of an intent leaves: a log that was put back is known by it
            there, reached = reach.last, Reached(reach=reach)
            self._journal.write(reached, if_=lambda state: state.behind is None and state.reach.last < there)
        return stored

    async def is_taken(self, cycle: CycleId) -> bool:
        order = self._journal.read().open.get(cycle)
        return order is not None and order.taken

    def _close_settled(self, ledger: Ledger) -> None:
        """Forget the orders a person has settled: a panic would ask for them once more, and book another bot's."""
        if len(ledger.settled) == self._settled:
            return

        def is_over(cycle: CycleId, state: JournalState) -> bool:
            order = state.open.get(cycle)
            return order is not None and (order.fill is None or cycle in ledger.executed)

        for cycle in self._journal.read().open.keys() & ledger.settled:
            self._journal.write(Closed(cycle=cycle), if_=lambda state, cycle=cycle: is_over(cycle, state))  # type: ignore[misc]
        self._settled = len(ledger.settled)

    def _may_follow(self, intent: OrderIntended, state: JournalState) -> bool:
        """No panic has changed, since the rules were asked, what they saw."""
        if intent.books is None or intent.market not in self._watched:
            return state.paused is None
        return state.paused is None and state.held(intent.market).volume == intent.books.held


def _of_fill(fill: FillRecorded, state: JournalState) -> tuple[Line, ...]:
    """What a fill adds to the journal: nothing where it is told already, since more may have happened after it."""
    order = state.open.get(fill.cycle)
    if order is None or order.fill is not None:
        return ()
    if _learns(state):
        return (fill,)
    # The log lacks a sale that the journal has; a panic would sell once more what the log says is held.
    return (fill.model_copy(update={"position": position.with_fill(state.held(fill.market), fill)}),)


def _learns(state: JournalState) -> bool:
    """Whether the log knows all that the journal does."""
    return state.is_merged and state.behind is None
