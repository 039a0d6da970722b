"""Decision in, one end out, and between them at most one order. The order of the lines is the whole point.

Whatever line the process dies at, the repeat finds the intent in the log and asks the exchange instead of
sending again; whoever comes second anywhere goes on from what the first one stored. No order is intended in
a market before the one before it has ended. Whatever the exchange answers to an order, `find_out` alone says
what became of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from services.executor.core import ends, exits, risk, sizing
from services.executor.core.answers import Answer, LookupFailure, NameTaken, Refused
from services.executor.core.deadlines import SEND_WITHIN_S
from services.executor.core.ends import End
from services.executor.core.life import State
from services.executor.core.orders import TradingConditions, client_order_id
from services.executor.core.proof import NoOrder
from services.executor.core.ticket import Impossible, Ticket
from services.executor.outcome import find_out
from services.executor.ports import ExchangePort, OrderLog, OwnerSwitch, Pace
from services.executor.send import send
from shared import refusals
from shared.errors import Transient
from shared.events import (
    DecisionMade,
    ExitDue,
    FillRecorded,
    OrderIntended,
    Side,
)
from shared.settings import Settings
from shared.stored import Stored
from shared.types import CycleId, Krw, Market, Volume, slot_time

LEFT_OPEN_S = 30.0  # how much longer than its own run an order is asked for that another run left open


def _locks() -> dict[Market, asyncio.Lock]:
    return defaultdict(asyncio.Lock)


@dataclass(frozen=True, slots=True)
class ExecutorHandler:
    exchange: ExchangePort
    log: OrderLog
    switch: OwnerSwitch
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
        switch: OwnerSwitch,
        pace: Pace,
        compared: Callable[[], bool],
    ) -> "ExecutorHandler":
        return cls(
            exchange=exchange,
            log=log,
            switch=switch,
            pace=pace,
            amount=settings.trading_amount,
            scope=settings.sell_scope,
            limits=risk.Limits.of(settings),
            lookup_s=settings.order_lookup_s,
            compared=compared,
        )

    async def __call__(self, cause: DecisionMade | ExitDue) -> End:
        """Carry a decision or an exit out. CycleFailed only where the cycle had been given up before."""
        decision = exits.decision_of(cause) if isinstance(cause, ExitDue) else cause
        self._at_work.add(decision.cycle)
        try:
            async with self._markets[decision.market]:
                end = await self._carry_out(decision)
        finally:
            self._at_work.discard(decision.cycle)
        if end.reason_code == ends.TAKEN:  # behind the end: a repeat that finds it halts the bot, too
            await self.switch.pause("executor: another bot uses this account", slot_time(end.slot))
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
        """Walk the life of an order from where the log has it."""
        if end := await self.log.end(decision.cycle):
            return end
        intent, fill = await self.log.intent(decision.cycle), await self.log.fill(decision.cycle)
        return await self._walk(Ticket(decision, self.lookup_s, intent, fill))

    async def _end_open(self, cycle: CycleId, lookup_s: float) -> None:
        """The same for a cycle whose intent, and perhaps its fill, is all there is of it."""
        intent, decision = await self.log.intent(cycle), await self.log.decision(cycle)
        if intent is None or not isinstance(intent.event, OrderIntended):
            raise Impossible(f"the intent of {cycle} is gone")
        decision = decision or ends.decision_of(intent.event)
        await self._walk(Ticket(decision, lookup_s, intent, await self.log.fill(cycle)))

    async def _walk(self, ticket: Ticket) -> End:
        """In each state do its one thing, and go where the table of steps leads from there, until there is an end."""
        do: dict[State, Callable[[Ticket], Awaitable[Stored | Answer]]] = {
            "decided": self._decided,
            "intended": self._intended,
            "sent": self._find_out,
            "in_doubt": self._find_out,
            "executed": self._executed,
        }
        state = ticket.read()
        while ticket.end is None:
            state = ticket.take(state, await do[state](ticket))
        return ticket.end

    async def _decided(self, ticket: Ticket) -> Stored:
        """Clear the market of the order before, look, hold this one against the rules, and store the intent."""
        decision = ticket.decision
        if decision.decision == "hold":
            return await self._store(ticket, ends.skipped(decision))
        for cycle in list((await self.log.ledger()).open_in(decision.market)):
            await self._end_open(cycle, self.lookup_s)

        # From here: no late answer and no sleep stretches the time between what the rules saw and the order.
        ticket.began = self.pace.now()
        conditions = await self.exchange.conditions(decision.market)
        if isinstance(conditions, Refused):
            no = refusals.reason_of_refusal(conditions.name, conditions.message)
            return await self._store(ticket, ends.not_shown(decision, decision.decision, no))
        ticket.case = case = await self._case(decision, decision.decision, conditions)
        verdict = risk.check(case)
        if isinstance(verdict, risk.Denied):
            return await self._store(ticket, ends.denied(decision, case.side, verdict, case.books))
        return await self._store(ticket, ends.intended(decision, verdict.order, conditions.book.levels[0], case.books))

    async def _intended(self, ticket: Ticket) -> Stored | Answer:
        """Send once what this run has intended. The only way to an order."""
        decision, case = ticket.decision, ticket.case
        assert case is not None
        # Asked once more: who pauses the bot and then reads the log finds the intent, or has stopped the order here.
        verdict = risk.check(replace(case, bot=await self.switch.status()))
        if isinstance(verdict, risk.Denied):
            return await self._store(ticket, ends.denied(decision, case.side, verdict, case.books))
        answer = await send(self.exchange, self.pace, verdict, lambda: self.pace.now() - ticket.began < SEND_WITHIN_S)
        if isinstance(answer, NameTaken):
            return await self._store(ticket, ends.taken(decision, ticket.meant))
        return answer

    async def _find_out(self, ticket: Ticket) -> Stored:
        """Ask what became of the order, sent by this run or by another, and record it. Never sends."""
        decision, meant = ticket.decision, ticket.meant
        if ticket.answer is None and await self.log.is_taken(meant.cycle):
            return await self._store(ticket, ends.taken(decision, meant))
        found = await find_out(self.exchange, self.pace, meant, ticket.answer, for_s=ticket.lookup_s)
        if isinstance(found, NoOrder):
            return await self._store(ticket, ends.rejected(decision, meant.side, found))
        if isinstance(found, LookupFailure):
            end = ends.taken(decision, meant) if found.taken else ends.unresolved(decision, meant, found.why)
            return await self._store(ticket, end)
        return await self._store(ticket, ends.booked(decision, meant, found, await self.log.ledger()))

    async def _executed(self, ticket: Ticket) -> Stored:
        """End the cycle with what was executed."""
        assert ticket.fill is not None
        return await self._store(ticket, ends.filled(ticket.decision, ticket.fill))

    async def _store(self, ticket: Ticket, event: OrderIntended | FillRecorded | End) -> Stored:
        """Store an event; what lies there now, which may be another run's. An end follows its intent."""
        after = ticket.intent.seq if ticket.intent and isinstance(event, End) else 0
        stored = await self.log.store(event, after=after)
        if isinstance(event, FillRecorded) is not isinstance(stored.event, FillRecorded):
            raise Impossible(f"{stored.event.subject} holds {stored.event.kind}")
        return stored

    async def _case(self, decision: DecisionMade, side: Side, conditions: TradingConditions) -> risk.Case:
        """Everything the rules look at."""
        snapshot, ledger = await self.log.snapshot(decision.cycle), await self.log.ledger()
        held = ledger.held(decision.market)
        books = ledger.books(decision.market, conditions.book.at, Volume(conditions.coin_free + conditions.coin_locked))
        bot, closes = await self.switch.status(), exits.closes(snapshot)
        order = sizing.order_for(
            side,
            decision.market,
            client_order_id(decision.cycle, closes, ledger.names),
            amount=self.amount,
            held=exits.sellable(snapshot, held),
            conditions=conditions,
            scope="bot" if exits.is_owners(snapshot) else self.scope,
            slippage_max=self.limits.exit_slippage_max,
        )
        compared = self.compared()
        return risk.Case(
            order, decision, bot, snapshot.at, snapshot.warning, held, books, conditions, self.limits, closes, compared
        )
