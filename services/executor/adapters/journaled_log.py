"""The event log with the journal beside it: what a panic must know is on this disk before it happens."""

from collections.abc import Callable

from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventOrderLog, Log, Written
from services.executor.core import position
from services.executor.core.ends import TAKEN
from services.executor.core.journal_lines import Closed, Known, Line, Reached, Stuck
from services.executor.core.journal_state import Kept
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
        log: Log,
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
        known = {market: ledger.held(market) for market in (*self._watched, *ledger.fills)}
        if known == self._noted:
            return ledger

        def is_news(kept: Kept) -> bool:
            return _learns(kept) and any(kept.held(market) != held for market, held in known.items())

        self._journal.write(*(Known(market=market, position=held) for market, held in known.items()), if_=is_news)
        if _learns(self._journal.read()):
            self._noted = known
        return ledger

    async def store(self, event: Written, *, after: int = 0) -> Stored:
        if isinstance(event, OrderIntended):
            if not self._journal.write(event, if_=lambda kept: self._may_follow(event, kept)):
                self._noted = {}
                raise NotMerged("a panic is not in the log yet, or has just sold what this order was about")
        elif isinstance(event, FillRecorded):
            self._journal.change(lambda kept: _of_fill(event, kept))
        elif isinstance(event, OrderUnresolved) and event.reason_code == TAKEN:
            # Before the log has it: whoever dies or loses the log here must not ask, and book another bot's order.
            self._journal.write(Stuck(cycle=event.cycle, taken=True), if_=lambda kept: event.cycle in kept.open)
        stored = await super().store(event, after=after)
        if isinstance(stored.event, CycleEnded):
            cycle = stored.event.cycle
            end = Stuck(cycle=cycle) if isinstance(stored.event, OrderUnresolved) else Closed(cycle=cycle)
            self._journal.write(end, if_=lambda kept: cycle in kept.open)
        reach = self._reach()
        if reach is not None:  # before the request of an intent leaves: a log that was put back is known by it
            there, reached = reach.last, Reached(reach=reach)
            self._journal.write(reached, if_=lambda kept: kept.behind is None and kept.reach.last < there)
        return stored

    async def is_taken(self, cycle: CycleId) -> bool:
        order = self._journal.read().open.get(cycle)
        return order is not None and order.taken

    def _close_settled(self, ledger: Ledger) -> None:
        """Forget the orders a person has settled: a panic would ask for them once more, and book another bot's."""
        if len(ledger.settled) == self._settled:
            return

        def is_over(cycle: CycleId, kept: Kept) -> bool:
            order = kept.open.get(cycle)
            return order is not None and (order.fill is None or cycle in ledger.recorded)

        for cycle in self._journal.read().open.keys() & ledger.settled:
            self._journal.write(Closed(cycle=cycle), if_=lambda kept, cycle=cycle: is_over(cycle, kept))  # type: ignore[misc]
        self._settled = len(ledger.settled)

    def _may_follow(self, intent: OrderIntended, kept: Kept) -> bool:
        """No panic has changed, since the rules were asked, what they saw."""
        if intent.books is None or intent.market not in self._watched:
            return kept.paused is None
        return kept.paused is None and kept.held(intent.market).volume == intent.books.held


def _of_fill(fill: FillRecorded, kept: Kept) -> tuple[Line, ...]:
    """What a fill adds to the journal: nothing where it is told already, since more may have happened after it."""
    order = kept.open.get(fill.cycle)
    if order is None or order.fill is not None:
        return ()
    if _learns(kept):
        return (fill,)
    # The log lacks a sale that the journal has; a panic would sell once more what the log says is held.
    return (fill.model_copy(update={"position": position.with_fill(kept.held(fill.market), fill)}),)


def _learns(kept: Kept) -> bool:
    """Whether the log knows all that the journal does."""
    return kept.is_merged and kept.behind is None
