"""Commands that act on a running bot: switch it, clear up an order, stop everything."""

from typing import Annotated

import typer

from services.cli.options import Api, Broker, Folder

app = typer.Typer()


@app.command(epilog="Examples: [bold]upcycle jobs[/]   [bold]upcycle jobs pause daily_report_job[/]")
def jobs(
    verb: Annotated[str | None, typer.Argument(help="pause or resume.", show_default=False)] = None,
    job: Annotated[
        str | None,
        typer.Argument(help="trading_job, portfolio_snapshot_job or daily_report_job.", show_default=False),
    ] = None,
    data_dir: Folder = None,
    api: Api = None,
) -> None:
    """List the jobs of a running bot and when each runs next; halt one, or let it go on."""
    from services.cli import jobs as command

    command.run(api, verb, job, data_dir)


@app.command(epilog="Example: [bold]upcycle pause[/]")
def pause(data_dir: Folder = None, api: Api = None) -> None:
    """Start no cycle and send no order until `upcycle resume`; the jobs go on."""
    from services.cli import switch as command

    command.run("pause", api, data_dir)


@app.command(epilog="Example: [bold]upcycle resume[/]")
def resume(data_dir: Folder = None, api: Api = None) -> None:
    """Undo a pause, also that of `upcycle panic`."""
    from services.cli import switch as command

    command.run("resume", api, data_dir)


@app.command(epilog="Example: [bold]upcycle stop[/]")
def stop(data_dir: Folder = None, api: Api = None) -> None:
    """Start no cycle, send no order, value and report nothing until `upcycle start`; the processes stay up."""
    from services.cli import switch as command

    command.run("stop", api, data_dir)


@app.command(epilog="Example: [bold]upcycle start[/]")
def start(data_dir: Folder = None, api: Api = None) -> None:
    """Set a bot going that was stopped (or paused); its processes must be up: `upcycle up`."""
    from services.cli import switch as command

    command.run("start", api, data_dir)


@app.command(epilog="Examples: [bold]upcycle settle[/]   [bold]upcycle settle KRW-ETH-20261122T1500Z[/]")
def settle(
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
    """List the orders of unknown outcome with what the exchange says; with CYCLE, settle it: its market goes on."""
    from services.cli import settle as command

    command.run(cycle, not_there, data_dir, nats, ours)


@app.command(epilog="Examples: [bold]upcycle adopt[/]   [bold]upcycle adopt --all[/]")
def adopt(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    all_: Annotated[bool, typer.Option("--all", help="Adopt every order there is, oldest first.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """List the bot's orders at the exchange that its log lacks; with CYCLE, take one over: its market goes on."""
    from services.cli import adopt as command

    command.run(cycle, all_, data_dir, nats)


@app.command(epilog="Examples: [bold]upcycle panic[/]   [bold]upcycle panic --sell --yes[/]")
def panic(
    sell: Annotated[bool, typer.Option("--sell", help="Sell what the bot holds, at the market.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Pause the bot and cancel its open orders; with --sell close its positions. Works without the broker, too."""
    from services.cli import panic as command

    command.run(sell, yes, data_dir, nats)


@app.command(epilog="Example: [bold]NATS_URL=nats://127.0.0.1:4222 upcycle topology[/]")
def topology() -> None:
    """Create the streams and consumers on the broker of NATS_URL, or bring them up to date."""
    from services.cli import topology as command

    command.run()
