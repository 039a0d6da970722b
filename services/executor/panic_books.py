"""What a panic goes by: what is held by the event log, or by the journal where there is none, and what is in doubt."""

import asyncio
from dataclasses import dataclass

from services.executor import foreign
from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventOrderLog, EventStore
from services.executor.comparison import LOOK_BACK
from services.executor.ports import CancellingExchange
from services.executor.under_way import Say, trouble
from shared.catalogue import panic as texts
from shared.events import Position
from shared.types import Market, UtcTime, is_panic, split_cycle

_LIST_S = 10.0


@dataclass(frozen=True, slots=True)
class Books:
    """log: None where it does not answer."""

    log: EventStore | None
    journal: Journal
    say: Say

    async def positions(self) -> tuple[dict[Market, Position], bool]:
        """What is held, by market; and whether the log says so, and not the journal alone.

        Of a log that was put back from an older copy the journal knows more.
        """
        state = self.journal.read()
        if self.log is not None and state.behind is None:
            try:
                ledger = await EventOrderLog(self.log).ledger()
            except Exception as e:
                self.say("", texts.LOG_AWAY.because(said=trouble(e)))
            else:
                return {market: ledger.held(market) for market in sorted(ledger.markets)}, True
        return {market: state.held(market) for market in state.markets}, False

    async def unreadable(self) -> set[Market]:
        """The markets with a record that nobody can read: what the bot holds there is not known."""
        if self.log is None:
            return set()
        try:
            ledger = await EventOrderLog(self.log).ledger()
        except Exception:
            return set()  # the positions are the journal's then, and that was said
        for cycle, place in ledger.unreadable.items():
            self.say(split_cycle(cycle)[0], texts.UNREADABLE.because({"place": place}))
        return {split_cycle(cycle)[0] for cycle in ledger.unreadable}

    async def sold_by_another(self, exchange: CancellingExchange, now: UtcTime) -> set[Market]:
        """The markets whose coins another bot on this account may have sold: those that are left are the owner's own.

        By a whole log alone; a list that does not come keeps nothing from being sold.
        """
        state = self.journal.read()
        if self.log is None or state.behind is not None:
            return set()
        try:
            async with asyncio.timeout(_LIST_S):
                found = await foreign.sales(exchange, EventOrderLog(self.log), state.under_way, now - LOOK_BACK)
        except Exception as e:
            self.say("", texts.LIST_AWAY.because(said=trouble(e)))
            return set()
        for cycle in found:
            self.say(cycle, (texts.FOREIGN_PANIC if is_panic(cycle) else texts.FOREIGN_SALE).because())
        return {split_cycle(cycle)[0] for cycle in found}
