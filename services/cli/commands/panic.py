"""Pause the bot and cancel its open orders; with --sell close its positions. Works without the broker, too."""

# Where the event log answers, positions are read from it and what was done is told to it. Where it does not, the
# executor's journal in the data folder says what is held, keeps what was done, and is merged when the executor starts.
# An executor with another data folder is reached through the log alone.

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import nats
import typer
from nats.errors import Error

from services.cli import door
from services.cli.options import Broker, Folder
from services.cli.running_bot import running_url, settings_of, where_it_runs
from services.cli.screen import say
from services.executor import foreign, log_rollback
from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.journal import BadJournal, Journal, PanicRuns
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.order_log import EventOrderLog
from services.executor.comparison import LOOK_BACK
from services.executor.merge import Merge
from services.executor.panic import Panic
from services.executor.ports import CancellingExchange, Pace
from services.executor.under_way import trouble
from shared.bus.broker import make_broker
from shared.bus.event_log import EventLog
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.errors import BadRequest, Newer
from shared.events import Position
from shared.fixed_clock import Clock
from shared.settings import Settings
from shared.types import CycleId, Market, is_panic, plain, split_cycle
from shared.version import code_version

_CONNECT_S, _LIST_S = 3.0, 10.0
_MERGE_S = 10  # longer than an executor needs to bring the journal into a log that answers
# The bids one order took need a moment to come back. Twenty orders a market take about a minute.
STEPS, STEP_AFTER_S = 20, 3.0
_AWAY = """all this is in {journal}
No executor with this folder orders anything before the log has been told.
AN EXECUTOR WITH ANOTHER FOLDER IS NOT PAUSED.
Still to do: start the bot (upcycle up --data-dir {folder}, or docker compose up -d): it tells the log
and stays paused. Or let its broker answer, and say upcycle panic once more.
Then: upcycle status, and upcycle resume when you are ready"""

EPILOG = "Examples: [bold]upcycle panic[/]   [bold]upcycle panic --sell --yes[/]"


