"""Commands that run something: the whole system, hours of a tape, one cycle, the paper exchange."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Broker, DataDir, Folder, Tape
from services.cli.screen import say
from shared.errors import BadRequest
from shared.settings import API_PORT, PAPER_PORT

app = typer.Typer()


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
    say(f"{path} is written, readable by you alone. Next: upcycle up")


@app.command(epilog="Examples: [bold]upcycle up[/]   [bold]SCHEDULER_INTERVAL_MINUTES=1 upcycle up --port 8080[/]")
def up(
    port: Annotated[int, typer.Option(help="Of the API.", min=1, max=65535)] = API_PORT,
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


@app.command(
    epilog="Examples: [bold]upcycle ask --dry[/]   [bold]upcycle ask --market KRW-ETH --at 2024-08-05T06:00Z "
    "--tape eth.parquet --tape btc.parquet --json[/]   [bold]upcycle ask --cycle last[/]"
)
def ask(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    at: Annotated[str | None, typer.Option(help="A full hour of the tape; its last by default.")] = None,
    tape: Tape = [],  # noqa: B006
    cycle: Annotated[
        str | None,
        typer.Option(
            help="Instead of a tape's hour a recorded cycle of the bot, or `last`: with its account, position and past."
        ),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Only the prompt and its tokens; nobody is asked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show what the analyst is told of one hour, what it answers and what that costs, without trading.

    An hour of a tape is asked about with a fresh account that holds nothing. The question stands in no day's budget.
    """
    from services.cli.research import ask as command

    command.run(command.Wanted(market, at, tape, cycle, dry), as_json, data_dir, nats)


@app.command(
    epilog="Examples: [bold]upcycle paper[/]   [bold]upcycle paper --tape eth.parquet --tape btc.parquet "
    "--from 2024-12-03T12:00Z --speed 60 --balance KRW=5000000[/]   [bold]upcycle paper --speed stepped "
    "--faults faults.json --port 8011[/]"
)
def paper(
    tape: Tape = [],  # noqa: B006
    speed: Annotated[
        str | None,
        typer.Option(
            help="N: seconds of the tape in one of ours; wall: the machine's time; stepped: moved over HTTP. "
            "By default 1 with --tape or --from, else PAPER_CLOCK: wall.",
            metavar="N|wall|stepped",
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", help="Where on the tape it begins; after a year of it by default.")
    ] = None,
    balance: Annotated[
        str | None, typer.Option(help="Won of a new account; 1,000,000 by default.", metavar="KRW=WON")
    ] = None,
    faults: Annotated[Path | None, typer.Option(help="Misbehaviour to show: docs/PAPER.md says what.")] = None,
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = PAPER_PORT,
    data_dir: DataDir = None,
) -> None:
    """Run the paper exchange alone: any bot for Upbit can be developed against it."""
    from services.cli import paper as command

    command.run(command.Asked(tape, speed, start, balance, faults, port, data_dir))
