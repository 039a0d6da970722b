"""Commands that read what happened: why, events, status, doctor, replay, books, dead letters."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.options import Broker, Folder
from shared.services import OWNER, PIPELINE, STAGES

app = typer.Typer()


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
    stage: Annotated[str | None, typer.Option(help=f"{', '.join(STAGES)} or {OWNER}.")] = None,
    market: Annotated[str | None, typer.Option(help="Such as KRW-ETH.")] = None,
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=100_000)] = 50,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show the event log as lines."""
    from services.cli import events as command

    command.run(command.Wanted(cycle, stage, market), follow, limit, data_dir, nats)


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


@app.command(epilog="Examples: [bold]upcycle doctor[/]   [bold]upcycle doctor --settings[/]")
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Print the table of settings instead.")] = False,
    data_dir: Folder = None,
) -> None:
    """Look at everything the bot needs, and say what to do; exit code 1 if something fails."""
    from services.cli import doctor as command

    command.run(as_json, settings, data_dir)


@app.command(
    epilog="Examples: [bold]upcycle replay KRW-ETH-20261122T1500Z[/]   "
    "[bold]upcycle replay --from 2026-11-22T00:00Z --to 2026-11-22T23:00Z --stage filter[/]"
)
def replay(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    first: Annotated[str | None, typer.Option("--from", help="First slot; the log's first by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last slot; the log's last by default.")] = None,
    stage: Annotated[str | None, typer.Option(help=f"Only this one: {', '.join(PIPELINE)}.")] = None,
    nats: Annotated[str | None, typer.Option(help="A broker; by default the one of the data folder.")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The folder that holds the log.")] = None,
) -> None:
    """Run recorded cycles again, offline, and show what differs; exit code 1 if anything does."""
    from services.cli import replay as command

    command.run(command.Asked(cycle, first, last, stage), nats, data_dir)


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
