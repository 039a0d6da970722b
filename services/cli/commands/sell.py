"""Sell what the bot holds in MARKET, after it has shown what that would bring; by the running bot, within its rules."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from services.cli.api import address, ask, token
from services.cli.options import Api, Folder
from services.cli.screen import say
from shared.api.routes import CYCLE, SALE, SELL
from shared.api.sale import Sale
from shared.clock import monotonic
from shared.errors import BadRequest
from shared.types import plain
from shared.writing import percent, quoted, whole

_WAIT_S, _LOOK_S = 90.0, 0.5

EPILOG = "Examples: [bold]upcycle sell KRW-ETH[/]   [bold]upcycle sell KRW-ETH --yes[/]"


def command(
    market: Annotated[str, typer.Argument(help="Such as KRW-ETH.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data_dir: Folder = None,
    api: Api = None,
) -> None:
    run(market, yes, api, data_dir)


def run(market: str, yes: bool, api: str | None, data_dir: Path | None) -> None:
    api, owners = address(api, data_dir), token(data_dir)
    shown = ask(api, SALE, market, token=owners)
    _show(shown)
    if shown.obstacle:
        raise BadRequest(f"{market} is not sold now: {shown.obstacle}")
    if not yes:
        _confirm(market)
    asked = ask(api, SELL, market, token=owners, id=shown.id, amount=plain(shown.amount))
    _follow(api, asked.cycle, owners)


def _show(sale: Sale) -> None:
    say(f"{sale.market}: the bot holds {plain(sale.amount)}; the best bid is {quoted(sale.bid)} won")
    if sale.order < sale.amount:
        most = percent(sale.slippage_max, 2)
        say(f"the book takes {plain(sale.order)} within {most}; the rest stays: ask again for it")
    say(
        f"about {quoted(sale.price)} won each ({percent(sale.slippage, 2)} below the best bid), "
        f"{whole(sale.total)} won in all, fee {whole(sale.fee)} taken off; "
        f"that is {whole(sale.profit)} won against what was paid"
    )


def _confirm(market: str) -> None:
    if not sys.stdin.isatty():
        raise BadRequest("sell asks first, and nobody is at the terminal; say --yes")
    if not typer.confirm(f"Sell it at the market ({market})?"):
        raise BadRequest("nothing was sold")


def _follow(api: str, cycle: str, owners: str) -> None:
    """Wait until the cycle has ended, and tell how."""
    until = monotonic() + _WAIT_S
    say(f"asked for: {cycle}")
    while monotonic() < until:
        try:
            found = ask(api, CYCLE, cycle, token=owners)
        except BadRequest:  # the books do not have it yet
            found = None
        if found is not None and found.end_kind is not None:
            say(found.why)
            if found.end_kind != "OrderFilled":
                raise BadRequest(f"{cycle}: NOT sold")
            return
        time.sleep(_LOOK_S)
    raise BadRequest(f"{cycle} has no end after {_WAIT_S:.0f} s; is the executor running? upcycle why {cycle}")
