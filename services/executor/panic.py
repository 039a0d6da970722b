"""The owner's panic: pause, cancel what is open, and where asked sell what the bot holds. It needs no event log.

Each line of the journal is on the disk before the step it names, so a panic that dies is taken up by the next one.
An order of a dead panic is asked for and, where the exchange has none of that name, sent again under the same name:
the exchange takes a name once, so two panics at once, or one after the other, sell once.

It holds the lock that only one panic on a machine can hold. While the journal says paused no executor that shares it
can intend an order, and one that did so before is waited for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from services.executor.adapters.journal import Journal
from services.executor.core import ends, exits, orders, risk, steps
from services.executor.core.kept import Order, Paused
from services.executor.core.orders import PlacedOrder, Sell
from services.executor.ports import Accepted, Answer, CancellingExchange, NeverSent, NoWord, Pace, Refused
from shared import refusals
from shared.events import ExitDue, OrderIntended, OrderRejected, Position
from shared.types import CycleId, Market, Price, UtcTime, Volume, plain
from shared.venue import floor8
from shared.why import sale

_EVERY_S = 0.5
_TRIES = 5
# An executor sends within 5 s of its intent, and its request ends after 10 s more.
_IN_FLIGHT_S = 16.0


def trouble(e: Exception) -> str:
    """What went wrong, as one line. Adapters' errors hold no request, so no key."""
    return " ".join(f"{type(e).__name__}: {e}".split())[:200]


