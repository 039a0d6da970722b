"""`upcycle`: the commands, their words, and what an error looks like."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.cli.asked import BadRequest
from services.cli.nats_server import NoServer
from services.cli.supervisor import StartFailed
from shared.errors import Permanent, Transient
from shared.settings import BadSetting

app = typer.Typer(
    name="upcycle",
    help="The AI crypto trader for Upbit that can be watched, explained, replayed and proved. On paper by default.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    add_completion=False,
)
Tape = Annotated[
    list[str],
    typer.Option(
        "--tape", help="Candles as Parquet or CSV, FILE or MARKET=FILE; once for each market.", metavar="FILE"
    ),
]
DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Keep the state here instead of throwing it away.")]


@app.command(epilog="Example: [bold]upcycle init && upcycle up[/]")
def init(
    path: Annotated[Path, typer.Option(help="The file to write.")] = Path(".env"),
) -> None:
    """Write a .env with every setting, its default, and generated secrets."""
    from services.cli import envfile

    try:
        envfile.write(path)
    except FileExistsError:
        raise BadRequest(f"{path} is there already; move it away first, or edit it") from None
    except OSError as e:
        raise BadRequest(f"{path} cannot be written: {e.strerror}") from None
    typer.echo(f"{path} is written, readable by you alone. Next: upcycle up")


@app.command(epilog="Examples: [bold]upcycle up[/]   [bold]SCHEDULER_INTERVAL_MINUTES=1 upcycle up --port 8080[/]")
def up(
    port: Annotated[int, typer.Option(help="Of the API.", min=1, max=65535)] = 8000,
    data_dir: DataDir = None,
) -> None:
    """Run everything on this machine, on paper and offline, until Ctrl-C."""
    from services.cli import up as command

    command.run(port, data_dir)


@app.command(
    epilog="Examples: [bold]upcycle demo[/]   [bold]upcycle demo --tape eth.parquet --tape btc.csv --hours 24[/]"
)
def demo(
    tape: Tape = [],  # noqa: B006
    hours: Annotated[int, typer.Option(help="Hours of the second stretch.", min=1, max=2000)] = 54,
) -> None:
    """Play hours of a tape through every service, each in its own process, and sum it up."""
    from services.cli import demo as command

    command.run(tape, hours)


@app.command(
    epilog="Examples: [bold]upcycle cycle[/]   [bold]upcycle cycle --market KRW-ETH --at 2024-12-03T14:00Z "
    "--tape eth.parquet --tape btc.parquet --json[/]"
)
def cycle(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    at: Annotated[str | None, typer.Option(help="A full hour of the tape; its last by default.")] = None,
    tape: Tape = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object alone.")] = False,
    data_dir: DataDir = None,
) -> None:
    """Play one cycle by hand and print each stage, the result and the balance."""
    from services.cli import cycle as command

    command.run(market, at, tape, as_json, data_dir)


@app.command(epilog="Example: [bold]upcycle jobs --api http://127.0.0.1:8000[/]")
def jobs(
    api: Annotated[str, typer.Option(help="Address of a running bot.")] = "http://127.0.0.1:8000",
) -> None:
    """List the jobs of a running bot and when each runs next."""
    from services.cli import jobs as command

    command.run(api)


@app.command(epilog="Example: [bold]NATS_URL=nats://127.0.0.1:4222 upcycle topology[/]")
def topology() -> None:
    """Create the streams and consumers on the broker of NATS_URL, or bring them up to date."""
    from services.cli import topology as command

    command.run()


@app.command(
    epilog="Examples: [bold]upcycle replay KRW-ETH-20261122T1500Z[/]   "
    "[bold]upcycle replay --from 2026-11-22T00:00Z --to 2026-11-22T23:00Z --stage filter[/]"
)
def replay(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    first: Annotated[str | None, typer.Option("--from", help="First slot; the log's first by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last slot; the log's last by default.")] = None,
    stage: Annotated[str | None, typer.Option(help="Only this one: collector, filter, analyst, executor.")] = None,
    nats: Annotated[str | None, typer.Option(help="A broker; by default the one of the data folder.")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The folder that holds the log.")] = None,
) -> None:
    """Run recorded cycles again, offline, and show what differs; exit code 1 if anything does."""
    from services.cli import replay as command

    command.run(command.Asked(cycle, first, last, stage), nats, data_dir)


@app.command(hidden=True, epilog="Example: [bold]DATA_DIR=/data upcycle history[/]")
def history() -> None:
    """Write the tape's hours to the local history in DATA_DIR, which collector and filter read."""
    from services.cli import history as command

    command.run()


def main() -> None:
    """Run a command; what a person did wrong is said in one sentence, without a traceback."""
    try:
        app()
    except (BadRequest, BadSetting, NoServer, StartFailed, Permanent, Transient) as e:
        sys.exit(f"upcycle: {e}")
    except OSError as e:
        if e.filename is None:
            raise  # not about a file: a bug
        sys.exit(f"upcycle: {e.filename}: {e.strerror}")


if __name__ == "__main__":
    main()
