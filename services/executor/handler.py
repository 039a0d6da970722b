"""Decision in, one end out, and between them at most one order. The order of the lines is the whole point.

Whatever line the process dies at, the repeat finds the intent in the log and asks the exchange instead of
sending again; whoever comes second anywhere goes on from what the first one stored.
"""

from dataclasses import dataclass

from services.executor.core import ends, orders, position, risk, sizing
from services.executor.core.ends import End
from services.executor.core.orders import PlacedOrder
from services.executor.ports import Answer, ExchangePort, NeverSent, NoWord, OrderLog, Pace, Refused, Unknown, Wishes
from shared.bus.wire import Stored
from shared.errors import Permanent
from shared.events import (
    CycleFailed,
    DecisionMade,
    FillRecorded,
    OrderDenied,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    OrderSkipped,
    OrderUnresolved,
    Position,
    Side,
)
from shared.types import Krw, Market

SEND_WITHIN_S = 5.0
SEND_AGAIN_AFTER_S = 1.0  # quotas are by the second
ASK_AGAIN_AFTER_S = (0.1, 5.0)  # doubling from the first to the second


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

    async def __call__(
        self, decision: DecisionMade
    ) -> OrderFilled | OrderSkipped | OrderDenied | OrderRejected | OrderUnresolved | CycleFailed:
        """Carry a decision out. CycleFailed only where the cycle had been given up before."""
        if end := await self.log.end(decision.cycle):
            return end
        intent, fill = await self.log.intent(decision.cycle), await self.log.fill(decision.cycle)
        if fill:
            return await self._end(decision, ends.filled(decision, fill), after=intent.seq if intent else 0)
        if intent:
            return await self._find_out(decision, intent)
        if decision.decision == "hold":
            return await self._end(decision, ends.skipped(decision))
        return await self._order(decision, decision.decision)

    async def _order(self, decision: DecisionMade, side: Side) -> End:
        """Check, store the intent, send once. The only way to `place`."""
        case = await self._case(decision, side)
        verdict = risk.check(case)
        if isinstance(verdict, risk.Denied):
            return await self._end(decision, ends.denied(decision, side, verdict))

        # From here and not from the acknowledgement: no late one can stretch the time.
        began = self.pace.now()
        intent = await self.log.store(ends.intended(decision, verdict.order, case.look.book.levels[0]))
        if not intent.new:
            return await self._go_on(decision, intent)
        answer = await self._send(verdict, began)
        if isinstance(answer, Refused):
            no = ends.rejected(decision, side, answer.name.upper(), answer.message)
            return await self._end(decision, no, after=intent.seq)
        return await self._find_out(decision, intent)

    async def _case(self, decision: DecisionMade, side: Side) -> risk.Case:
        """Everything the rules look at; the book comes last, because it ages fastest."""
        snapshot = await self.log.snapshot(decision.cycle)
        held = await self._held(decision.market)
        bot = await self.wishes.status()
        look = await self.exchange.look(decision.market)
        order = sizing.order_for(
            side, decision.cycle, amount=self.amount, held=held, coin_free=look.coin_free, scope=self.scope
        )
        return risk.Case(order, decision, bot, snapshot.at, snapshot.warning, held, look, self.limits)

    async def _send(self, approved: risk.Approved, began: float) -> Answer:
        """Send once; again only while it is certain that nothing arrived, and only within the time."""
        answer: Answer = NeverSent("the time to send it had passed")
        while isinstance(answer, NeverSent) and self.pace.now() - began < SEND_WITHIN_S:
            answer = await self.exchange.place(approved)
            if isinstance(answer, NeverSent):
                await self.pace.pause(SEND_AGAIN_AFTER_S)
        return Unknown(answer.why) if isinstance(answer, NeverSent) else answer

    async def _find_out(self, decision: DecisionMade, intent: Stored) -> End:
        """Ask what became of the order and record it. Never sends."""
        meant = intent.event
        if not isinstance(meant, OrderIntended):
            raise Impossible(f"{meant.subject} holds {meant.kind}")
        placed = await self._ask(meant)
        if isinstance(placed, NoWord):
            return await self._end(decision, ends.unresolved(decision, meant, placed.why), after=intent.seq)
        fill = orders.fill_of(placed)
        if fill is None:
            no = ends.rejected(decision, meant.side, "NOT_EXECUTED", "체결된 수량 없이 주문이 종료되었습니다")
            return await self._end(decision, no, after=intent.seq)
        held = await self._held(decision.market)
        stored = (await self.log.store(ends.recorded(decision, meant, fill, held))).event
        if not isinstance(stored, FillRecorded):
            raise Impossible(f"{stored.subject} holds {stored.kind}")
        return await self._end(decision, ends.filled(decision, stored), after=intent.seq)

    async def _ask(self, meant: OrderIntended) -> PlacedOrder | NoWord:
        """Ask for the order until it is settled, for `lookup_s` at most."""
        until, (pause_s, longest_s) = self.pace.now() + self.lookup_s, ASK_AGAIN_AFTER_S
        while True:
            word = await self.exchange.find(meant.client_order_id)
            if isinstance(word, PlacedOrder):
                if difference := word.differs_from(meant):
                    return NoWord(difference)
                if word.is_settled:
                    return word
            left_s = until - self.pace.now()
            if left_s <= 0:
                return word if isinstance(word, NoWord) else NoWord(f"주문이 아직 {word.state} 상태입니다")
            blocked = isinstance(word, NoWord) and word.blocked
            await self.pace.pause(left_s if blocked else min(pause_s, left_s))
            pause_s = min(2 * pause_s, longest_s)

    async def _held(self, market: Market) -> Position:
        """The bot's own position, by the last fill."""
        last = await self.log.last_fill(market)
        return last.position if last else position.NOTHING

    async def _end(self, decision: DecisionMade, end: End, *, after: int = 0) -> End:
        return await self._go_on(decision, await self.log.store(end, after=after))

    async def _go_on(self, decision: DecisionMade, stored: Stored) -> End:
        """Go on from what lies in the log: an end, or the intent of another run, which may have sent."""
        if isinstance(stored.event, OrderIntended):
            return await self._find_out(decision, stored)
        if not isinstance(stored.event, End):
            raise Impossible(f"{stored.event.subject} holds {stored.event.kind}")
        return stored.event
