"""The owner's panic: pause, and where asked sell what the bot holds. It needs no event log.

Each line of the journal is on the disk before the step it names, so a panic that dies is taken up by the next one.
An order of a dead panic is asked for and, where the exchange has none of that name, sent again under the same name:
the exchange takes a name once, so two panics at once, or one after the other, sell once. Another name is taken only
when it is proved that nothing of the last one was executed or will be.

It holds the lock that only one panic on a machine can hold. While the journal says paused no executor that shares it
can intend an order, and one that did so before is waited for.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.executor.adapters.journal import Journal
from services.executor.core import ends, exits, risk, steps
from services.executor.core.answers import Accepted, Answer, LookupFailure, NeverSent, Refused, Unknown
from services.executor.core.deadlines import IN_FLIGHT_S
from services.executor.core.journal_lines import Paused
from services.executor.core.journal_state import OpenOrder
from services.executor.core.orders import PlacedOrder, Sell
from services.executor.core.proof import NoOrder
from services.executor.outcome import cancel_and_find_out
from services.executor.ports import CancellingExchange, Pace
from services.executor.send import send
from services.executor.under_way import Say, UnderWay, trouble
from shared import refusals
from shared.catalogue import exits as exit_reasons
from shared.catalogue import panic as texts
from shared.events import ExitDue, FillRecorded, OrderIntended, Position
from shared.reason import Reason, reason_of
from shared.settings import Settings
from shared.types import CycleId, Market, Price, UtcTime, Volume
from shared.venue import floor8
from shared.writing import coins

_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Panic:
    """by: who panics. settings, settings_digest, code: as they stand. say: tells the owner, of a market or a cycle."""

    journal: Journal
    exchange: CancellingExchange
    pace: Pace
    by: str
    settings: dict[str, str]
    settings_digest: str
    code: str
    say: Say
    slippage_max: Decimal  # of one order

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
        say: Say,
    ) -> "Panic":
        slippage_max = risk.Limits.of(settings).exit_slippage_max
        deciding, digest = settings.deciding(), settings.digest()
        return cls(journal, exchange, pace, by, deciding, digest, code, say, slippage_max)

    async def begin(self, at: UtcTime) -> None:
        """Pause on this machine, at once."""
        self.pause(at)
        self.say("", texts.PAUSED.because())

    def pause(self, at: UtcTime) -> None:
        self.journal.write(Paused(by=self.by, at=at), if_=lambda state: state.paused is None)

    @property
    def under_way(self) -> UnderWay:
        return UnderWay(self.journal, self.exchange, self.pace, self.say, self.finish)

    async def sell(self, market: Market, held: Position) -> Position | None:
        """Sell what the book takes of a position; what is the next step's, None if there is none.

        held: as the log has it, or the journal where there is no log. Whatever goes wrong in this market is told, and
        keeps no other from being sold.
        """
        try:
            ready = await self._intended(market, held)
        except Exception as e:
            self.say(market, texts.NOT_SENT.because(said=trouble(e)))
            return None
        if ready is None:
            return None
        order, approved = ready
        try:
            await self._sold(order, await send(self.exchange, self.pace, approved, attempts=_ATTEMPTS))
            return self._rest(order)
        except Exception as e:
            self.say(market, texts.SALE_UNKNOWN.because(said=trouble(e)))
            return None

    def _rest(self, order: OpenOrder) -> Position | None:
        """What a step that sold something left, by the journal; None also where what is left is not on the account."""
        assert order.intent is not None
        meant, after = order.intent, self.journal.read().open.get(order.intent.cycle)
        if after is None or after.fill is None or after.fill.position.volume <= 0:
            return None
        cut = meant.step is not None and meant.step.left > 0
        return after.fill.position if cut or after.fill.volume != meant.volume else None

    async def _intended(self, market: Market, held: Position) -> tuple[OpenOrder, risk.Approved] | None:
        """Write down the order that closes a position; None where it may not leave, which is told."""
        cycle = self.journal.read().next_panic(market, held)
        conditions = await self.exchange.conditions(market)
        if isinstance(conditions, Refused):
            why = refusals.reason_of_refusal(conditions.name, conditions.message)
            self.say(market, texts.NOT_SOLD.over(why))
            return None
        wanted = Volume(floor8(min(held.volume, conditions.coin_free)))
        order = steps.sale(market, cycle, wanted, conditions, self.slippage_max)
        approved = risk.check_panic(order, conditions)
        if isinstance(approved, risk.Denied):
            self.say(market, texts.NOT_SOLD.over(approved.why))
            return None
        bid = conditions.book.levels[0].bid_price
        start = self._start(cycle, bid, conditions.book.at, held)
        intent = OrderIntended(
            cycle=cycle,
            client_order_id=cycle,
            side="sell",
            volume=order.volume,
            expected_price=bid,
            step=order.step,
        )
        self.journal.write(start, intent)
        return OpenOrder(intent, start), approved

    async def finish(self, order: OpenOrder, intent: OrderIntended) -> bool:
        """Go on with the order of a panic that died; whether it is known what became of it."""
        self.say(intent.cycle, texts.TAKEN_UP.because())
        return await self._sold(order, await self._send_again(intent))

    async def _send_again(self, intent: OrderIntended) -> Answer:
        """Send a dead panic's order, unless the exchange has it."""
        if isinstance(await self.exchange.find(intent.client_order_id), PlacedOrder):
            return Accepted()
        conditions = await self.exchange.conditions(intent.market)
        if isinstance(conditions, Refused):
            return Unknown(f"not sent again: {conditions.name}")
        order = Sell(intent.market, intent.client_order_id, intent.volume or Volume(Decimal(0)))
        approved = risk.check_panic(order, conditions)
        if isinstance(approved, risk.Denied):
            return Unknown(f"not sent again: {approved.code}")
        answer = await send(self.exchange, self.pace, approved, attempts=_ATTEMPTS)
        # What was not sent now may have been sent then.
        return Unknown(answer.why) if isinstance(answer, NeverSent) else answer

    async def _sold(self, order: OpenOrder, answer: Answer) -> bool:
        """Write down what became of a panic's order, and say it; whether that is known."""
        assert order.intent is not None
        assert order.start is not None
        decision, market = exits.decision_of(order.start), order.intent.market
        found = await cancel_and_find_out(self.exchange, self.pace, order.intent, answer, for_s=IN_FLIGHT_S)
        if isinstance(found, NoOrder):
            no = ends.rejected(decision, "sell", found)
            self.journal.write(no)
            self.say(market, texts.NOT_SOLD.over(reason_of(no)))
            return True
        if isinstance(found, LookupFailure):
            self.say(market, texts.SALE_UNKNOWN.over(found.why))
            return False
        fill = ends.fill_recorded(decision, order.intent, found, order.start.position)
        self.journal.write(fill, ends.filled(decision, fill))
        self.say(market, sold_text(fill))
        return True

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


def sold_text(fill: FillRecorded) -> Reason:
    left = fill.step.wanted - fill.volume if fill.step else Decimal(0)
    return texts.SOLD.because(
        {
            "volume": coins(fill.volume, fill.market),
            "price": fill.price,
            "funds": fill.funds,
            "left": coins(Volume(left), fill.market) if left > 0 else None,
        }
    )
