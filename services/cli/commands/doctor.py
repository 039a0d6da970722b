"""Look at everything the bot needs, and say what to do; exit code 1 if something fails."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from services.cli.checks import broker, database, machine, outside
from services.cli.checks.row import Check, Row
from services.cli.checks.settings import settings_rows, table
from services.cli.options import Folder
from services.cli.screen import Screen, say_json
from shared.settings import BadSetting, Settings

CHECKS: tuple[Check, ...] = (
    machine.python,
    machine.packages,
    settings_rows,
    broker.broker,
    database.database,
    machine.disk,
    outside.exchange,
    outside.model,
    outside.telegram,
    machine.tape,
)
_COLOUR = {"ok": "green", "warn": "yellow", "fail": "red", "skip": "dim"}
_LONGEST_S = 20

EPILOG = "Examples: [bold]upcycle doctor[/]   [bold]upcycle doctor --settings[/]"


def command(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    settings: Annotated[bool, typer.Option("--settings", help="Print the table of settings instead.")] = False,
    data_dir: Folder = None,
) -> None:
    run(as_json, settings, data_dir)


def run(as_json: bool, show_settings: bool, data_dir: Path | None) -> None:
    """Print the report; exit code 1 if a check failed."""
    try:
        settings = Settings.load(**({} if data_dir is None else {"data_dir": data_dir}))
    except BadSetting as e:
        rows = [Row("settings", "fail", str(e), "correct it in .env or in the environment")]
        _print(rows, as_json)
        raise typer.Exit(1) from None
    if show_settings:
        _print_settings(settings, as_json)
        return
    rows = asyncio.run(examine(settings))
    _print(rows, as_json)
    raise typer.Exit(int(any(row.state == "fail" for row in rows)))


async def examine(settings: Settings, checks: Sequence[Check] = CHECKS) -> list[Row]:
    return [row for rows in await asyncio.gather(*(_row(check, settings) for check in checks)) for row in rows]


async def _row(check: Check, settings: Settings) -> Sequence[Row]:
    try:
        async with asyncio.timeout(_LONGEST_S):
            return await check(settings)
    except Exception as e:  # a check that breaks is a finding, not the end of the report
        name = getattr(check, "__name__", "check")
        return [Row(name, "fail", f"the check itself broke: {type(e).__name__}: {e}"[:300], "please report this")]


def _print(rows: Sequence[Row], as_json: bool) -> None:
    if as_json:
        say_json([asdict(row) for row in rows])
        return
    view = Table("", "what", "found", "what to do", show_edge=False)
    for row in rows:
        view.add_row(Text(row.state, style=_COLOUR[row.state]), row.name, Text(row.found), Text(row.todo))
    Screen().print(view)


def _print_settings(settings: Settings, as_json: bool) -> None:
    lines = table(settings)
    if as_json:
        say_json([asdict(line) for line in lines])
        return
    view = Table("name", "value", "source", "default", "allowed", "meaning", show_edge=False)
    for line in lines:
        view.add_row(*(Text(text) for text in asdict(line).values()))
    Screen(width=max(Screen().width, 160)).print(view)
