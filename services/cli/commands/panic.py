"""Pause the bot and cancel its open orders; with --sell close its positions. Works without the broker, too."""

# What it does stands in services/executor/panic_run.py. An executor with another data folder is reached through the
# log alone.

import asyncio
import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import nats
import typer
from nats.errors import Error

from services.cli import door
from services.cli.options import Broker, Folder
from services.cli.running_bot import running_url, settings_of, where_it_runs
from services.cli.screen import say
from services.executor import panic_run
from services.executor.adapters.bucket_switch import BucketSwitch
from services.executor.adapters.journal import BadJournal, Journal
from services.executor.adapters.machine_pace import MachinePace
from services.executor.panic_run import There
from services.executor.ports import CancellingExchange, Pace
from services.executor.under_way import trouble
from shared.bus.broker import make_broker
from shared.bus.namespace import Namespace
from shared.bus.switch import Switch
from shared.clock import SystemClock
from shared.errors import BadRequest, Newer
from shared.events import PanicNote
from shared.fixed_clock import Clock
from shared.reason import Reason
from shared.settings import Settings
from shared.why.panic import line

_CONNECT_S = 3.0
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
        if there and await panic_run.in_the_log(lambda: there.switch.pause(_by(), clock.now()), _tell):
            done = "the bot is paused by its switch"
        raise BadRequest(f"NOTHING WAS CANCELLED OR SOLD, {done}: {e}. Then: upcycle panic once more") from e


def _by() -> str:
    return f"panic ({getpass.getuser()})"


async def carry_out(
    settings: Settings, exchange: CancellingExchange, there: There | None, *, sell: bool, pace: Pace, clock: Clock
) -> None:
    """Do it and tell it, step by step. Raises PanicRuns, BadJournal; BadRequest for what is left to do in the end."""
    journal = Journal(settings.data_dir / "executor")
    if there is None and not journal.has_been_used():
        raise BadRequest(
            "NOTHING WAS DONE: no event log answers, and no executor has ever kept its journal in "
            f"{settings.data_dir}: what the bot holds is not known here; name its folder with --data-dir, or a broker "
            "with --nats"
        )
    outcome = await panic_run.carry_out(
        settings, exchange, there, sell=sell, by=_by(), pace=pace, clock=clock, say=_tell
    )
    if there is None or not outcome.is_in_log:
        away = _AWAY.format(journal=journal.path, folder=settings.data_dir)
        say(f"the event log does not answer: {away}")
    else:
        say(f"all this is in the event log; no order leaves until you say: upcycle {await _word(there)}")
    if undone := "; ".join(line(note, "en") for note in outcome.undone):
        raise BadRequest(f"NOT all is done, see above: {undone}; run it again, or look at Upbit yourself")


def _tell(about: str, why: Reason) -> None:
    say(line(PanicNote.of(about, why), "en"))


async def _word(there: There) -> str:
    """What sets the bot going again."""
    try:
        return "start" if await there.switch.status() == "stopped" else "resume"
    except Exception as e:
        return f"resume, or start where it was stopped (the switch cannot be read: {trouble(e)})"


async def _quiet(_: Exception) -> None:
    """The owner is told in one sentence that no broker answers."""
