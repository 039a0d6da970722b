"""A panic from its pause to its end, at the terminal (`upcycle panic`) and at a request in the log (panics.py).

Where the event log answers, positions are read from it and what was done is told to it. Where it does not, the journal
in the data folder says what is held, keeps what was done, and is merged when the executor starts.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass

from services.executor import log_rollback
from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.journal import Journal, PanicRuns
from services.executor.merge import Merge
from services.executor.panic import Panic
from services.executor.panic_books import Books
from services.executor.ports import CancellingExchange, Pace
from services.executor.under_way import Say, UnderWay, trouble
from shared.bus.event_log import EventLog
from shared.catalogue import panic as texts
from shared.events import PanicNote, Position
from shared.fixed_clock import Clock
from shared.settings import Settings
from shared.types import Market
from shared.version import code_version
from shared.writing import coins

_MERGE_S = 10  # longer than an executor needs to bring the journal into a log that answers
# The bids one order took need a moment to come back. Twenty orders a market take about a minute.
STEPS, STEP_AFTER_S = 20, 3.0


@dataclass(frozen=True, slots=True)
class There:
    """The event log and the owner's switch."""

    log: EventLog
    switch: BucketSwitch


@dataclass(frozen=True, slots=True)
class PanicOutcome:
    """undone: nothing where all is done. is_in_log: whether the log has all that was done."""

    undone: tuple[PanicNote, ...]
    is_in_log: bool


async def carry_out(
    settings: Settings,
    exchange: CancellingExchange,
    there: There | None,
    *,
    sell: bool,
    by: str,
    pace: Pace,
    clock: Clock,
    say: Say,
) -> PanicOutcome:
    """Do it, step by step. there: None where the log does not answer. Raises PanicRuns, BadJournal."""
    journal = Journal(settings.data_dir / "executor")
    panic = Panic.of(settings, journal=journal, exchange=exchange, pace=pace, by=by, code=code_version(), say=say)
    await panic.begin(clock.now())
    async with _alone(journal, pace):
        panic.pause(clock.now())  # an executor that merged meanwhile has lifted it
        merge = await _paused_there(there, journal, by, clock, say)
        in_doubt = await panic.under_way.clear()
        if merge and not await in_the_log(merge.orders, say):
            merge = None
        books = Books(there.log if there and merge else None, journal, say)
        positions, by_log = await books.positions()
        in_doubt |= await books.unreadable()
        if sell:
            in_doubt |= await books.sold_by_another(exchange, clock.now())
        if not positions and (by_log or not journal.read().is_blank):
            say("", texts.HOLDS_NOTHING.because({"source": "event log" if by_log else "journal"}))
        for market, held in positions.items():
            if not sell:
                say(market, texts.NOT_ASKED.because({"volume": coins(held.volume, market)}))
            elif market in in_doubt:
                say(market, texts.IN_DOUBT.because())
        if sell:
            await _sell(panic, {m: held for m, held in positions.items() if m not in in_doubt}, pace)
        if merge and not await in_the_log(merge.orders, say):
            merge = None
        if merge:
            merge.lift()
        left, still_by_log = await Books(there.log if there and merge else None, journal, say).positions()
        log_failed = there is not None and not (by_log and still_by_log)
        is_blank = not still_by_log and journal.read().is_blank
        undone = _undone(left if sell else {}, in_doubt, panic.under_way, log_failed=log_failed, is_blank=is_blank)
        return PanicOutcome(tuple(undone), merge is not None)


@asynccontextmanager
async def _alone(journal: Journal, pace: Pace) -> AsyncIterator[None]:
    """Be the only panic. Raises PanicRuns behind another one; an executor that merges is waited for."""
    with ExitStack() as stack:
        for _ in range(_MERGE_S):
            try:
                stack.enter_context(journal.panic())
                break
            except PanicRuns:
                await pace.pause(1.0)
        else:
            stack.enter_context(journal.panic())
        yield


def _undone(
    left: dict[Market, Position], in_doubt: set[Market], under_way: UnderWay, *, log_failed: bool, is_blank: bool
) -> Iterator[PanicNote]:
    """is_blank: neither log nor journal says what the bot holds."""
    for market, position in left.items():
        yield PanicNote.of(market, texts.STILL_HELD.because({"volume": coins(position.volume, market)}))
    for market in sorted(in_doubt - set(left)):
        yield PanicNote.of(market, texts.DOUBT_LEFT.because())
    for cycle in under_way.arriving():
        yield PanicNote.of(cycle, texts.BUY_ARRIVING.because())
    for cycle in under_way.unowned():
        yield PanicNote.of(cycle, texts.WHOSE.because({"cycle": cycle}))
    if log_failed:
        yield PanicNote.of("", texts.ONLY_JOURNAL.because())
    if is_blank:
        yield PanicNote.of("", texts.BLANK.because())


async def _sell(panic: Panic, positions: dict[Market, Position], pace: Pace) -> None:
    """Sell in rounds, one order a market: no market waits until the rest of a thin one is sold."""
    left = positions
    for n in range(STEPS):
        if n and left:
            await pace.pause(STEP_AFTER_S)
        rests = [(market, await panic.sell(market, held)) for market, held in left.items()]
        left = {market: rest for market, rest in rests if rest is not None}
    for market, rest in left.items():
        panic.say(market, texts.LEFT.because({"volume": coins(rest.volume, market), "orders": STEPS}))


async def _paused_there(there: There | None, journal: Journal, by: str, clock: Clock, say: Say) -> Merge | None:
    """Pause by the owner's switch, too; None where the log does not answer."""
    if there is None:
        return None
    merge = Merge(journal, there.log, there.switch.pause, _left_to_the_executor)

    async def work() -> None:
        await there.switch.pause(by, clock.now())
        await merge.orders()
        await merge.learn()
        if why := await log_rollback.check_log(there.log, journal):
            say("", texts.LOG_BEHIND.because(said=log_rollback.rollback_text(journal.read(), why)))

    return merge if await in_the_log(work, say) else None


async def in_the_log(work: Callable[[], Awaitable[object]], say: Say) -> bool:
    """Whether it could be done: nothing about the log keeps anything from being sold."""
    try:
        await work()
    except Exception as e:
        say("", texts.LOG_AWAY.because(said=trouble(e)))
        return False
    return True


async def _left_to_the_executor() -> None:
    """An order nobody knows the end of stays open in the log: the executor ends it."""