@dataclass(frozen=True, slots=True)
class Panic:
    """by: who panics. settings, settings_digest, code: as they stand. say: tells the owner a line."""

    journal: Journal
    exchange: CancellingExchange
    pace: Pace
    by: str
    settings: dict[str, str]
    settings_digest: str
    code: str
    say: Callable[[str], None]
    slippage_max: Decimal  # of one order

    async def begin(self, at: UtcTime) -> None:
        """Pause on this machine, at once."""
        self.journal.write(Paused(by=self.by, at=at), if_=lambda kept: kept.paused is None)
        self.say("paused: no new order leaves this machine")

    async def clear(self) -> set[Market]:
        """Find out what became of every order under way, and cancel what is still open.

        The markets where the exchange does not say: there nothing is known, so nothing may be sold.
        """
        in_doubt = set()
        for cycle, order in self.journal.read().open.items():
            if order.intent is None or order.fill is not None or order.end is not None:
                continue
            try:
                known = await self._cleared(cycle, order, order.intent)
            except Exception as e:  # of one order: the others, and the other markets, go on
                self.say(f"{cycle}: UNKNOWN what became of the {order.intent.side} under way ({trouble(e)})")
                known = False
            if not known:
                in_doubt.add(order.intent.market)
        return in_doubt

    async def _cleared(self, cycle: CycleId, order: Order, intent: OrderIntended) -> bool:
        """Whether it is known what became of an order under way."""
        if order.is_panic:
            self.say(f"an earlier panic left {cycle} unfinished: going on with it")
            return await self._sold(order, await self._send(intent))
        return await self._other(cycle, intent)

    async def sell(self, market: Market, held: Position) -> Position | None:
        """Sell what the book takes of a position; what is the next step's, None if there is none.

        held: as the log has it, or the journal where there is no log. Whatever goes wrong in this market is told, and
        keeps no other from being sold.
        """
        try:
            ready = await self._intended(market, held)
        except Exception as e:
            self.say(f"{market}: NOT sold, nothing was sent: {trouble(e)}; run it again")
            return None
        if ready is None:
            return None
        order, approved = ready
        try:
            await self._sold(order, await self._place(approved))
            return self._rest(order)
        except Exception as e:
            self.say(f"{market}: UNKNOWN whether it was sold ({trouble(e)}); run it again, or look yourself")
            return None

    def _rest(self, order: Order) -> Position | None:
        """What a step that sold something left, by the journal; None also where what is left is not on the account."""
        assert order.intent is not None
        meant, kept = order.intent, self.journal.read().open.get(order.intent.cycle)
        if kept is None or kept.fill is None or kept.fill.position.volume <= 0:
            return None
        cut = meant.step is not None and meant.step.left > 0
        return kept.fill.position if cut or kept.fill.volume != meant.volume else None

    async def _intended(self, market: Market, held: Position) -> tuple[Order, risk.Approved] | None:
        """Write down the order that closes a position; None where it may not leave, which is told."""
        cycle = self.journal.read().next_panic(market, held)
        look = await self.exchange.look(market)
        if isinstance(look, Refused):
            self.say(f"{market}: NOT sold: {refusals.told(look.name, look.message).reason}")
            return None
        wanted = Volume(floor8(min(held.volume, look.coin_free)))
        order = steps.sale(market, cycle, wanted, look, self.slippage_max)
        approved = risk.check_panic(order, look)
        if isinstance(approved, risk.Denied):
            self.say(f"{market}: NOT sold: {approved.code}, {approved.reason}")
            return None
        bid = look.book.levels[0].bid_price
        start = self._start(cycle, bid, look.book.at, held)
        intent = OrderIntended(
            cycle=cycle,
            client_order_id=cycle,
            side="sell",
            volume=order.volume,
            expected_price=bid,
            step=order.step,
        )
        self.journal.write(start, intent)
        return Order(intent, start), approved

    async def _send(self, intent: OrderIntended) -> Answer:
        """Send a dead panic's order, unless the exchange has it."""
        if isinstance(await self.exchange.find(intent.client_order_id), PlacedOrder):
            return Accepted()
        look = await self.exchange.look(intent.market)
        if isinstance(look, Refused):
            return look
        order = Sell(intent.market, intent.client_order_id, intent.volume or Volume(Decimal(0)))
        approved = risk.check_panic(order, look)
        if isinstance(approved, risk.Denied):
            return Refused(approved.code, approved.reason)
        return await self._place(approved)

    async def _place(self, approved: risk.Approved) -> Answer:
        """Send; again only while it is certain that nothing arrived."""
        answer: Answer = await self.exchange.place(approved)
        for _ in range(_TRIES):
            if not isinstance(answer, NeverSent):
                return answer
            await self.pace.pause(1.0)
            answer = await self.exchange.place(approved)
        return answer

    async def _sold(self, order: Order, answer: Answer) -> bool:
        """Write down what became of a panic's order, and say it; whether that is known."""
        assert order.intent is not None
        assert order.start is not None
        decision, market = exits.decision_of(order.start), order.intent.market
        if isinstance(answer, Refused):
            return self._not_sold(ends.rejected(decision, "sell", refusals.told(answer.name, answer.message)))
        if isinstance(answer, NeverSent) and not answer.knocked:
            return self._not_sold(ends.rejected(decision, "sell", refusals.NEVER_SENT))
        word = await self._ask(order.intent)
        if isinstance(word, NoWord):
            self.say(
                f"{market}: UNKNOWN whether it was sold ({word.why}); run upcycle panic --sell again, or look yourself"
            )
            return False
        executed = orders.fill_of(word)
        if executed is None:
            return self._not_sold(ends.rejected(decision, "sell", refusals.NOT_EXECUTED))
        fill = ends.recorded(decision, order.intent, executed, order.start.position)
        self.journal.write(fill, ends.filled(decision, fill))
        price, funds = f"{fill.price:,.8g}", f"{fill.funds:,.0f}"
        self.say(f"{market}: sold {plain(fill.volume)} at {price} won on average, {funds} won in all")
        if line := sale.cut(fill, "en"):
            self.say(f"{market}: {line}")
        return True

    def _not_sold(self, end: OrderRejected) -> bool:
        self.journal.write(end)
        self.say(f"{end.market}: NOT sold: {end.reason_code}, {end.reason}")
        return True

    async def _other(self, cycle: CycleId, intent: OrderIntended) -> bool:
        """An order of the executor's; whether it is known what became of it."""
        word = await self._ask(intent)
        if isinstance(word, NoWord):
            if word.missing and intent.side == "buy":  # what it might still buy is no coin of today
                self.say(f"{cycle}: the exchange has no such order of the buy under way")
                return True
            self.say(f"{cycle}: UNKNOWN what became of the {intent.side} under way ({word.why}); look yourself")
            return False
        executed = orders.fill_of(word)
        if executed is None:
            self.say(f"{cycle}: the {intent.side} under way ended as {word.state}, nothing was executed")
            return True
        held = self.journal.read().held(intent.market)
        self.journal.write(ends.recorded(ends.decision_of(intent), intent, executed, held))
        self.say(f"{cycle}: of the {intent.side} under way {plain(executed.volume)} was executed")
        return True

    async def _ask(self, intent: OrderIntended) -> PlacedOrder | NoWord:
        """Ask for an order until it is settled; an open one is cancelled on the way."""
        until, cancelled = self.pace.now() + _IN_FLIGHT_S, False
        while True:
            word = await self.exchange.find(intent.client_order_id)
            if isinstance(word, PlacedOrder):
                if difference := word.differs_from(intent):
                    return NoWord(difference)
                if word.is_settled:
                    return word
                if not cancelled:
                    await self.exchange.cancel(intent.client_order_id)
                    cancelled = True
            if self.pace.now() >= until:
                return word if isinstance(word, NoWord) else NoWord(f"still {word.state}")
            await self.pace.pause(_EVERY_S)

    def _start(self, cycle: CycleId, price: Price, at: UtcTime, held: Position) -> ExitDue:
        return ExitDue(
            cycle=cycle,
            rule="panic",
            at=at,
            price=price,
            peak=None,
            limit=None,
            position=held,
            reason=f"긴급 청산: {self.by}",
            settings=self.settings,
            settings_digest=self.settings_digest,
            code=self.code,
        )
