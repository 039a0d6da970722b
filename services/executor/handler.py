"""Decision in, one end out, and between them at most one order. The order of the lines is the whole point.

Whatever line the process dies at, the repeat finds the intent in the log and asks the exchange instead of
sending again; whoever comes second anywhere goes on from what the first one stored. No order is intended in
a market before the one before it has ended. Whatever the exchange answers to an order, `find_out` alone says
what became of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from services.executor.core import ends, exits, risk, sizing
from services.executor.core.answers import Answer, NameTaken, NoWord, Refused
from services.executor.core.ends import End
from services.executor.core.orders import Look, client_order_id
from services.executor.core.proof import NoOrder
from services.executor.core.sending import SEND_WITHIN_S
from services.executor.outcome import find_out
from services.executor.ports import ExchangePort, OrderLog, Pace, Wishes
from services.executor.send import send
from shared import refusals
from shared.errors import Permanent, Transient
from shared.events import (
    CycleFailed,
    DecisionMade,
    ExitDue,
    FillRecorded,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
    Side,
)
from shared.settings import Settings
from shared.stored import Stored
from shared.types import CycleId, Krw, Market, Volume, slot_time

LEFT_OPEN_S = 30.0  # how much longer than its own run an order is asked for that another run left open


def _locks() -> dict[Market, asyncio.Lock]:
    return defaultdict(asyncio.Lock)


class Impossible(Permanent):
    """The log holds what no stage could have put there."""


@dataclass(frozen=True, slots=True)
class ExecutorHandler:
    exchange: ExchangePort
    log: OrderLog
    wishes: Wishes
    pace: Pace
    amount: Krw  # of a buy
    scope: sizing.Scope  # of a sell
    limits: risk.Limits
    lookup_s: float  # how long an order of unknown outcome is asked for
    compared: Callable[[], bool] = lambda: True  # whether the exchange's orders were held against the log
    _markets: dict[Market, asyncio.Lock] = field(default_factory=_locks, init=False)
    _at_work: set[CycleId] = field(default_factory=set, init=False)

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        exchange: ExchangePort,
        log: OrderLog,
        wishes: Wishes,
        pace: Pace,
        compared: Callable[[], bool],
    ) -> "ExecutorHandler":
        return cls(
            exchange=exchange,
            log=log,
            wishes=wishes,
            pace=pace,
            amount=settings.trading_amount,
            scope=settings.sell_scope,
            limits=risk.Limits.of(settings),
            lookup_s=settings.order_lookup_s,
            compared=compared,
        )

    async def __call__(
        self, asked: DecisionMade | ExitDue
    ) -> OrderFilled | OrderSkipped | OrderDenied | OrderRejected | OrderUnresolved | CycleFailed:
        """Carry a decision or an exit out. CycleFailed only where the cycle had been given up before."""
        decision = exits.decision_of(asked) if isinstance(asked, ExitDue) else asked
        self._at_work.add(decision.cycle)
        try:
            async with self._markets[decision.market]:
                end = await self._carry_out(decision)
        finally:
            self._at_work.discard(decision.cycle)
        if end.reason_code == ends.TAKEN:  # behind the end: a repeat that finds it halts the bot, too
            await self.wishes.pause("executor: another bot uses this account", slot_time(end.slot))
        return end

    async def clear_up(self) -> None:
        """End every order that an earlier run left open; other markets go on meanwhile.

        Another executor may be at work on one of them right now: it is given the time to end it itself. What this one
        is at work on is not asked for here: an order under a name not sent yet would be somebody else's.
        Raises what kept one open once all were tried, and what may work later before what never will.
        """
        open_ = [cycle for cycle in (await self.log.ledger()).open if cycle not in self._at_work]
        work = (self._end_open(cycle, self.lookup_s + LEFT_OPEN_S) for cycle in open_)
        faults = [
            done for done in await asyncio.gather(*work, return_exceptions=True) if isinstance(done, BaseException)
        ]
        for fault in sorted(faults, key=lambda fault: not isinstance(fault, Transient)):
            raise fault

    async def _carry_out(self, decision: DecisionMade) -> End:
        if end := await self.log.end(decision.cycle):
            return end
        intent, fill = await self.log.intent(decision.cycle), await self.log.fill(decision.cycle)
        if fill:
            return await self._end(decision, ends.filled(decision, fill), after=intent.seq if intent else 0)
        if intent:
            return await self._find_out(decision, intent, self.lookup_s)
        if decision.decision == "hold":
            return await self._end(decision, ends.skipped(decision))
        for cycle in list((await self.log.ledger()).open_in(decision.market)):
            await self._end_open(cycle, self.lookup_s)
        return await self._order(decision, decision.decision)

    async def _order(self, decision: DecisionMade, side: Side) -> End:
        """Hold it against the rules and store the intent."""
        # From here: no late answer and no sleep stretches the time between what the rules saw and the order.
        began = self.pace.now()
        look = await self.exchange.look(decision.market)
        if isinstance(look, Refused):
            return await self._end(decision, ends.no_look(decision, side, refusals.told(look.name, look.message)))
        case = await self._case(decision, side, look)
        verdict = risk.check(case)
        if isinstance(verdict, risk.Denied):
            return await self._end(decision, ends.denied(decision, side, verdict, case.books))

        intent = await self.log.store(ends.intended(decision, verdict.order, look.book.levels[0], case.books))
        if not intent.new:
            return await self._go_on(decision, intent)
        return await self._place(decision, case, intent, began)

    async def _place(self, decision: DecisionMade, case: risk.Case, intent: Stored, began: float) -> End:
        """Send once what this run has intended. The only way to an order."""
        # Asked once more: who pauses the bot and then reads the log finds the intent, or has stopped the order here.
        verdict = risk.check(replace(case, bot=await self.wishes.status()))
        if isinstance(verdict, risk.Denied):
            return await self._end(decision, ends.denied(decision, case.side, verdict, case.books), after=intent.seq)
        answer = await send(self.exchange, self.pace, verdict, lambda: self.pace.now() - began < SEND_WITHIN_S)
        if isinstance(answer, NameTaken):
            return await self._end(decision, ends.taken(decision, _meant(intent)), after=intent.seq)
        return await self._find_out(decision, intent, self.lookup_s, answer)

    async def _case(self, decision: DecisionMade, side: Side, look: Look) -> risk.Case:
        """Everything the rules look at."""
        seen, ledger = await self.log.snapshot(decision.cycle), await self.log.ledger()
        held = ledger.held(decision.market)
        books = ledger.books(decision.market, look.book.at, Volume(look.coin_free + look.coin_locked))
        bot, closes = await self.wishes.status(), exits.closes(seen)
        order = sizing.order_for(
            side,
            decision.market,
            client_order_id(decision.cycle, closes, ledger.names),
            amount=self.amount,
            held=held,
            look=look,
            scope=self.scope,
            slippage_max=self.limits.exit_slippage_max,
        )
        compared = self.compared()
        return risk.Case(order, decision, bot, seen.at, seen.warning, held, books, look, self.limits, closes, compared)

    async def _find_out(
        self, decision: DecisionMade, intent: Stored, for_s: float, answer: Answer | None = None
    ) -> End:
        """Ask what became of the order and record it. Never sends.

        answer: to this run's own request; None where another run may have sent one.
        """
        meant = _meant(intent)
        found = await find_out(self.exchange, self.pace, meant, answer, for_s=for_s)
        if isinstance(found, NoOrder):
            return await self._end(decision, ends.rejected(decision, meant.side, found), after=intent.seq)
        if isinstance(found, NoWord):
            return await self._end(decision, ends.unresolved(decision, meant, found.why), after=intent.seq)
        recorded = ends.booked(decision, meant, found, await self.log.ledger())
        stored = (await self.log.store(recorded)).event
        if not isinstance(stored, FillRecorded):
            raise Impossible(f"{stored.subject} holds {stored.kind}")
        return await self._end(decision, ends.filled(decision, stored), after=intent.seq)

    async def _end_open(self, cycle: CycleId, for_s: float) -> None:
        """End a cycle whose intent is all there is of it."""
        intent, decision = await self.log.intent(cycle), await self.log.decision(cycle)
        if intent is None or not isinstance(intent.event, OrderIntended):
            raise Impossible(f"the intent of {cycle} is gone")
        decision = decision or ends.decision_of(intent.event)
        if fill := await self.log.fill(cycle):
            await self._end(decision, ends.filled(decision, fill), after=intent.seq)
        else:
            await self._find_out(decision, intent, for_s)

    async def _end(self, decision: DecisionMade, end: End, *, after: int = 0) -> End:
        return await self._go_on(decision, await self.log.store(end, after=after))

    async def _go_on(self, decision: DecisionMade, stored: Stored) -> End:
        """Go on from what lies in the log: an end, or the intent of another run, which may have sent."""
        if isinstance(stored.event, OrderIntended):
            return await self._find_out(decision, stored, self.lookup_s)
        if not isinstance(stored.event, End):
            raise Impossible(f"{stored.event.subject} holds {stored.event.kind}")
        return stored.event


def _meant(intent: Stored) -> OrderIntended:
    if not isinstance(intent.event, OrderIntended):
        raise Impossible(f"{intent.event.subject} holds {intent.event.kind}")
    return intent.event
