"""`upcycle history`: the hourly candles the gate reads: filled, brought in, shown, checked, taken out."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.cli.asked import LIVE_QUOTES, BadRequest
from services.cli.file_hours import read_hours
from services.cli.history_check import Checked, checked, faults_of
from services.cli.kept_histories import histories
from services.cli.reading import settings_of
from services.cli.running import running
from services.cli.tape_history import keep_tape
from services.collector.adapters.history_fill import Filled
from services.collector.adapters.history_fill import fill as fill_history
from services.collector.adapters.history_fill import mend as mend_history
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.core.topup import join
from services.paper.adapters.opening import open_tape
from shared.history import Archive, Manifest
from shared.history.manifest import by_month
from shared.settings import Settings
from shared.types import Market

Work = Callable[[Archive, str, Settings], Awaitable[None]]


def fill(
    markets: list[str], days: int, anew: bool, exchange: str | None, data_dir: Path | None, nats: str | None
) -> None:
    """Read what is missing from the exchange; a fill that was broken off goes on where it stopped."""

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        bot = running(settings.data_dir)
        pages = PyupbitHours(exchange or (bot and bot.upbit_base_url) or settings.upbit_base_url)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            for market in markets or settings.markets:
                bar = progress.add_task(f"{market}, requests", total=None)

                def shown(done: int, of: int, bar: Any = bar) -> None:
                    progress.update(bar, completed=done, total=of)

                until, span = await pages.now(market), timedelta(days=days)
                done = await fill_history(archive, pages, market, end=until, span=span, anew=anew, on_page=shown)
                mended = await mend_history(archive, pages, market, end=until, span=span, on_page=shown)
                told = _told(market, done, mended, anew=anew)
                progress.console.print(told, highlight=False, soft_wrap=True)

    _run(work, data_dir, nats, writes=True)


def _told(market: Market, done: Filled, mended: Filled | None, *, anew: bool) -> str:
    both = [done, mended] if mended else [done]
    rows, pages = sum(each.rows for each in both), sum(each.pages for each in both)
    odd = sum(len(each.corrections) for each in both)
    said = f"{market}: {rows:,} hours came in {pages} request{'s' if pages != 1 else ''}"
    said += f", {odd} of them late or otherwise than stored" if odd else ""
    said += "; what lay there was not this exchange's and is gone" if done.anew and not anew else ""
    return f"{said}; {_line(both[-1].edition.manifest)}"


def import_files(files: list[str], zone: str | None, anew: bool, data_dir: Path | None, nats: str | None) -> None:
    """Bring files in beside what is there; without a file the tape of PAPER_TAPE, in the place of what is there."""

    hours = read_hours(files, zone) if files else {}

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        if hours:
            for market, frame in hours.items():
                typer.echo(await _brought(archive, market, frame, anew))
        elif settings.paper_tape == LIVE_QUOTES:
            typer.echo("PAPER_TAPE=upbit is no file: the collector fills the history from the exchange")
        else:
            await keep_tape(archive, tape := open_tape(settings), settings)
            for market in tape.markets:
                typer.echo(f"{market}: {_line((await archive.must(market)).manifest)}")

    _run(work, data_dir, nats, writes=True)


async def _brought(archive: Archive, market: Market, frame: pl.DataFrame, anew: bool) -> str:
    base = await archive.newest(market)
    held = frame.clear() if base is None or anew else await archive.candles(base.manifest.months)
    joined = join(held, frame)
    if joined.foreign:
        shifted = frame.with_columns(pl.col("open_time") - timedelta(hours=9))
        zone = "; nine hours earlier they agree: its times are Seoul's, give --zone KST"
        raise BadRequest(
            f"the file's hours of {market} are not those that lie here: {len(joined.corrections)} differ"
            f"{'' if join(held, shifted).foreign else zone}; --anew puts the file in their place"
        )
    edition = await archive.revise(market, base, by_month(joined.frame), corrections=joined.corrections, anew=anew)
    corrected = f", {len(joined.corrections)} of them were there otherwise or came late" if joined.corrections else ""
    return f"{market}: {len(frame):,} hours of the file{corrected}; {_line(edition.manifest)}"


def show(market: str | None, as_json: bool, data_dir: Path | None, nats: str | None) -> None:
    async def work(archive: Archive, place: str, settings: Settings) -> None:
        wanted = [market] if market else await archive.markets()
        editions = {name: await archive.must(name) for name in wanted}
        if as_json:
            told = {m: {"digest": e.digest, **e.manifest.model_dump(mode="json")} for m, e in editions.items()}
            typer.echo(json.dumps(told, indent=2))
        elif not editions:
            typer.echo(f"{place} holds no history yet; upcycle history fill reads a year from the exchange")
        else:
            Console(highlight=False).print(_shown({m: (e.manifest, e.digest) for m, e in editions.items()}, market))

    _run(work, data_dir, nats)


def _shown(manifests: Mapping[Market, tuple[Manifest, str]], market: str | None) -> Table:
    columns = ("market" if market is None else "month", "first (UTC)", "last (UTC)", "hours", "corrected", "digest")
    table = Table(*columns, box=None, padding=(0, 2, 0, 0))
    for name, (manifest, digest) in manifests.items():
        for month in manifest.months if market else ():
            at = sum(f"{c.at:%Y-%m}" == month.name for c in manifest.corrections)
            table.add_row(month.name, _hour(month.first), _hour(month.last), f"{month.rows:,}", f"{at}", month.digest)
        row = (_hour(manifest.first), _hour(manifest.last), f"{manifest.rows:,}", f"{manifest.corrected}", digest)
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
        _run(work, data_dir, nats)
    if as_json:
        typer.echo(json.dumps({name: told.as_json() for name, told in found.items()}, indent=2))
    else:
        for name, told in found.items():
            for line in told.lines(name):
                typer.echo(line)
        if not found:
            typer.echo("there is no history yet; upcycle history fill reads a year from the exchange")
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
        typer.echo(f"{path}: {_line(manifest)}")

    _run(work, data_dir, nats)


def _run(work: Work, data_dir: Path | None, nats: str | None, *, writes: bool = False) -> None:
    async def opened() -> None:
        settings = settings_of(data_dir)
        async with histories(settings, nats, writes=writes) as (archive, place):
            await work(archive, place, settings)

    asyncio.run(opened())


def _line(manifest: Manifest) -> str:
    made_up = " of a SYNTHETIC tape" if manifest.synthetic else ""
    holes = f"; {manifest.missing:,} are missing, upcycle history check says why" if manifest.missing else ""
    return f"now {manifest.rows:,} hours{made_up} from {_hour(manifest.first)} to {_hour(manifest.last)} UTC{holes}"


def _hour(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
