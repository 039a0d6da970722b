"""The orders that were under way when the owner panics: cancelled where they are open, and what became of them.

Where one may have sold already, nothing more is sold in its market.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.executor.adapters.journal import Journal
from services.executor.core import ends
from services.executor.core.answers import LookupFailure
from services.executor.core.deadlines import IN_DOUBT_S, IN_FLIGHT_S
from services.executor.core.journal_lines import Absent
from services.executor.core.journal_state import OpenOrder
from services.executor.core.proof import NoOrder
from services.executor.outcome import cancel_and_find_out
from services.executor.ports import CancellingExchange, Pace
from shared.catalogue import panic as texts
from shared.events import OrderIntended
from shared.reason import Reason
from shared.types import CycleId, Market
from shared.writing import coins

Say = Callable[[str, Reason], None]


def trouble(e: Exception) -> str:
    """What went wrong, as one line. Adapters' errors hold no request, so no key."""
    return " ".join(f"{type(e).__name__}: {e}".split())[:200]


@dataclass(frozen=True, slots=True)
class UnderWay:
    """say: tells the owner, of a market or a cycle. finish: goes on with an order of a panic that died."""

    journal: Journal
    exchange: CancellingExchange
    pace: Pace
    say: Say
    finish: Callable[[OpenOrder, OrderIntended], Awaitable[bool]]

    async def clear(self) -> set[Market]:
        """Find out what became of every order under way, and cancel what is still open.

        The markets where nothing may be sold, because an order there may have sold it already. See `arriving`, too.
        """
        in_doubt = set()
        for cycle, order in self.journal.read().open.items():
            if order.intent is None or order.fill is not None or order.end is not None:
                continue
            try:
                is_clear = await self._cleared(cycle, order, order.intent)
            except Exception as e:  # of one order: the others, and the other markets, go on
                self.say(cycle, texts.ORDER_UNKNOWN.because({"side": order.intent.side}, said=trouble(e)))
                is_clear = False
            if not is_clear:
                in_doubt.add(order.intent.market)
        return in_doubt

    async def _cleared(self, cycle: CycleId, order: OpenOrder, intent: OrderIntended) -> bool:
        """Whether it is known what became of an order under way."""
        return await (self.finish(order, intent) if order.is_panic else self._other(cycle, order, intent))

    async def _other(self, cycle: CycleId, order: OpenOrder, intent: OrderIntended) -> bool:
        """An order of the executor's; whether selling in its market is safe."""
        if order.taken:
            self.say(cycle, texts.NAME_TAKEN.because({"side": intent.side, "cycle": cycle}))
            return intent.side == "buy"  # of what was held before
        found = await cancel_and_find_out(self.exchange, self.pace, intent, None, for_s=IN_FLIGHT_S)
        if isinstance(found, LookupFailure):
            if found.missing and intent.side == "buy":  # what it might still buy is no coin of today
                return self._absent(cycle, order)
            self.say(cycle, texts.ORDER_UNKNOWN.over(found.why, {"side": intent.side}))
            return False
        if isinstance(found, NoOrder):
            self.say(cycle, texts.NOTHING_EXECUTED.because({"side": intent.side}))
            return True
        held = self.journal.read().held(intent.market)
        self.journal.write(ends.fill_recorded(ends.decision_of(intent), intent, found, held))
        executed = coins(found.volume, intent.market)
        self.say(cycle, texts.EXECUTED.because({"side": intent.side, "volume": executed}))
        return True

    def _absent(self, cycle: CycleId, order: OpenOrder) -> bool:
        """A buy the exchange does not have may still be on its way: it stays in doubt for a while."""
        now = self.pace.now()
        if order.absent is None:
            self.journal.write(Absent(cycle=cycle, since=now), if_=lambda state: cycle in state.open)
        left_s = IN_DOUBT_S - order.absent_s(now)
        if left_s > 0:
            self.say(cycle, texts.MAY_ARRIVE.because({"seconds": left_s}))
        else:
            self.say(cycle, texts.ABSENT.because())
        return True

    def arriving(self) -> list[CycleId]:
        """The buys that may still arrive although the exchange does not have them."""
        now, found = self.pace.now(), self.journal.read().open
        return [
            cycle
            for cycle, order in found.items()
            if order.absent is not None and not order.fill and order.absent_s(now) < IN_DOUBT_S
        ]

    def unowned(self) -> list[CycleId]:
        """The orders of which a person must say whose they are."""
        return [cycle for cycle, order in self.journal.read().open.items() if order.taken and not order.fill]
