"""Play hours of a tape through every service, each in its own process, and sum it up."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.panel import Panel
from rich.text import Text

from services.cli.interrupt import until_told
from services.cli.options import TapeFiles
from services.cli.screen import Screen
from services.cli.summary import Played, cycle_line, summary
from services.local.system import System, system
from services.local.tape_files import absolute
from services.paper.adapters.tape_settings import open_tape
from services.paper.core.tape import Tape
from shared.clock import monotonic
from shared.errors import BadRequest
from shared.events import CycleEnded, CycleEvent, CycleMissed, Event, TradingDue
from shared.services import STAGES, stage_of
from shared.settings import Settings
from shared.writing import seoul

OWNERS_HOURS = 12
_SILENCE_S = 60.0


@dataclass(frozen=True)
class Stretch:
    """Hours played under one gate; its name gives the least win rate and the deepest drawdown."""

    name: str
    start: datetime
    hours: int
    gate: dict[str, str]


EPILOG = "Examples: [bold]upcycle demo[/]   [bold]upcycle demo --tape eth.parquet --tape btc.csv --hours 24[/]"


def command(
    tape: TapeFiles = [],  # noqa: B006
    hours: Annotated[int, typer.Option(help="Hours of the second stretch.", min=1, max=2000)] = 54,
) -> None:
    run(tape, hours)


def run(tape: list[str], hours: int) -> None:
    screen = Screen()
    try:
        asyncio.run(until_told(_demo(tape, hours, screen)))
    except asyncio.CancelledError:
        screen.print("stopped")


async def _demo(files: list[str], hours: int, screen: Screen) -> None:
    began = monotonic()
    with tempfile.TemporaryDirectory(prefix="upcycle-demo-", ignore_cleanup_errors=True) as folder:
        # The defaults as they stand: neither the environment nor a .env makes the demo another one.
        settings = Settings.model_construct(
            data_dir=Path(folder),
            paper_clock="stepped",
            paper_tape=absolute(",".join(files)),
            trading_symbol="KRW-ETH,KRW-BTC",
        )
        tape = open_tape(settings)
        parts = stretches(tape, hours)  # refused before anything is started
        screen.print("starting every service in its own process …")
        async with system(settings, api_port=None, say=lambda said: screen.print(said, style="yellow")) as running:
            played = Played(tape.synthetic, settings.language)
            screen.print(_banner(running, tape, monotonic() - began))
            for stretch in parts:
                await _play(running, stretch, played, screen)
            seconds = monotonic() - began
        screen.print(summary(played, seconds, screen.width))


def stretches(tape: Tape, hours: int) -> tuple[Stretch, Stretch]:
    """First the owner's gate, then a looser one. Raises BadRequest where the tape is too short."""
    if "KRW-BTC" not in tape.markets or "KRW-ETH" not in tape.markets:
        raise BadRequest(
            f"the demo plays KRW-ETH and KRW-BTC, the tape has {', '.join(tape.markets)}; give --tape twice"
        )
    first, last = tape.span
    total = timedelta(hours=OWNERS_HOURS + hours)
    start = max(first + timedelta(days=9), min(first + timedelta(days=366), last - total))
    start = start.replace(minute=0, second=0, microsecond=0)
    if start + total > last + timedelta(hours=1):
        raise BadRequest(f"the tape is too short for {OWNERS_HOURS + hours} hours after 9 days to look back on")
    second = start + timedelta(hours=OWNERS_HOURS)
    return (
        Stretch("owner's gate 55 % / 30 %", start, OWNERS_HOURS, {}),
        Stretch("looser gate 30 % / 60 %", second, hours, LOOSER),
    )


LOOSER = {"GATE_WIN_RATE_MIN": "0.30", "GATE_DRAWDOWN_MAX": "0.60"}


async def _play(running: System, stretch: Stretch, played: Played, screen: Screen) -> None:
    """Start the clock on a stretch, and the filter anew where its gate is another; show each cycle as it ends."""
    screen.rule(Text.assemble((stretch.name, "bold"), f"  {stretch.hours} hours from {seoul(stretch.start)} KST"))
    played.begin(stretch.name)
    await running.supervisor.stop("clock")
    if stretch.gate:
        await running.supervisor.stop("filter")
        await running.supervisor.start("filter", env=stretch.gate)
    times = {"TAPE_FROM": stretch.start.isoformat(), "TAPE_HOURS": str(stretch.hours)}
    await running.supervisor.start("clock", env=times | stretch.gate)
    watch = asyncio.ensure_future(running.supervisor.watch())
    try:
        with screen.status(Text()) as live:
            left = stretch.hours * len(running.settings.markets)
            began = monotonic()
            while left:
                event = await _next(running, watch)
                played.note(event)
                if isinstance(event, TradingDue):
                    began = monotonic()
                if isinstance(event, CycleEvent):
                    live.update(Text.assemble(f"{event.cycle}", *_lights(event)))
                if isinstance(event, CycleEnded | CycleMissed):
                    screen.print(cycle_line(played, event, (monotonic() - began) * 1000), no_wrap=True)
                    left -= 1
    finally:
        watch.cancel()


async def _next(running: System, watch: "asyncio.Future[None]") -> Event:
    heard = asyncio.ensure_future(running.heard.get())
    waited: set[asyncio.Future[Any]] = {heard, watch}
    done, _ = await asyncio.wait(waited, timeout=_SILENCE_S, return_when=asyncio.FIRST_COMPLETED)
    if watch in done:
        watch.result()
    if heard not in done:
        heard.cancel()
        raise BadRequest(
            f"nothing was heard for {_SILENCE_S:.0f} s; the services' logs are in {running.supervisor.logs}"
        )
    return heard.result()


def _lights(event: Event) -> list[tuple[str, str]]:
    """The stages, lit up to the one that spoke."""
    stage = stage_of(event)
    reached = STAGES.index(stage) if stage in STAGES else len(STAGES) - 1
    return [(f"  ● {n}", "bold green") if i <= reached else (f"  ○ {n}", "dim") for i, n in enumerate(STAGES)]


def _banner(running: System, tape: Tape, seconds: float) -> Panel:
    kind = "a SYNTHETIC tape, made by a seeded generator: no real prices" if tape.synthetic else "the given tape"
    names = ", ".join(running.supervisor.children)
    return Panel(
        Text.assemble(
            ("Upcycle", "bold"),
            f" plays {kind}\nevery service is a process of its own over a real nats-server: {names}\n"
            f"started in {seconds:.1f} s; the rules-only analyst decides, on paper money\n"
            f"each ● below is a stage that spoke: {', '.join(STAGES)}",
        ),
        expand=False,
    )
