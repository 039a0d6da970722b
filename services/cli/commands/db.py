"""The books: the database, built from the event log."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import Table, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.migrations.run import downgrade, upgrade
from services.backend.adapters.read_model import ReadModel
from services.backend.handler import BATCH
from services.cli.event_log import event_log
from services.cli.options import Broker, Folder
from services.cli.running_bot import settings_of
from services.cli.screen import Screen
from shared.bus.log_reach import log_reach
from shared.bus.records import Records
from shared.clock import monotonic
from shared.db import make_engine
from shared.errors import Newer, Transient
from shared.reach import Reach, lost_since
from shared.settings import Settings
from shared.stored import Stored
from shared.tables import metadata, read_state
from shared.writing import whole

_SHOWN = 20

group = typer.Typer(no_args_is_help=True)


@group.command("rebuild", epilog="Examples: [bold]upcycle db rebuild[/]   [bold]upcycle db rebuild --verify[/]")
def db_rebuild(
    verify: Annotated[
        bool, typer.Option("--verify", help="Touch nothing; show where the database differs from the log.")
    ] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Throw the books away and build them again from the log: the same rows, the same ids."""
    run(verify, data_dir, nats)


def run(verify: bool, data_dir: Path | None, nats: str | None) -> None:
    settings = settings_of(data_dir)
    screen = Screen(soft_wrap=True)
    found = asyncio.run((_verify if verify else _rebuild)(settings, nats, screen))
    if found:
        raise SystemExit(1)


async def _rebuild(settings: Settings, nats: str | None, screen: Screen) -> int:
    """Empty the database and read the log; a running backend goes on from where this comes to.

    What the books knew and the log has forgotten is told: it is in neither any more.
    """
    async with event_log(settings, nats_url=nats) as log:
        kept = await _kept(settings)
        if why := lost_since(kept, await log_reach(log.nc, log.namespace, kept.last)):
            screen.print(f"THE LOG WAS PUT BACK FROM AN OLDER COPY, or is another one: {why}; the new books lack that")
            screen.print("hold the exchange's orders against the log before the bot goes on: upcycle adopt")
        await asyncio.to_thread(downgrade, settings.database)
        await asyncio.to_thread(upgrade, settings.database)
        engine = make_engine(settings.database)
        began = monotonic()
        try:
            await ReadModel(engine).begin((await log_reach(log.nc, log.namespace)).created)
            booked = await booked_from(log.records, engine)
        finally:
            await engine.dispose()
    seconds = monotonic() - began
    screen.print(f"{booked} events booked in {seconds:.1f} s, {whole(booked / max(seconds, 0.001))} a second")
    return 0


async def _verify(settings: Settings, nats: str | None, screen: Screen) -> int:
    """Build the books a second time in a file of their own, up to where the real ones are; tell the differences."""
    with tempfile.TemporaryDirectory() as folder:
        fresh_url = f"sqlite:///{folder}/books.db"
        await asyncio.to_thread(upgrade, fresh_url)
        real, fresh = make_engine(settings.database).execution_options(reads=True), make_engine(fresh_url)
        try:
            kept = await ReadModel(real).reach()
            async with event_log(settings, nats_url=nats) as log:
                why = lost_since(kept, await log_reach(log.nc, log.namespace, kept.last))
                booked = await booked_from(log.records, fresh, upto=kept.last)
            found = [f"the log is not the one the books were read from: {why}"] if why else []
            found += [line async for line in differences(real, fresh)]
        finally:
            await real.dispose()
            await fresh.dispose()
    for line in found[:_SHOWN]:
        screen.print(line)
    if len(found) > _SHOWN:
        screen.print(f"… and {len(found) - _SHOWN} more")
    if found:
        screen.print(f"{len(found)} rows differ after {booked} events; build them again with: upcycle db rebuild")
    else:
        screen.print(f"the books say what the log says: {booked} events, no difference")
    return len(found)


async def _kept(settings: Settings) -> Reach:
    """How far the log reached by the books; nothing where they cannot be read: they are built again for that."""
    engine = make_engine(settings.database).execution_options(reads=True)
    try:
        return await ReadModel(engine).reach()
    except (Transient, SQLAlchemyError):
        return Reach()
    finally:
        await engine.dispose()


async def booked_from(records: Records, engine: AsyncEngine, *, upto: int | None = None) -> int:
    """Book the log from its beginning in stretches; say how many events were booked. upto: the last place."""
    ledger, booked = ReadModel(engine), 0
    stretch: list[Stored] = []
    async for told in records.after(0):
        if not isinstance(told, Stored):
            if told.newer:
                raise Newer(str(told))
            continue  # buried when it was met
        if upto is not None and told.seq > upto:
            break
        stretch.append(told)
        if len(stretch) == BATCH:
            booked += await ledger.apply_all(stretch)
            stretch.clear()
    return booked + await ledger.apply_all(stretch)


async def differences(real: AsyncEngine, fresh: AsyncEngine) -> AsyncIterator[str]:
    """One line for each row that only one has, or that both have otherwise."""
    for table in metadata.sorted_tables:
        if table is read_state:
            continue  # how far the books are, which is the same by the asking
        ours, built = await _rows(real, table), await _rows(fresh, table)
        for key in sorted({*ours, *built}, key=str):
            name = f"{table.name} {', '.join(map(str, key))}"
            if key not in built:
                yield f"{name}: only in the database"
            elif key not in ours:
                yield f"{name}: missing in the database"
            elif wrong := [column for column in built[key] if ours[key][column] != built[key][column]]:
                told = ", ".join(f"{column} is {ours[key][column]}, not {built[key][column]}" for column in wrong)
                yield f"{name}: {told}"


async def _rows(engine: AsyncEngine, table: Table) -> dict[tuple[Any, ...], dict[str, Any]]:
    keys = [column.name for column in table.primary_key]
    async with engine.begin() as db:
        found = [dict(row) for row in (await db.execute(select(table))).mappings()]
    return {tuple(row[key] for key in keys): row for row in found}
