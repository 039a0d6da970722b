"""Run everything on this machine, on paper and offline, until Ctrl-C."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from services.cli.interrupt import until_told
from services.cli.lines import event_line
from services.cli.options import DataDir
from services.cli.screen import LastingScreen, line
from shared.bus.namespace import Namespace
from shared.clock import SystemClock, monotonic
from shared.errors import BadRequest
from shared.events import CycleEnded, CycleEvent, Event
from shared.process import unburdened
from shared.services import stage_of
from shared.settings import API_PORT, PAGE_PORT, Settings
from shared.switch import Heartbeat
from shared.types import Language
from shared.writing import exact_won, seoul, seoul_second

if TYPE_CHECKING:
    from services.local.system import System

_CLOCK_S = 20.0

EPILOG = "Examples: [bold]upcycle up[/]   [bold]SCHEDULER_INTERVAL_MINUTES=1 upcycle up --port 8080[/]"


def command(
    port: Annotated[int, typer.Option(help="Of the API.", min=1, max=65535)] = API_PORT,
    page_port: Annotated[int, typer.Option(help="Of the page.", min=1, max=65535)] = PAGE_PORT,
    one_process: Annotated[
        bool, typer.Option("--one-process", help="All services in one process: half the memory, no separate restarts.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    run(port, page_port, data_dir, one_process=one_process)


def run(port: int, page_port: int, data_dir: Path | None, *, one_process: bool = False) -> None:
    settings = Settings.load(**({} if data_dir is None else {"data_dir": data_dir}))
    screen = LastingScreen()
    try:
        asyncio.run(until_told(_up(settings, port, page_port, screen, one_process=one_process)))
    except (asyncio.CancelledError, KeyboardInterrupt):
        screen.print("stopped")


async def _up(settings: Settings, port: int, page_port: int, screen: LastingScreen, *, one_process: bool) -> None:
    began = monotonic()
    screen.print(
        Panel(
            Text.assemble(
                ("Upcycle", "bold"),
                "  AI trading bot for Upbit, ",
                _money(settings),
                f"\nstart     {seoul_second(SystemClock().now(), 'en')}\n"
                f"interval  {settings.scheduler_interval_minutes} min\n"
                f"markets   {settings.trading_symbol}, {exact_won(settings.trading_amount, 'ko')} a buy",
            ),
            expand=False,
        )
    )

    def say(said: str) -> None:
        screen.print(said, style="yellow")

    with unburdened():
        from services.local.system import system
    clock_from = SystemClock().now()
    async with system(settings, api_port=port, page_port=page_port, say=say, one_process=one_process) as running:
        if not one_process:
            await running.supervisor.start("clock")
        heartbeat = await _first_heartbeat(running, clock_from)
        screen.print(_jobs(heartbeat))
        screen.print(
            f"database  {_place(settings)}\nprices    {_prices(running)}\n"
            f"page      http://127.0.0.1:{page_port}\nAPI       http://127.0.0.1:{port}/docs\n"
            f"API token {_token_place(settings)}\n"
            f"logs      {running.supervisor.logs}\nready after {monotonic() - began:.1f} s; Ctrl-C stops\n"
        )
        display = asyncio.ensure_future(show(running, screen, began))
        try:
            await running.supervisor.watch()
        finally:
            screen.print("stopping …")
            display.cancel()


async def _first_heartbeat(running: "System", since: datetime) -> Heartbeat:
    """Of the clock that was started at `since`; the bucket may hold one of the last time."""
    from shared.bus.switch import Switch

    switch = await Switch.open(running.nc.jetstream(), Namespace(running.settings.subject_prefix))
    deadline = monotonic() + _CLOCK_S
    while monotonic() < deadline:
        heartbeat = await switch.heartbeat()
        if heartbeat is not None and heartbeat.started_at >= since:
            return heartbeat
        await asyncio.sleep(0.05)
    raise BadRequest(f"the clock gives no sign of life; look into its log in {running.supervisor.logs}")


async def show(running: "System", screen: LastingScreen, began: float) -> None:
    """Print every event as a line. What goes wrong with one is told in its place: a display ends no trading."""
    first = True
    while True:
        event = await running.heard.get()
        try:
            screen.print(_shown(event, running.settings.language))
            if first and isinstance(event, CycleEnded):
                first = False
                screen.print(_first_end(running, began), style="dim")
        except Exception as e:
            screen.print(line(f"an event cannot be shown: {type(e).__name__}: {e}"), style="red")


def _shown(event: Event, language: Language) -> Text:
    cycle = event.cycle if isinstance(event, CycleEvent) else ""
    return line((cycle, "dim"), " ", (f"{stage_of(event):>9}", "bold cyan"), "  ", event_line(event, language))


def _first_end(running: "System", began: float) -> str:
    memory = running.supervisor.memory_mb()
    total = f", {sum(memory.values()):.0f} MB in {len(memory)} processes" if memory else ""
    return f"first cycle ended {monotonic() - began:.1f} s after the start{total}"


def _jobs(heartbeat: Heartbeat) -> Table:
    table = Table("job", "next run (KST)", "", title="jobs", title_justify="left")
    for job in heartbeat.jobs:
        table.add_row(job.id, seoul(job.next_run) if job.next_run else "-", job.say("en"))
    return table


def _money(settings: Settings) -> Text:
    return Text("LIVE: with real money", "bold red") if settings.trading_mode == "live" else Text("on paper")


def _prices(running: "System") -> str:
    if running.synthetic is None:
        live = running.settings.trading_mode == "live"
        return running.settings.upbit_base_url if live else f"the live quotes of {running.settings.paper_quotes_url}"
    return "a SYNTHETIC tape (made by a seeded generator, no real prices)" if running.synthetic else "a tape"


def _place(settings: Settings) -> str:
    return "DATABASE_URL" if settings.database_url else f"SQLite in {settings.data_dir}"


def _token_place(settings: Settings) -> str:
    return "API_TOKEN" if settings.api_token else f"in {settings.data_dir / 'api_token'}"
