"""The owner's panic: what it would do now, and his request in the log. The executor alone cancels and sells."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from services.backend.adapters.broker_answers import broker_answers
from services.backend.adapters.public_book import NoBook
from services.backend.core import panic
from services.backend.core.commands import NotNow
from services.backend.core.sale import Bids
from services.backend.ports import Books, Control, TroubleSource
from shared.api.panic import LastPanic, Panic, PanicOrder, PanicPosition, PanicRequest, PanicResult
from shared.bus.control_log import set_going_since
from shared.bus.event_log import EventLog
from shared.bus.wire import Unreadable
from shared.catalogue import panic as texts
from shared.catalogue import sentence
from shared.errors import Transient
from shared.events import FillRecorded, OrderIntended, PanicDue, PanicEnded
from shared.events.control import control_id
from shared.fixed_clock import Clock
from shared.stored import Stored
from shared.switch import SELLS, Status
from shared.types import Language, Market

_TRIES = 3  # to pause, where another command comes in the same moment


class NotAsked(Transient):
    """The broker failed on the way; the text says what is done and what to do."""


@dataclass(frozen=True)
class OwnersPanic:
    """book: the exchange's, of a market. is_heard: whether anybody listens on a reader. markets: those traded."""

    log: EventLog
    control: Control
    books: Books
    trouble: TroubleSource
    book: Callable[[Market], Awaitable[Bids]]
    is_heard: Callable[[str], Awaitable[bool]]
    clock: Clock
    markets: Sequence[Market]
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)  # who presses twice asks once

    async def preview(self, language: Language) -> Panic:
        """Raises Transient where broker or books are away."""
        is_heard = await self.is_heard("panic")
        return Panic(
            status=(await self.control.state()).status,
            is_heard=is_heard,
            warning="" if is_heard else sentence(texts.UNHEARD.because(), language),
            orders=await self._orders(),
            positions=await self._positions(language),
            last=await self._last(language),
        )

    async def result(self, language: Language) -> PanicResult:
        last = await self._last(language)
        waits = last is not None and last.ended_at is None
        unheard = waits and not await self.is_heard("panic")
        return PanicResult(warning=sentence(texts.UNHEARD.because(), language) if unheard else "", last=last)

    async def ask(self, *, sell: bool, by: str, language: Language) -> PanicRequest:
        """Pause the bot at once, then write the request down; who asks again before its end is told of it.

        Raises NotAsked.
        """
        done = "NOTHING IS PAUSED"
        try:
            async with self._one:
                status = await self._halted(by)
                done = f"the bot is {status}"
                due = await self._written(sell, by)
        except Transient as e:
            way = "on the bot's machine: upcycle panic --sell"
            raise NotAsked(f"{done}, NOTHING IS CANCELLED OR SOLD: {e}; ask again, or {way}") from e
        try:
            is_heard = await self.is_heard("panic")
        except Transient:
            is_heard = False
        text = panic.promised(sell=due.sell, is_halted=status not in SELLS, is_heard=is_heard, language=language)
        return PanicRequest(id=due.id, by=due.by, at=due.at, sell=due.sell, status=status, is_heard=is_heard, text=text)

    async def _halted(self, by: str) -> Status:
        """Pause; what the bot is then. One that is stopped stays so."""
        for _ in range(_TRIES):
            with suppress(NotNow):
                await self.control.give("pause", by)
            if (status := (await self.control.state()).status) not in SELLS:
                return status
        return status

    async def _written(self, sell: bool, by: str) -> PanicDue:
        before = await self._asked()
        if before and isinstance(before.event, PanicDue) and before.event.sell >= sell and await self._stands(before):
            return before.event
        at = self.clock.now()
        async with broker_answers():
            stored = await self.log.emit(PanicDue(id=control_id(at), by=by, at=at, sell=sell))
        assert isinstance(stored.event, PanicDue)
        return stored.event

    async def _stands(self, before: Stored) -> bool:
        """Whether a request is still to be carried out: it has not ended, nor been taken back, nor grown old."""
        due = before.event
        assert isinstance(due, PanicDue)
        if panic.is_old(due, self.clock.now()) or await self._ended(due):
            return False
        return await set_going_since(self.log, before.seq) is None

    async def _asked(self) -> Stored | None:
        async with broker_answers():
            return await self.log.load(PanicDue.places())

    async def _ended(self, due: PanicDue) -> PanicEnded | None:
        async with broker_answers():
            stored = await self.log.load(PanicEnded.SUBJECT.format(id=due.id))
        return stored.event if stored and isinstance(stored.event, PanicEnded) else None

    async def _last(self, language: Language) -> LastPanic | None:
        stored = await self._asked()
        if stored is None or not isinstance(stored.event, PanicDue):
            return None
        return panic.last(stored.event, await self._ended(stored.event), language)

    async def _orders(self) -> tuple[PanicOrder, ...]:
        places = [OrderIntended.subject_of(cycle) for cycle in await self.books.open_cycles()]
        async with broker_answers():
            found = [entry.event for _, entry in await self.log.load_all(places) if not isinstance(entry, Unreadable)]
        orders = [event for event in found if isinstance(event, OrderIntended)]
        return tuple(PanicOrder(cycle=order.cycle, market=order.market, side=order.side) for order in orders)

    async def _positions(self, language: Language) -> tuple[PanicPosition, ...]:
        """What is held, by the last fill of each market, with what the bids shown now would give."""
        unresolved = await self.trouble.unresolved(await self.books.unresolved(language))
        in_doubt = {order.market for order in unresolved.orders}
        found = []
        for market in sorted({*self.markets, *await self.books.held_markets()}):
            async with broker_answers():
                stored = await self.log.load(FillRecorded.places(market=market))
            held = stored.event.position if stored and isinstance(stored.event, FillRecorded) else None
            if held and held.volume > 0:
                doubt = sentence(texts.ASKS_FIRST.because(), language) if market in in_doubt else ""
                bids, no_book = await self._bids(market)
                found.append(panic.position(market, held, bids, doubt or no_book, language))
        return tuple(found)

    async def _bids(self, market: Market) -> tuple[Bids | None, str]:
        try:
            return await self.book(market), ""
        except NoBook as e:
            return None, str(e)
