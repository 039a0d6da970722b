"""`upcycle history`: the hourly candles the gate reads: shown, checked, taken out."""

from collections.abc import Mapping
from pathlib import Path

import typer
from rich.table import Table

from services.cli.research.history_check import Checked, checked, faults_of
from services.cli.research.kept_histories import line, run_on, stamp
from services.cli.screen import Screen, say, say_json
from shared.errors import BadRequest
from shared.history.archive import Archive
from shared.history.manifest import Manifest
from shared.settings import Settings
from shared.types import Market
from shared.writing import whole


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
