"""`upcycle panic`: pause, cancel what is open, and with --sell close the bot's positions; with or without the broker.

Where the event log answers, positions are read from it and what was done is told to it. Where it does not, the
executor's journal in the data folder says what is held, keeps what was done, and is merged when the executor starts.
An executor with another data folder is reached through the log alone.
"""

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import nats
import typer
from nats.errors import Error

from services.cli.asked import BadRequest
from services.cli.reading import running_url, settings_of
from services.cli.settle import where_it_runs
from services.executor.adapters.bucket_wishes import BucketWishes
from services.executor.adapters.journal import Journal
from services.executor.adapters.machine_pace import MachinePace
from services.executor.adapters.order_log import EventOrderLog
from services.executor.adapters.upbit_answers import BadAnswer
from services.executor.adapters.upbit_exchange import CannotLook
from services.executor.app import create_exchange
from services.executor.merge import Merge
from services.executor.panic import Panic
from services.executor.ports import CancellingExchange, Pace
from shared.bus.broker import make_broker
from shared.bus.log import EventLog, NoLog
from shared.bus.switch import Switch
from shared.bus.world import World
from shared.clock import Clock, SystemClock
from shared.errors import Transient
from shared.events import ControlGiven, Position
from shared.settings import Settings
from shared.types import Market, plain
from shared.version import code_version

_CONNECT_S = 3.0
_AWAY = """all this is in {journal}
No executor with this folder orders anything before the log has been told, by it or by upcycle panic once more.
AN EXECUTOR WITH ANOTHER FOLDER IS NOT PAUSED. Then: upcycle status, and upcycle resume when you are ready"""


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
    exchange = create_exchange(settings)
    async with exchange.closing(), reachable_log(nats_url, World(settings.subject_prefix)) as there:
        await carry_out(settings, exchange, there, sell=sell, pace=MachinePace(), clock=SystemClock())


@dataclass(frozen=True, slots=True)
class There:
    """The event log and the owner's switch."""

    log: EventLog
    wishes: BucketWishes


@asynccontextmanager
async def reachable_log(url: str, world: World) -> AsyncIterator[There | None]:
    """None where no broker answers."""
    try:
        async with asyncio.timeout(_CONNECT_S):
            probe = await nats.connect(url, error_cb=_quiet, allow_reconnect=False)
            await probe.close()
    except (Error, OSError, TimeoutError):
        yield None
        return
    broker, events = make_broker(url, name="upcycle-panic", world=world)
    async with broker:

        async def switch() -> Switch:
            return await Switch.open(broker.connection.jetstream(timeout=_CONNECT_S), world)

        yield There(events, BucketWishes(switch))


async def carry_out(
    settings: Settings, exchange: CancellingExchange, there: There | None, *, sell: bool, pace: Pace, clock: Clock
) -> None:
    """Do it, step by step. Raises PanicRuns, BadJournal, and BadRequest for what is left to do in the end."""
    journal, by = Journal(settings.data_dir / "executor"), f"panic by {getpass.getuser()}"
    if there is None and not journal.has_been_used():
        raise BadRequest(
            "NOTHING WAS DONE: no event log answers, and no executor has ever kept its journal in "
            f"{settings.data_dir}: what the bot holds is not known here; name its folder with --data-dir, or a broker "
            "with --nats"
        )
    panic = Panic(journal, exchange, pace, by, settings.deciding(), settings.digest(), code_version(), typer.echo)
    await panic.begin(clock.now())
    with journal.panic():
        merge = await _paused_there(there, journal, by, clock)
        in_doubt = await panic.clear()
        if merge:
            await merge.orders()
        for market, held in (await _positions(there if merge else None, journal, settings)).items():
            if not sell:
                typer.echo(f"{market}: holds {plain(held.volume)}; upcycle panic --sell sells it")
            elif market in in_doubt:
                typer.echo(
                    f"{market}: NOT sold: what became of an order there is unknown; run it again, or look yourself"
                )
            else:
                await _sold(panic, market, held)
        if merge is None or there is None:
            typer.echo(f"the event log does not answer: {_AWAY.format(journal=journal.path)}")
        else:
            await merge.orders()
            merge.lift()
            word = "start" if await there.wishes.status() == "stopped" else "resume"
            typer.echo(f"the event log has it all; no order leaves until you say upcycle {word}")
        left = await _positions(there if merge else None, journal, settings) if sell else {}
    if left or in_doubt:
        raise BadRequest(_left_to_do(left, in_doubt))


def _left_to_do(left: dict[Market, Position], in_doubt: set[Market]) -> str:
    held = [f"{market}: the bot still holds {plain(position.volume)}" for market, position in left.items()]
    doubt = [f"{market}: what became of an order is unknown" for market in sorted(in_doubt - set(left))]
    return f"NOT all is done, see above: {'; '.join(held + doubt)}; run it again, or look at Upbit yourself"


async def _sold(panic: Panic, market: Market, held: Position) -> None:
    """One market that cannot be looked at keeps no other from being sold."""
    try:
        await panic.sell(market, held)
    except (CannotLook, BadAnswer) as e:
        typer.echo(f"{market}: NOT sold, nothing was sent: {e}; run it again")


async def _paused_there(there: There | None, journal: Journal, by: str, clock: Clock) -> Merge | None:
    """Pause by the owner's switch, too; None where the log does not answer."""
    if there is None:
        return None
    merge = Merge(journal, there.log, there.wishes.pause, _left_to_the_executor)
    try:
        at = clock.now()
        if await there.wishes.pause(by, at):
            await there.log.emit(ControlGiven(command="pause", id=at.strftime("%Y%m%dT%H%M%S%fZ"), by=by, at=at))
        await merge.orders()
        await merge.learn()
    except (Transient, NoLog) as e:
        typer.echo(f"the event log cannot be used now: {e}")
        return None
    return merge


async def _positions(there: There | None, journal: Journal, settings: Settings) -> dict[Market, Position]:
    """What is held, by market: as the log says, or the journal."""
    kept = journal.read()
    if there is None:
        return {market: kept.held(market) for market in kept.markets}
    ledger = await EventOrderLog(there.log).ledger()
    markets = sorted({*settings.markets, *kept.markets})
    return {market: ledger.held(market) for market in markets if ledger.held(market).volume > 0}


async def _left_to_the_executor() -> None:
    """An order nobody knows the end of stays open in the log: the executor ends it."""


async def _quiet(_: Exception) -> None:
    """The owner is told in one sentence that no broker answers."""
