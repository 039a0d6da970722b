"""`upcycle history fill` and `import`: how hours come into the history, from an exchange and from files."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.research.file_hours import read_hours
from services.cli.research.kept_histories import line, run_on
from services.cli.screen import Screen, say
from services.collector.adapters.history_backfill import Backfill
from services.collector.adapters.history_backfill import backfill as fill_history
from services.collector.adapters.history_backfill import backfill_holes as mend_history
from services.collector.adapters.pyupbit_history import PyupbitHours
from services.collector.core.topup import join
from services.local.running import running
from services.local.tape_history import keep_tape
from services.paper.adapters.tape_settings import open_tape
from services.paper.core.tape_names import LIVE
from shared.errors import BadRequest
from shared.history.archive import Archive
from shared.history.months import by_month
from shared.settings import Settings
from shared.types import Market
from shared.writing import AHEAD, whole


def fill(
    markets: list[str], days: int, anew: bool, exchange: str | None, data_dir: Path | None, nats: str | None
) -> None:
    """Read what is missing from the exchange; a fill that was broken off goes on where it stopped."""

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        bot = running(settings.data_dir)
        pages = PyupbitHours(exchange or (bot and bot.upbit_base_url) or settings.upbit_base_url)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Screen(stderr=True), transient=True) as progress:
            for market in markets or settings.markets:
                bar = progress.add_task(f"{market}, requests", total=None)

                def show_progress(done: int, of: int, bar: Any = bar) -> None:
                    progress.update(bar, completed=done, total=of)

                until, span = await pages.now(market), timedelta(days=days)
                done = await fill_history(
                    archive, pages, market, end=until, span=span, anew=anew, on_page=show_progress
                )
                mended = await mend_history(archive, pages, market, end=until, span=span, on_page=show_progress)
                told = _told(market, done, mended, anew=anew)
                progress.console.print(told, soft_wrap=True)

    run_on(work, data_dir, nats, writes=True)


def _told(market: Market, done: Backfill, mended: Backfill | None, *, anew: bool) -> str:
    both = [done, mended] if mended else [done]
    rows, pages = sum(each.rows for each in both), sum(each.pages for each in both)
    odd = sum(len(each.corrections) for each in both)
    said = f"{market}: {whole(rows)} hours came in {pages} request{'s' if pages != 1 else ''}"
    said += f", {odd} of them late or otherwise than stored" if odd else ""
    said += "; what lay there was not this exchange's and is gone" if done.anew and not anew else ""
    return f"{said}; {line(both[-1].edition.manifest)}"


def import_files(files: list[str], zone: str | None, anew: bool, data_dir: Path | None, nats: str | None) -> None:
    """Bring files in beside what is there; without a file the tape of PAPER_TAPE, in the place of what is there."""

    hours = read_hours(files, zone) if files else {}

    async def work(archive: Archive, place: str, settings: Settings) -> None:
        if hours:
            for market, frame in hours.items():
                say(await _brought(archive, market, frame, anew))
        elif settings.paper_tape == LIVE:
            say("PAPER_TAPE=upbit is no file: the collector fills the history from the exchange")
        else:
            await keep_tape(archive, tape := open_tape(settings), settings)
            for market in tape.markets:
                say(f"{market}: {line((await archive.must(market)).manifest)}")

    run_on(work, data_dir, nats, writes=True)


async def _brought(archive: Archive, market: Market, frame: pl.DataFrame, anew: bool) -> str:
    base = await archive.newest(market)
    held = frame.clear() if base is None or anew else await archive.candles(base.manifest.months)
    joined = join(held, frame)
    if joined.foreign:
        shifted = frame.with_columns(pl.col("open_time") - AHEAD)
        zone = "; nine hours earlier they agree: its times are Seoul's, give --zone KST"
        raise BadRequest(
            f"the file's hours of {market} are not those that lie here: {len(joined.corrections)} differ"
            f"{'' if join(held, shifted).foreign else zone}; --anew puts the file in their place"
        )
    edition = await archive.revise(market, base, by_month(joined.frame), corrections=joined.corrections, anew=anew)
    corrected = f", {len(joined.corrections)} of them were there otherwise or came late" if joined.corrections else ""
    return f"{market}: {whole(len(frame))} hours of the file{corrected}; {line(edition.manifest)}"
