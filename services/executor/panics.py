"""The owner's panic that came by the log: carried out once, by the same code as `upcycle panic`, and told to the log.

It may be cut short anywhere and is begun again then: names and journal see to it that nothing is sold twice. What was
sold is read off the log, so that an earlier run's sales are told, too.
"""

from dataclasses import dataclass

import structlog

from services.executor import panic_run
from services.executor.adapters.journal import BadJournal
from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.exits import REQUEST_WITHIN_S
from services.executor.merge import Merge
from services.executor.panic import sold_text
from services.executor.panic_run import There
from services.executor.ports import CancellingExchange, Pace
from shared.bus.control_log import set_going_since
from shared.bus.wire import Unreadable
from shared.catalogue import panic as texts
from shared.errors import Permanent, Transient
from shared.events import FillRecorded, PanicDue, PanicEnded, PanicNote
from shared.fixed_clock import Clock
from shared.reason import Reason
from shared.settings import Settings
from shared.stored import Stored
from shared.types import is_panic
from shared.why.panic import line
from shared.writing import coins

log = structlog.get_logger("executor")
Notes = tuple[PanicNote, ...]
_NONE: Notes = ()


class NotInTheLog(Transient):
    """The log went away in the middle, and lacks a part of what was done."""


@dataclass(frozen=True, slots=True)
class Panics:
    settings: Settings
    exchange: CancellingExchange
    there: There
    merge: Merge
    pace: Pace
    clock: Clock

    async def __call__(self, asked: Stored, due: PanicDue) -> None:
        """Raises Transient where it is to be begun again."""
        if not await self.there.log.load(PanicEnded.SUBJECT.format(id=due.id)):
            await self._end(asked, due)
        try:
            await self.merge()  # of an order that it left in doubt a person is told
        except Permanent as e:
            log.error("what a panic left open cannot be cleared up", why=str(e))

    async def _end(self, asked: Stored, due: PanicDue) -> None:
        if no := await self._objection(asked):
            await self.merge()
            notes, undone = _NONE, (PanicNote.of("", no), *await self._held())
        else:
            notes, undone = await self._carried_out(due)
        sold = await self._sold_since(asked.seq)
        at, by = self.clock.now(), due.by
        await self.there.log.emit(
            PanicEnded(id=due.id, by=by, at=at, sell=due.sell, notes=(*notes, *sold), undone=undone)
        )

    async def _carried_out(self, due: PanicDue) -> tuple[Notes, Notes]:
        """What it said, but for its sales, and what it left undone. Raises NotInTheLog, PanicRuns."""
        notes: list[PanicNote] = []

        def say(about: str, why: Reason) -> None:
            note = PanicNote.of(about, why)
            log.warning("panic", code=why.code, why=line(note, self.settings.language))
            if why.code != texts.SOLD.code:
                notes.append(note)

        try:
            outcome = await panic_run.carry_out(
                self.settings,
                self.exchange,
                self.there,
                sell=due.sell,
                by=f"panic ({due.by})",
                pace=self.pace,
                clock=self.clock,
                say=say,
            )
        except BadJournal as e:
            return tuple(notes), (PanicNote.of("", texts.NO_JOURNAL.because(said=str(e))),)
        if not outcome.is_in_log:
            raise NotInTheLog("the log lacks a part of what the panic has done")
        return tuple(notes), outcome.undone

    async def _objection(self, asked: Stored) -> Reason | None:
        """Why it is not carried out, or not gone on with: the owner may have forgotten it, or has taken it back."""
        if command := await set_going_since(self.there.log, asked.seq):
            return texts.TAKEN_BACK.because({"command": command})
        waited_s = (self.clock.now() - asked.at).total_seconds()
        if waited_s <= REQUEST_WITHIN_S:
            return None
        return texts.TOO_LATE.because({"age": waited_s, "limit": REQUEST_WITHIN_S})

    async def _held(self) -> list[PanicNote]:
        ledger = await EventOrderLog(self.there.log).ledger()
        held = {market: coins(ledger.held(market).volume, market) for market in sorted(ledger.markets)}
        return [PanicNote.of(m, texts.STILL_HELD.because({"volume": volume})) for m, volume in held.items()]

    async def _sold_since(self, seq: int) -> list[PanicNote]:
        """The sales of any panic since it was asked for."""
        found = [entry for _, entry in await self.there.log.since(seq, FillRecorded.places())]
        fills = [entry.event for entry in found if not isinstance(entry, Unreadable)]
        sales = [fill for fill in fills if isinstance(fill, FillRecorded) and is_panic(fill.cycle)]
        return [PanicNote.of(fill.market, sold_text(fill)) for fill in sales]
