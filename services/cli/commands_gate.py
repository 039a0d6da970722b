"""Commands about the gate and the history it reads."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Broker, Folder, Tape

app = typer.Typer()


@app.command(
    epilog="Examples: [bold]upcycle gate[/]   [bold]upcycle gate --market KRW-ETH --from 2024-01-01 --to 2025-01-01 "
    "--tape eth.parquet --html gate.html[/]"
)
def gate(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    first: Annotated[str | None, typer.Option("--from", help="First hour; a year before the last by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="The hour it stops before; the last by default.")] = None,
    tape: Tape = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures alone.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write an interactive page to this file.", metavar="FILE")] = None,
) -> None:
    """Show each hour of a span as the gate would have decided it, and what its strictness cost."""
    from services.cli.research import gate as command

    command.run(market, first, last, tape, as_json, html)


@app.command(epilog="Example: [bold]upcycle sweep --market KRW-ETH --tape eth.parquet[/]")
def sweep(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: Tape = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print every setting's figures alone.")] = False,
) -> None:
    """Try thousands of settings of the rule: chosen on the first half, tried on the second, and how much is luck."""
    from services.cli.research import sweep as command

    command.run(market, tape, as_json)


@app.command("check-lookahead", epilog="Example: [bold]upcycle check-lookahead --tape eth.parquet[/]")
def check_lookahead(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: Tape = [],  # noqa: B006
) -> None:
    """Decide hours of the candles again with another future; exit code 1 if a decision changes."""
    from services.cli.research import lookahead as command

    command.run(market, tape)


history = typer.Typer(help="The hourly candles the gate reads.", no_args_is_help=True)
app.add_typer(history, name="history")
Market = Annotated[str | None, typer.Option(help="Such as KRW-ETH; every market by default.")]
Anew = Annotated[bool, typer.Option("--anew", help="Keep nothing of what lies there.")]
Files = Annotated[list[str] | None, typer.Argument(help="Parquet or CSV, FILE or MARKET=FILE.", metavar="FILE")]


@history.command(
    "fill", epilog="Example: [bold]upcycle history fill --market KRW-ETH --exchange https://api.upbit.com[/]"
)
def history_fill(
    market: Annotated[list[str], typer.Option(help="Once for each; TRADING_SYMBOL by default.")] = [],  # noqa: B006
    days: Annotated[int, typer.Option(help="How far back.", min=1, max=4000)] = 366,
    anew: Anew = False,
    exchange: Annotated[
        str | None,
        typer.Option(help="Whose quotes; those of the bot that runs here, else UPBIT_BASE_URL.", metavar="URL"),
    ] = None,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Read the closed hours that are missing from the exchange, holes too, 200 a request; go on where it broke off."""
    from services.cli.research import history_in as command

    command.fill(market, days, anew, exchange, data_dir, nats)


@history.command("import", epilog="Example: [bold]upcycle history import KRW-ETH=eth.csv --zone UTC[/]")
def history_import(
    files: Files = None,
    zone: Annotated[str | None, typer.Option(help="Of times that name none: UTC or KST.")] = None,
    anew: Anew = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Bring candles in from files; without one from the tape of PAPER_TAPE, in the place of what lies there."""
    from services.cli.research import history_in as command

    command.import_files(files or [], zone, anew, data_dir, nats)


@history.command("show")
def history_show(
    market: Market = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifests alone.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show which hours lie there; of one market month by month."""
    from services.cli.research import history as command

    command.show(market, as_json, data_dir, nats)


@history.command("check", epilog="Exit code 1 where something is wrong that is not the exchange's own doing.")
def history_check(
    files: Files = None,
    market: Market = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings alone.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Find duplicates, disorder, impossible bars, jumps and missing hours with their cause; in files, before import."""
    from services.cli.research import history as command

    command.check(files or [], market, as_json, data_dir, nats)


@history.command("export", epilog="Example: [bold]upcycle history export KRW-ETH eth.parquet[/]")
def history_export(
    market: Annotated[str, typer.Argument(help="Such as KRW-ETH.")],
    file: Annotated[Path, typer.Argument(help="Written as Parquet or CSV, by its name.")],
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Write the whole history of a market to a file."""
    from services.cli.research import history as command

    command.export(market, file, data_dir, nats)
