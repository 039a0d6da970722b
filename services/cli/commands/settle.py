"""List the orders of unknown outcome with what the exchange says; with CYCLE, settle it: its market goes on."""

import asyncio
import getpass
from decimal import Decimal
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
from services.executor.core.doubt import doubt, summary
from services.executor.settle import Settler
from shared.bus.broker import make_broker
from shared.clock import SystemClock
from shared.errors import BadRequest
from shared.events import OrderIntended
from shared.settings import Settings
from shared.types import CycleId, plain
from shared.writing import whole

EPILOG = "Examples: [bold]upcycle settle[/]   [bold]upcycle settle KRW-ETH-20261122T1500Z[/]"


def command(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    not_there: Annotated[
        bool, typer.Option("--not-there", help="You looked at Upbit yourself: there is no such order.")
    ] = False,
    ours: Annotated[
        bool | None,
        typer.Option("--ours/--not-ours", help="Whose an order is that another bot may have sent.", show_default=False),
    ] = None,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(cycle, not_there, data_dir, nats, ours)


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
        broker, events = make_broker(log.nc.connected_url.geturl(), name="upcycle-settle", namespace=log.namespace)
        async with broker, door.opened(where_it_runs(settings), events, proofs=door.TO_ASK) as exchange:
            orders = await order_log(events, settings)
            settler = Settler(exchange, orders)
            if cycle is None:
                await _show(settler)
                return
            by, at = getpass.getuser(), SystemClock().now()
            settled = await settler(cycle, by=by, at=at, not_there=not_there, ours=ours)
            await orders.ledger()  # the journal learns of it
            await keep_reach(events, settings)
            what = f"{plain(settled.executed)} coins were executed" if settled.executed else "nothing was executed"
            say(f"{cycle} is settled: {what} (the exchange: {settled.said}). {settled.market} goes on.")


async def _show(settler: Settler) -> None:
    orders = await settler.unsettled()
    if not orders:
        say("no order of unknown outcome: nothing is to be settled")
        return
    for order in orders:
        lookup = await settler.look_up(order)
        say(f"{order.cycle}  {_wanted(order)}")
        say(f"  the exchange: {summary(lookup)}")
        say(f"  {no}" if (no := doubt(lookup, order)) else f"  settle it: upcycle settle {order.cycle}")


def _wanted(order: OrderIntended) -> str:
    what = (
        f"for {whole(order.funds)} won" if order.funds is not None else f"of {plain(order.volume or Decimal(0))} coins"
    )
    return f"{order.side} {what}, id {order.client_order_id}"
