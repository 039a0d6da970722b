"""The owner's panic: pause, cancel what is open, and where asked sell what the bot holds. It needs no event log.

Each line of the journal is on the disk before the step it names, so a panic that dies is taken up by the next one.
An order of a dead panic is asked for and, where the exchange has none of that name, sent again under the same name:
the exchange takes a name once, so two panics at once, or one after the other, sell once. Another name is taken only
when it is proved that nothing of the last one was executed or will be.

It holds the lock that only one panic on a machine can hold. While the journal says paused no executor that shares it
can intend an order, and one that did so before is waited for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from services.executor.adapters.journal import Journal
from services.executor.core import ends, exits, risk, steps
from services.executor.core.answers import Accepted, Answer, NeverSent, NoWord, Refused, Unknown
from services.executor.core.kept import Absent, Order, Paused
from services.executor.core.orders import PlacedOrder, Sell
from services.executor.core.proof import NoOrder
from services.executor.core.sending import IN_DOUBT_S, IN_FLIGHT_S
from services.executor.outcome import Outcome, find_out
from services.executor.ports import CancellingExchange, Pace
from services.executor.send import send
from shared import refusals
from shared.catalogue import exits as exit_reasons
from shared.catalogue import sentence
from shared.events import ExitDue, OrderIntended, Position
from shared.settings import Settings
from shared.types import CycleId, Language, Market, Price, UtcTime, Volume, plain
from shared.venue import floor8
from shared.why import sale
from shared.writing import quoted, whole

_ATTEMPTS = 6


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
    language: Language  # of what it says

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        journal: Journal,
        exchange: CancellingExchange,
        pace: Pace,
        by: str,
        code: str,
        say: Callable[[str], None],
    ) -> "Panic":
        slippage_max = risk.Limits.of(settings).exit_slippage_max
        deciding, digest = settings.deciding(), settings.digest()
        return cls(
            journal, exchange, pace, by, deciding, digest, code, say, slippage_max, settings.language
        )  # fmt: skip

    async def begin(self, at: UtcTime) -> None:
        """Pause on this machine, at once."""
        self.pause(at)
        self.say("paused: no new order leaves this machine")

    def pause(self, at: UtcTime) -> None:
        self.journal.write(Paused(by=self.by, at=at), if_=lambda kept: kept.paused is None)

    async def clear(self) -> set[Market]:
        """Find out what became of every order under way, and cancel what is still open.

        The markets where nothing may be sold, because an order there may have sold it already. See `arriving`, too.
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
        return await self._other(cycle, order, intent)

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
            await self._sold(order, await send(self.exchange, self.pace, approved, attempts=_ATTEMPTS))
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
            self.say(
                f"{market}: NOT sold: {sentence(refusals.reason_of_refusal(look.name, look.message), self.language)}"
            )
            return None
        wanted = Volume(floor8(min(held.volume, look.coin_free)))
        order = steps.sale(market, cycle, wanted, look, self.slippage_max)
        approved = risk.check_panic(order, look)
        if isinstance(approved, risk.Denied):
            self.say(f"{market}: NOT sold: {approved.code}, {sentence(approved.why, self.language)}")
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
            return Unknown(f"not sent again: {look.name}")
        order = Sell(intent.market, intent.client_order_id, intent.volume or Volume(Decimal(0)))
        approved = risk.check_panic(order, look)
        if isinstance(approved, risk.Denied):
            return Unknown(f"not sent again: {approved.code}")
        answer = await send(self.exchange, self.pace, approved, attempts=_ATTEMPTS)
        # What was not sent now may have been sent then.
        return Unknown(answer.why) if isinstance(answer, NeverSent) else answer

    async def _sold(self, order: Order, answer: Answer) -> bool:
        """Write down what became of a panic's order, and say it; whether that is known."""
        assert order.intent is not None
        assert order.start is not None
        decision, market = exits.decision_of(order.start), order.intent.market
        found = await self._find_out(order.intent, answer)
        if isinstance(found, NoOrder):
            no = ends.rejected(decision, "sell", found)
            self.journal.write(no)
            self.say(f"{market}: NOT sold: {no.reason_code}, {sentence(no, self.language)}")
            return True
        if isinstance(found, NoWord):
            self.say(
                f"{market}: UNKNOWN whether it was sold ({found.said}); "
                "run upcycle panic --sell again, or look yourself"
            )
            return False
        fill = ends.recorded(decision, order.intent, found, order.start.position)
        self.journal.write(fill, ends.filled(decision, fill))
        price, funds = quoted(fill.price), whole(fill.funds)
        self.say(f"{market}: sold {plain(fill.volume)} at {price} won on average, {funds} won in all")
        if line := sale.cut(fill, "en"):
            self.say(f"{market}: {line}")
        return True

    async def _other(self, cycle: CycleId, order: Order, intent: OrderIntended) -> bool:
        """An order of the executor's; whether selling in its market is safe."""
        if order.taken:
            self.say(
                f"{cycle}: the exchange had an order of this name before this bot sent its {intent.side}: another bot "
                f"may use this account, and nothing of it is booked before you say whose it is: upcycle settle {cycle}"
            )
            return intent.side == "buy"  # of what was held before
        found = await self._find_out(intent, None)
        if isinstance(found, NoWord):
            if found.missing and intent.side == "buy":  # what it might still buy is no coin of today
                return self._absent(cycle, order)
            self.say(f"{cycle}: UNKNOWN what became of the {intent.side} under way ({found.said}); look yourself")
            return False
        if isinstance(found, NoOrder):
            self.say(f"{cycle}: of the {intent.side} under way nothing was executed")
            return True
        held = self.journal.read().held(intent.market)
        self.journal.write(ends.recorded(ends.decision_of(intent), intent, found, held))
        self.say(f"{cycle}: of the {intent.side} under way {plain(found.volume)} was executed")
        return True

    def _absent(self, cycle: CycleId, order: Order) -> bool:
        """A buy the exchange does not have may still be on its way: it stays in doubt for a while."""
        now = self.pace.now()
        if order.absent is None:
            self.journal.write(Absent(cycle=cycle, since=now), if_=lambda kept: cycle in kept.open)
        left_s = IN_DOUBT_S - order.absent_s(now)
        if left_s > 0:
            self.say(
                f"{cycle}: the exchange has no such order of the buy under way, but it MAY STILL ARRIVE: "
                f"run panic again in {left_s:.0f} s"
            )
        else:
            self.say(f"{cycle}: the exchange has no such order of the buy under way")
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

    async def _find_out(self, intent: OrderIntended, answer: Answer | None) -> Outcome:
        async def cancel() -> None:
            await self.exchange.cancel(intent.client_order_id)

        return await find_out(self.exchange, self.pace, intent, answer, for_s=IN_FLIGHT_S, while_open=cancel)

    def _start(self, cycle: CycleId, price: Price, at: UtcTime, held: Position) -> ExitDue:
        return ExitDue(
            cycle=cycle,
            rule="panic",
            at=at,
            price=price,
            peak=None,
            limit=None,
            position=held,
            figures=exit_reasons.PANIC.because({"by": self.by}).figures,
            settings=self.settings,
            settings_digest=self.settings_digest,
            code=self.code,
        )
