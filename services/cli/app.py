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

Folder = Annotated[Path | None, typer.Option("--data-dir", help="The folder that holds the log.")]
Broker = Annotated[str | None, typer.Option("--nats", help="A broker; by default the one of the data folder.")]
Api = Annotated[str, typer.Option(help="Address of a running bot.")]


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


@app.command(
    epilog="Examples: [bold]upcycle ask --dry[/]   [bold]upcycle ask --market KRW-ETH --at 2024-08-05T06:00Z "
    "--tape eth.parquet --tape btc.parquet --json[/]"
)
def ask(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    at: Annotated[str | None, typer.Option(help="A full hour of the tape; its last by default.")] = None,
    tape: Tape = [],  # noqa: B006
    dry: Annotated[bool, typer.Option("--dry", help="Only the prompt and its tokens; nobody is asked.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what the analyst is told of one hour, what it answers and what that costs, without trading."""
    from services.cli import ask as command

    command.run(market, at, tape, dry, as_json)


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
    port: Annotated[int, typer.Option(help="0 takes a free one.", min=0, max=65535)] = 8010,
    data_dir: DataDir = None,
) -> None:
    """Run the paper exchange alone: any bot for Upbit can be developed against it."""
    from services.cli import paper as command

    command.run(command.Asked(tape, speed, start, balance, faults, port, data_dir))


@app.command(epilog="Examples: [bold]upcycle jobs[/]   [bold]upcycle jobs pause daily_report_job[/]")
def jobs(
    verb: Annotated[str | None, typer.Argument(help="pause or resume.", show_default=False)] = None,
    job: Annotated[
        str | None,
        typer.Argument(help="trading_job, portfolio_snapshot_job or daily_report_job.", show_default=False),
    ] = None,
    data_dir: Folder = None,
    api: Api = "http://127.0.0.1:8000",
) -> None:
    """List the jobs of a running bot and when each runs next; halt one, or let it go on."""
    from services.cli import jobs as command

    command.run(api, verb, job, data_dir)


@app.command(epilog="Example: [bold]upcycle pause[/]")
def pause(data_dir: Folder = None, api: Api = "http://127.0.0.1:8000") -> None:
    """Start no cycle and send no order until `upcycle resume`; the jobs go on."""
    from services.cli import switch as command

    command.run("pause", api, data_dir)


@app.command(epilog="Example: [bold]upcycle resume[/]")
def resume(data_dir: Folder = None, api: Api = "http://127.0.0.1:8000") -> None:
    """Undo a pause, also that of `upcycle panic`."""
    from services.cli import switch as command

    command.run("resume", api, data_dir)


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


@app.command(epilog="Examples: [bold]upcycle why --last[/]   [bold]upcycle why KRW-ETH-20261122T1500Z --language en[/]")
def why(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    last: Annotated[bool, typer.Option("--last", help="The cycle that was started last.")] = False,
    market: Annotated[str | None, typer.Option(help="With --last: of this market.")] = None,
    language: Annotated[str | None, typer.Option(help="ko or en; LANGUAGE by default.")] = None,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Say why a cycle ended as it did: what was seen, judged, said, ordered, and how long it took."""
    from services.cli import why as command

    command.run(cycle, last, market, language, data_dir, nats)


@app.command(epilog="Examples: [bold]upcycle events --follow[/]   [bold]upcycle events --stage filter --limit 5[/]")
def events(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    cycle: Annotated[str | None, typer.Option(help="Such as KRW-ETH-20261122T1500Z.")] = None,
    stage: Annotated[str | None, typer.Option(help="clock, collector, filter, analyst, executor or owner.")] = None,
    market: Annotated[str | None, typer.Option(help="Such as KRW-ETH.")] = None,
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=100_000)] = 50,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show the event log as lines."""
    from services.cli import events as command

    command.run(command.Wanted(cycle, stage, market), follow, limit, data_dir, nats)


@app.command(epilog="Examples: [bold]upcycle doctor[/]   [bold]upcycle doctor --settings[/]")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Print the table of settings instead.")] = False,
    data_dir: Folder = None,
) -> None:
    """Look at everything the bot needs, and say what to do; exit code 1 if something fails."""
    from services.cli import doctor as command

    command.run(as_json, settings, data_dir)


@app.command(epilog="Example: [bold]upcycle status --hours 48[/]")
def status(
    hours: Annotated[int, typer.Option(help="How far back missed hours are looked for.", min=1, max=24 * 31)] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Say whether the bot runs, how each market stands, and which hours were missed and why."""
    from services.cli import status as command

    command.run(hours, as_json, data_dir, nats)


db = typer.Typer(help="The books: the database, built from the event log.", no_args_is_help=True)
app.add_typer(db, name="db")


@db.command("rebuild", epilog="Examples: [bold]upcycle db rebuild[/]   [bold]upcycle db rebuild --verify[/]")
def db_rebuild(
    verify: Annotated[
        bool, typer.Option("--verify", help="Touch nothing; show where the database differs from the log.")
    ] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Throw the books away and build them again from the log: the same rows, the same ids."""
    from services.cli import db as command

    command.run(verify, data_dir, nats)


dead = typer.Typer(help="What could not be handled and was put aside.", no_args_is_help=True)
app.add_typer(dead, name="dead")
LetterId = Annotated[int, typer.Argument(help="Of `upcycle dead list`.", min=1, metavar="ID")]


@dead.command("list")
def dead_list(nats: Broker = None, data_dir: Folder = None) -> None:
    """List the dead letters with their faults."""
    from services.cli import dead as command

    command.show_all(data_dir, nats)


@dead.command("show")
def dead_show(id: LetterId, nats: Broker = None, data_dir: Folder = None) -> None:
    """Show one with its message, and say what can be done about it."""
    from services.cli import dead as command

    command.show(id, data_dir, nats)


@dead.command("retry")
def dead_retry(id: LetterId, nats: Broker = None, data_dir: Folder = None) -> None:
    """End its cycle where burying it was cut short; a cycle that has ended is never tried again."""
    from services.cli import dead as command

    command.retry(id, data_dir, nats)


@dead.command("drop")
def dead_drop(
    id: LetterId,
    why: Annotated[str, typer.Option(help="Why it may go; kept with your name.", show_default=False)],
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Put one away for good; a record of who and why stays."""
    from services.cli import dead as command

    command.drop(id, why, data_dir, nats)


@app.command(epilog="Examples: [bold]upcycle settle[/]   [bold]upcycle settle KRW-ETH-20261122T1500Z[/]")
def settle(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    not_there: Annotated[
        bool, typer.Option("--not-there", help="You looked at Upbit yourself: there is no such order.")
    ] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """List the orders of unknown outcome with what the exchange says; with CYCLE, settle it: its market goes on."""
    from services.cli import settle as command

    command.run(cycle, not_there, data_dir, nats)


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
    from services.cli import gate as command

    command.run(market, first, last, tape, as_json, html)


@app.command(epilog="Example: [bold]upcycle sweep --market KRW-ETH --tape eth.parquet[/]")
def sweep(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: Tape = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print every setting's figures alone.")] = False,
) -> None:
    """Try thousands of settings of the rule: chosen on the first half, tried on the second, and how much is luck."""
    from services.cli import sweep as command

    command.run(market, tape, as_json)


@app.command("check-lookahead", epilog="Example: [bold]upcycle check-lookahead --tape eth.parquet[/]")
def check_lookahead(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    tape: Tape = [],  # noqa: B006
) -> None:
    """Decide hours of the candles again with another future; exit code 1 if a decision changes."""
    from services.cli import lookahead as command

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
    days: Annotated[int, typer.Option(help="How far back, where nothing lies there yet.", min=1, max=4000)] = 366,
    anew: Anew = False,
    exchange: Annotated[
        str | None, typer.Option(help="Whose quotes; UPBIT_BASE_URL by default.", metavar="URL")
    ] = None,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Read the closed hours that are missing from the exchange, 200 a request; go on where it was broken off."""
    from services.cli import history as command

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
    from services.cli import history as command

    command.import_files(files or [], zone, anew, data_dir, nats)


@history.command("show")
def history_show(
    market: Market = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifests alone.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show which hours lie there; of one market month by month."""
    from services.cli import history as command

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
    from services.cli import history as command

    command.check(files or [], market, as_json, data_dir, nats)


@history.command("export", epilog="Example: [bold]upcycle history export KRW-ETH eth.parquet[/]")
def history_export(
    market: Annotated[str, typer.Argument(help="Such as KRW-ETH.")],
    file: Annotated[Path, typer.Argument(help="Written as Parquet or CSV, by its name.")],
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Write the whole history of a market to a file."""
    from services.cli import history as command

    command.export(market, file, data_dir, nats)


def main() -> None:
    """Run a command; what a person did wrong is said in one sentence, without a traceback."""
    try:
        app()
    except (BadRequest, BadSetting, NoServer, StartFailed, Permanent, Transient) as e:
        sys.exit(f"upcycle: {' '.join(str(e).split())}")
    except OSError as e:
        if e.filename is None:
            raise  # not about a file: a bug
        sys.exit(f"upcycle: {e.filename}: {e.strerror}")


if __name__ == "__main__":
    main()
