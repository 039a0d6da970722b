"""`upcycle settle`: orders of unknown outcome, what the exchange says of them, and the end of the matter."""

import asyncio
import getpass
from pathlib import Path

from services.cli import door
from services.cli.reading import event_log, settings_of
from services.cli.screen import say
from services.cli.why import must_be_cycle
from services.executor.adapters.journal import Journal
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adapters.order_log import EventOrderLog
from services.executor.core.doubt import doubt, shown
from services.executor.settle import Settler
from services.local.running import running
from shared.bus.broker import make_broker
from shared.bus.log import EventLog
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.events import OrderIntended
from shared.settings import Settings
from shared.types import CycleId, plain
from shared.writing import whole


def run(
    cycle: str | None, not_there: bool, data_dir: Path | None, nats_url: str | None, ours: bool | None = None
) -> None:
    if cycle is None and not_there:
        raise BadRequest("--not-there: name the cycle whose order you have looked for")
    if cycle is None and ours is not None:
        raise BadRequest("--ours, --not-ours: name the cycle whose order it is")
    if cycle is not None:
        must_be_cycle(cycle)
    asyncio.run(_settle(cycle, not_there, settings_of(data_dir), nats_url, ours))


async def _settle(
    cycle: CycleId | None, not_there: bool, settings: Settings, nats_url: str | None, ours: bool | None
) -> None:
    async with event_log(settings, nats_url=nats_url) as log:
        if log.nc.connected_url is None:
            raise BadRequest("the broker is gone; try again")
        broker, events = make_broker(log.nc.connected_url.geturl(), name="upcycle-settle", world=log.world)
        async with broker, door.opened(where_it_runs(settings), events, proofs=door.TO_ASK) as exchange:
            orders = order_log(events, settings)
            settler = Settler(exchange, orders)
            if cycle is None:
                await _show(settler)
                return
            by, at = getpass.getuser(), SystemClock().now()
            settled = await settler(cycle, by=by, at=at, not_there=not_there, ours=ours)
            await orders.ledger()  # the journal learns of it
            what = f"{plain(settled.executed)} coins were executed" if settled.executed else "nothing was executed"
            say(f"{cycle} is settled: {what} (the exchange: {settled.said}). {settled.market} goes on.")


async def _show(settler: Settler) -> None:
    orders = await settler.unsettled()
    if not orders:
        say("no order of unknown outcome: nothing is to be settled")
        return
    for order in orders:
        word = await settler.says(order)
        say(f"{order.cycle}  {_wanted(order)}")
        say(f"  the exchange: {shown(word)}")
        say(f"  {no}" if (no := doubt(word, order)) else f"  settle it: upcycle settle {order.cycle}")


def _wanted(order: OrderIntended) -> str:
    what = f"for {whole(order.funds)} won" if order.funds is not None else f"of {plain(order.volume or 0)} coins"  # type: ignore[arg-type]
    return f"{order.side} {what}, id {order.client_order_id}"


def order_log(events: EventLog, settings: Settings) -> EventOrderLog:
    """The log, and beside it this folder's journal: a panic without the log must know what a person has booked."""
    journal = Journal(settings.data_dir / "executor")
    return JournaledOrderLog(events, journal, settings.markets) if journal.has_been_used() else EventOrderLog(events)


def where_it_runs(settings: Settings) -> Settings:
    """The settings with the exchange of the bot that runs in the data folder: on paper its port is its own."""
    found = running(settings.data_dir)
    url = found.upbit_base_url if found else ""
    return settings.model_copy(update={"upbit_base_url": url}) if url else settings
