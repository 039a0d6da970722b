"""The owner's own sale: what it would bring, and his request in the log. The executor alone trades."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal

from services.backend.adapters.broker_answers import broker_answers
from services.backend.core import sale
from services.backend.core.commands import NotNow
from services.backend.ports import Control
from shared.api.sale import Sale, SaleRequest
from shared.bus.event_log import EventLog
from shared.catalogue import exits, sentence
from shared.events import FillRecorded, Position, SaleDue
from shared.types import CycleId, Language, Market


@dataclass(frozen=True, slots=True)
class OwnersSales:
    """book: the exchange's, of a market. is_heard: whether anybody listens on a reader. slippage_max: of one order."""

    log: EventLog
    control: Control
    book: Callable[[Market], Awaitable[sale.Bids]]
    is_heard: Callable[[str], Awaitable[bool]]
    slippage_max: Decimal
    language: Language

    async def preview(self, market: Market) -> Sale:
        """Raises NotNow, NoBook."""
        held = sale.must_be_held(market, await self._held(market))
        bids, status = await self.book(market), (await self.control.state()).status
        shown = sale.sale(market, held, bids, status, self.slippage_max, self.language)
        if shown.obstacle or await self.is_heard("sale"):
            return shown
        return shown.model_copy(update={"obstacle": sentence(exits.SALE_UNHEARD.because(), self.language)})

    async def ask(self, market: Market, id: CycleId, amount: Decimal, by: str) -> SaleRequest:
        """Write the request down, once: who asks again is told of the first. Raises NotNow, NoBook."""
        shown_at = sale.must_be_of(market, id)
        if (due := await self._asked(id)) is None:
            held = sale.must_be_held(market, await self._held(market))
            bids = await self.book(market)
            sale.must_be_allowed(market, shown_at, amount, held, bids, (await self.control.state()).status)
            if not await self.is_heard("sale"):
                raise NotNow(sentence(exits.SALE_UNHEARD.because(), "en"))
            due = SaleDue(cycle=id, by=by, at=bids.at, price=bids.book.levels[0].bid_price, position=held)
            async with broker_answers():
                stored = (await self.log.emit(due)).event
            due = stored if isinstance(stored, SaleDue) else due
        return SaleRequest(
            cycle=due.cycle, market=due.market, amount=due.position.volume, price=due.price, by=due.by, at=due.at
        )

    async def _asked(self, id: CycleId) -> SaleDue | None:
        async with broker_answers():
            stored = await self.log.load(SaleDue.subject_of(id))
        return stored.event if stored and isinstance(stored.event, SaleDue) else None

    async def _held(self, market: Market) -> Position | None:
        """The bot's own, by its last fill."""
        async with broker_answers():
            stored = await self.log.load(FillRecorded.places(market=market))
        return stored.event.position if stored and isinstance(stored.event, FillRecorded) else None