def command(
    sell: Annotated[bool, typer.Option("--sell", help="Sell what the bot holds, at the market.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(sell, yes, data_dir, nats)


def run(sell: bool, yes: bool, data_dir: Path | None, nats_url: str | None) -> None:
    settings = where_it_runs(settings_of(data_dir))
    if not yes:
        _ask(sell, settings)
    asyncio.run(_panic(settings, nats_url or running_url(settings) or settings.nats_url, sell))


def _ask(sell: bool, settings: Settings) -> None:
    if not sys.stdin.isatty():
        raise BadRequest("panic asks first, and nobody is at the terminal; say --yes")
    what = "Pause the bot, cancel its open orders" + (" and SELL all it holds" if sell else "")
    if not typer.confirm(f"{what}? ({settings.trading_mode}, {settings.upbit_base_url})"):
        raise BadRequest("nothing was done")


async def _panic(settings: Settings, nats_url: str, sell: bool) -> None:
    clock = SystemClock()
    async with reachable_log(nats_url, Namespace(settings.subject_prefix)) as there:
        await must_have_journal(settings, there, clock)
        async with door.opened(settings, there.log if there else None, proofs=door.TO_SELL) as exchange:
            await carry_out(settings, exchange, there, sell=sell, pace=MachinePace(), clock=clock)


@dataclass(frozen=True, slots=True)
class There:
    """The event log and the owner's switch."""

    log: EventLog
    switch: BucketSwitch


@asynccontextmanager
async def reachable_log(url: str, namespace: Namespace) -> AsyncIterator[There | None]:
    """None where no broker answers."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            probe = await nats.connect(url, error_cb=_quiet, allow_reconnect=False)
            await probe.close()
    except (Error, OSError, TimeoutError):
        yield None
        return
    broker, events = make_broker(url, name="upcycle-panic", namespace=namespace)
    async with broker:

        async def switch() -> Switch:
            return await Switch.open(broker.connection.jetstream(timeout=_CONNECT_S), namespace)

        yield There(events, BucketSwitch(switch, events, owner=True))


async def must_have_journal(settings: Settings, there: There | None, clock: Clock) -> None:
    """Where the journal cannot be read do what needs none, the owner's switch. Raises BadRequest then.

    What a panic without the log has sold stands there alone: it would be sold again, out of the owner's own coins.
    """
    journal = Journal(settings.data_dir / "executor")
    try:
        if journal.has_been_used():
            journal.read()
    except (BadJournal, Newer) as e:
        done = "NOTHING IS PAUSED"
        if there and await _in_the_log(lambda: there.switch.pause(_by(), clock.now())):
            done = "the bot is paused by its switch"
        raise BadRequest(f"NOTHING WAS CANCELLED OR SOLD, {done}: {e}. Then: upcycle panic once more") from e


def _by() -> str:
    return f"panic ({getpass.getuser()})"


async def carry_out(
    settings: Settings, exchange: CancellingExchange, there: There | None, *, sell: bool, pace: Pace, clock: Clock
) -> None:
    """Do it, step by step. Raises PanicRuns, BadJournal, and BadRequest for what is left to do in the end."""
    journal, by = Journal(settings.data_dir / "executor"), _by()
    if there is None and not journal.has_been_used():
        raise BadRequest(
            "NOTHING WAS DONE: no event log answers, and no executor has ever kept its journal in "
            f"{settings.data_dir}: what the bot holds is not known here; name its folder with --data-dir, or a broker "
            "with --nats"
        )
    panic = Panic.of(settings, journal=journal, exchange=exchange, pace=pace, by=by, code=code_version(), say=say)
    await panic.begin(clock.now())
    async with _alone(journal, pace):
        panic.pause(clock.now())  # an executor that merged meanwhile has lifted it
        merge = await _paused_there(there, journal, by, clock)
        in_doubt = await panic.under_way.clear()
        if merge and not await _in_the_log(merge.orders):
            merge = None
        positions, by_log = await _positions(there if merge else None, journal)
        in_doubt |= await _unreadable(there if merge else None)
        if sell:
            in_doubt |= await _sold_by_another(there if merge else None, journal, exchange, clock)
        if not positions and (by_log or not journal.read().is_blank):
            say(f"by the {'event log' if by_log else 'journal'} the bot holds nothing")
        for market, held in positions.items():
            if not sell:
                say(f"{market}: holds {plain(held.volume)}; upcycle panic --sell sells it")
            elif market in in_doubt:
                say(f"{market}: NOT sold: what became of an order there is unknown; run it again, or look yourself")
        if sell:
            await _sell(panic, {m: held for m, held in positions.items() if m not in in_doubt}, pace)
        if merge and not await _in_the_log(merge.orders):
            merge = None
        if merge is None or there is None:
            away = _AWAY.format(journal=journal.path, folder=settings.data_dir)
            say(f"the event log does not answer: {away}")
        else:
            merge.lift()
            say(f"all this is in the event log; no order leaves until you say: upcycle {await _word(there)}")
        left, still_by_log = await _positions(there if merge else None, journal)
        arriving, unowned = panic.under_way.arriving(), panic.under_way.unowned()
        is_blank = not still_by_log and journal.read().is_blank
    log_failed = there is not None and not (by_log and still_by_log)
    _done(left if sell else {}, in_doubt, arriving, unowned, log_failed=log_failed, is_blank=is_blank)


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


def _done(
    left: dict[Market, Position],
    in_doubt: set[Market],
    arriving: list[CycleId],
    unowned: list[CycleId],
    *,
    log_failed: bool,
    is_blank: bool,
) -> None:
    """Raise BadRequest unless all is done. is_blank: neither log nor journal says what the bot holds."""
    held = [f"{market}: the bot still holds {plain(position.volume)}" for market, position in left.items()]
    doubt = [f"{market}: what became of an order is unknown" for market in sorted(in_doubt - set(left))]
    away = ["the event log could not be used, so only what this folder's journal knows was done"] if log_failed else []
    late = [f"{cycle}: a buy may still arrive" for cycle in arriving]
    whose = [f"{cycle}: whose order it is must be said: upcycle settle {cycle}" for cycle in unowned]
    blank = ["the journal is empty, so what the bot holds is not known here"] if is_blank else []
    if undone := held + doubt + late + whose + away + blank:
        raise BadRequest(f"NOT all is done, see above: {'; '.join(undone)}; run it again, or look at Upbit yourself")


async def _sell(panic: Panic, positions: dict[Market, Position], pace: Pace) -> None:
    """Sell in rounds, one order a market: no market waits until the rest of a thin one is sold."""
    left = positions
    for n in range(STEPS):
        if n and left:
            await pace.pause(STEP_AFTER_S)
        rests = [(market, await panic.sell(market, held)) for market, held in left.items()]
        left = {market: rest for market, rest in rests if rest is not None}
    for market, rest in left.items():
        say(f"{market}: {plain(rest.volume)} left after {STEPS} orders; upcycle panic --sell goes on")


async def _word(there: There) -> str:
    """What sets the bot going again."""
    try:
        return "start" if await there.switch.status() == "stopped" else "resume"
    except Exception as e:
        return f"resume, or start where it was stopped (the switch cannot be read: {trouble(e)})"


async def _paused_there(there: There | None, journal: Journal, by: str, clock: Clock) -> Merge | None:
    """Pause by the owner's switch, too; None where the log does not answer."""
    if there is None:
        return None
    merge = Merge(journal, there.log, there.switch.pause, _left_to_the_executor)

    async def work() -> None:
        await there.switch.pause(by, clock.now())
        await merge.orders()
        await merge.learn()
        if why := await log_rollback.check_log(there.log, journal):
            say(log_rollback.rollback_text(journal.read(), why))

    return merge if await _in_the_log(work) else None


async def _in_the_log(work: Callable[[], Awaitable[object]]) -> bool:
    """Whether it could be done: nothing about the log keeps anything from being sold."""
    try:
        await work()
    except Exception as e:
        say(f"the event log cannot be used now: {trouble(e)}")
        return False
    return True


async def _positions(there: There | None, journal: Journal) -> tuple[dict[Market, Position], bool]:
    """What is held, by market; and whether the log says so, and not the journal alone.

    Of a log that was put back from an older copy the journal knows more.
    """
    state = journal.read()
    if there is not None and state.behind is None:
        try:
            ledger = await EventOrderLog(there.log).ledger()
        except Exception as e:
            say(f"the event log cannot be read, so this is by the journal: {trouble(e)}")
        else:
            return {market: ledger.held(market) for market in sorted(ledger.markets)}, True
    return {market: state.held(market) for market in state.markets}, False


async def _unreadable(there: There | None) -> set[Market]:
    """The markets with a record that nobody can read: what the bot holds there is not known."""
    if there is None:
        return set()
    try:
        ledger = await EventOrderLog(there.log).ledger()
    except Exception:
        return set()  # the positions are the journal's then, and that was said
    for cycle, place in ledger.unreadable.items():
        say(f"{split_cycle(cycle)[0]}: {place} cannot be read, so what the bot holds there is not known")
    return {split_cycle(cycle)[0] for cycle in ledger.unreadable}


async def _sold_by_another(
    there: There | None, journal: Journal, exchange: CancellingExchange, clock: Clock
) -> set[Market]:
    """The markets whose coins another bot on this account may have sold: those that are left are the owner's own.

    By a whole log alone; a list that does not come keeps nothing from being sold.
    """
    state = journal.read()
    if there is None or state.behind is not None:
        return set()
    try:
        async with asyncio.timeout(_LIST_S):
            found = await foreign.sales(exchange, EventOrderLog(there.log), state.under_way, clock.now() - LOOK_BACK)
    except Exception as e:
        say(f"whether another bot has sold under our names could not be seen: {trouble(e)}")
        return set()
    for cycle in found:
        who = "A PANIC OF ANOTHER DATA FOLDER (a copy?)" if is_panic(cycle) else "another bot"
        say(f"{cycle}: A SALE THAT THE LOG LACKS, so {who} may have sold what this one held: upcycle adopt")
    return {split_cycle(cycle)[0] for cycle in found}


async def _left_to_the_executor() -> None:
    """An order nobody knows the end of stays open in the log: the executor ends it."""


async def _quiet(_: Exception) -> None:
    """The owner is told in one sentence that no broker answers."""
