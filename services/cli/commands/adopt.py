"""List the bot's orders at the exchange that its log lacks; with CYCLE, take one over: its market goes on."""

import asyncio
import getpass
from pathlib import Path
from typing import Annotated

import typer

from services.cli import door
from services.cli.arguments import must_be_cycle
from services.cli.event_log import event_log
from services.cli.options import Broker, Folder
from services.cli.order_log import keep_reach, order_log
from services.cli.running_bot import settings_of, where_it_runs
from services.cli.screen import say
from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.adapters.upbit_errors import ExchangeUnavailable
from services.executor.adopt import Adopter
from services.executor.comparison import Comparison
from services.executor.core.doubt import doubt, summary
from services.executor.core.journal_state import JournalState
from services.local.running import running
from shared.bus.broker import make_broker
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.events import OrderFound
from shared.settings import Settings
from shared.types import CycleId, plain

EPILOG = "Examples: [bold]upcycle adopt[/]   [bold]upcycle adopt --all[/]"


def command(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Adopt every order there is, oldest first.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(cycle, all_, data_dir, nats)


def run(cycle: str | None, all_: bool, data_dir: Path | None, nats_url: str | None) -> None:
    if cycle is not None and all_:
        raise BadRequest("--all adopts every order there is; leave it out, or the cycle")
    if cycle is not None:
        must_be_cycle(cycle)
    asyncio.run(_adopt(cycle, all_, settings_of(data_dir), nats_url))


async def _adopt(cycle: CycleId | None, all_: bool, settings: Settings, nats_url: str | None) -> None:
    journal = Journal(settings.data_dir / "executor")
    async with event_log(settings, nats_url=nats_url) as log:
        if log.nc.connected_url is None:
            raise BadRequest("the broker is gone; try again")
        broker, events = make_broker(log.nc.connected_url.geturl(), name="upcycle-adopt", namespace=log.namespace)
        async with broker, door.opened(where_it_runs(settings), events, proofs=door.TO_ASK) as exchange:
            orders = await order_log(events, settings)
            adopter = Adopter(exchange, orders, Comparison(exchange, orders, lambda: _journal_state(journal).under_way))
            lost = await log_rollback.check_log(events, journal) if journal.has_been_used() else None
            found = await _found(adopter, settings)
            if cycle is None and not all_:
                await _show(adopter, found)
                if lost:
                    say(f"the event log was put back from an older copy: {lost}; go on: upcycle adopt --all")
                return
            if journal.has_been_used() and not journal.read().is_merged:
                what = min(_journal_state(journal).unmerged, default="the pause")
                raise BadRequest(
                    f"{what} of a panic is not in the log yet, and positions add up in order; start the "
                    "executor, or run upcycle panic once more, then adopt"
                )
            for wanted in [cycle] if cycle else [event.cycle for event in found]:
                settled = await adopter(wanted, by=getpass.getuser(), at=SystemClock().now())
                what = f"{plain(settled.executed)} coins were executed" if settled.executed else "nothing was executed"
                say(f"{wanted} is adopted: {what} (the exchange: {settled.said}).")
            left = (await orders.ledger()).found
            say(f"{len(left)} orders are left to adopt: upcycle adopt" if left else "the log lacks no order now")
            if (lost or all_) and not left:  # the books may know of a loss that this folder's journal does not
                await log_rollback.accept(events, journal, by=getpass.getuser(), at=SystemClock().now())
                await orders.ledger()  # the journal learns from it again
                if lost:
                    say("the log is accepted as it stands: upcycle status, and upcycle resume when you are ready")
            await keep_reach(events, settings)


async def _found(adopter: Adopter, settings: Settings) -> list[OrderFound]:
    """Raises BadRequest where the exchange does not list them."""
    try:
        return await adopter.found()
    except ExchangeUnavailable as e:
        start = f"; a paper exchange runs with its bot: upcycle up --data-dir {settings.data_dir}, then adopt beside it"
        is_off = settings.trading_mode == "paper" and running(settings.data_dir) is None
        raise BadRequest(
            f"the exchange cannot be asked ({e}), and nothing was changed{start if is_off else '; try again'}"
        ) from e


def _journal_state(journal: Journal) -> JournalState:
    return journal.read() if journal.has_been_used() else JournalState()


async def _show(adopter: Adopter, found: list[OrderFound]) -> None:
    if not found:
        say("the exchange lists no order of ours that the log lacks: nothing is to be adopted")
        return
    for event in found:
        lookup = await adopter.look_up(event)
        say(f"{event.cycle}  {event.side}, id {event.client_order_id}, {_says(event)}")
        say(f"  the exchange: {summary(lookup)}")
        say(f"  {no}" if (no := doubt(lookup, event)) else f"  adopt it: upcycle adopt {event.cycle}")
    say("adopt all of them, oldest first: upcycle adopt --all")
    say("if you never ran this bot then, another one may trade on this account: find it before you adopt")


def _says(event: OrderFound) -> str:
    if event.is_panics_elsewhere:
        return "a panic of another data folder, such as a copy of this one, which the log was not told of"
    return f"the log says {event.log_says}" if event.log_says else "the log does not know it"
