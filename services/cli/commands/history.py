"""The hourly candles the gate reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from services.cli.options import Broker, Folder
from services.cli.research.history_check import Checked, checked, faults_of
from services.cli.research.history_in import fill, import_files
from services.cli.research.kept_histories import line, run_on, stamp
from services.cli.screen import Screen, say, say_json
from shared.errors import BadRequest
from shared.history.archive import Archive
from shared.history.manifest import Manifest
from shared.settings import Settings
from shared.types import Market
from shared.writing import whole

group = typer.Typer(no_args_is_help=True)
OneMarket = Annotated[str | None, typer.Option(help="Such as KRW-ETH; every market by default.")]
Anew = Annotated[bool, typer.Option("--anew", help="Keep nothing of what lies there.")]
Files = Annotated[list[str] | None, typer.Argument(help="Parquet or CSV, FILE or MARKET=FILE.", metavar="FILE")]


@group.command(
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
    fill(market, days, anew, exchange, data_dir, nats)


@group.command("import", epilog="Example: [bold]upcycle history import KRW-ETH=eth.csv --zone UTC[/]")
def history_import(
    files: Files = None,
    zone: Annotated[str | None, typer.Option(help="Of times that name none: UTC or KST.")] = None,
    anew: Anew = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Bring candles in from files; without one from the tape of PAPER_TAPE, in the place of what lies there."""
    import_files(files or [], zone, anew, data_dir, nats)


@group.command("show")
def history_show(
    market: OneMarket = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifests alone.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Show which hours lie there; of one market month by month."""
    show(market, as_json, data_dir, nats)


@group.command("check", epilog="Exit code 1 where something is wrong that is not the exchange's own doing.")
def history_check(
    files: Files = None,
    market: OneMarket = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings alone.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Find duplicates, disorder, impossible bars, jumps and missing hours with their cause; in files, before import."""
    check(files or [], market, as_json, data_dir, nats)


@group.command("export", epilog="Example: [bold]upcycle history export KRW-ETH eth.parquet[/]")
def history_export(
    market: Annotated[str, typer.Argument(help="Such as KRW-ETH.")],
    file: Annotated[Path, typer.Argument(help="Written as Parquet or CSV, by its name.")],
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Write the whole history of a market to a file."""
    export(market, file, data_dir, nats)


def show(market: str | None, as_json: bool, data_dir: Path | None, nats: str | None) -> None:
    async def work(archive: Archive, place: str, settings: Settings) -> None:
        wanted = [market] if market else await archive.markets()
        editions = {name: await archive.must(name) for name in wanted}
        if as_json:
            told = {m: {"digest": e.digest, **e.manifest.model_dump(mode="json")} for m, e in editions.items()}
            say_json(told)
        elif not editions:
            say(f"{place} holds no history yet; upcycle history fill reads a year from the exchange")
        else:
            Screen().print(_shown({m: (e.manifest, e.digest) for m, e in editions.items()}, market))

    run_on(work, data_dir, nats)


def _shown(manifests: Mapping[Market, tuple[Manifest, str]], market: str | None) -> Table:
    columns = ("market" if market is None else "month", "first (UTC)", "last (UTC)", "hours", "corrected", "digest")
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for name, (manifest, digest) in manifests.items():
        for month in manifest.months if market else ():
            at = sum(f"{c.at:%Y-%m}" == month.name for c in manifest.corrections)
            table.add_row(month.name, stamp(month.first), stamp(month.last), whole(month.rows), f"{at}", month.digest)
        row = (stamp(manifest.first), stamp(manifest.last), whole(manifest.rows), f"{manifest.corrected}", digest)
        table.add_row(name, *row)
        if manifest.synthetic:
            table.add_row("", "SYNTHETIC:", "no real prices")
    return table


def check(files: list[str], market: str | None, as_json: bool, data_dir: Path | None, nats: str | None) -> None:
    """Print what is odd; exit with 1 if anything is wrong that is not the exchange's own doing."""
    found: dict[Market, Checked] = {}

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        names = await archive.markets()
        if market and market not in names:
            await archive.must(market)
        frames = {name: await archive.candles((await archive.must(name)).manifest.months) for name in names}
        found.update({name: checked(name, frames) for name in frames if market in (None, name)})

    if files:
        found.update(faults_of(files))
    else:
        run_on(work, data_dir, nats)
    if as_json:
        say_json({name: told.as_json() for name, told in found.items()})
    else:
        for name, told in found.items():
            for line in told.lines(name):
                say(line)
        if not found:
            say("there is no history yet; upcycle history fill reads a year from the exchange")
    if any(told.wrong for told in found.values()):
        raise typer.Exit(1)


def export(market: str, path: Path, data_dir: Path | None, nats: str | None) -> None:
    """Write the whole history of a market as Parquet or CSV, by the file's name."""
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise BadRequest(f"{path}: the file's name must end in .parquet or .csv")

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        manifest = (await archive.must(market)).manifest
        frame = await archive.candles(manifest.months)
        with path.open("wb") as file:  # a path that cannot be written is named by Python, not by polars
            if path.suffix.lower() == ".csv":
                frame.write_csv(file, datetime_format="%Y-%m-%dT%H:%M:%SZ")
            else:
                frame.write_parquet(file, metadata={"market": market, "synthetic": str(manifest.synthetic).lower()})
        say(f"{path}: {line(manifest)}")

    run_on(work, data_dir, nats)
