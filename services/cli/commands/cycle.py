"""Play one cycle by hand and print each stage, the result and the balance."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from services.cli.lines import event_line
from services.cli.options import DataDir, TapeFiles
from services.cli.screen import Screen, line, say_json
from services.cli.tape_hour import choose_slot
from services.local.chain import Chain, chain
from services.local.folder import held, keep_apart
from services.paper.adapters.tape_settings import open_tape
from shared.bus.namespace import Namespace
from shared.bus.stream import Stream
from shared.bus.switch import Switch
from shared.clock import SystemClock, monotonic
from shared.errors import BadRequest
from shared.events import CycleEnded
from shared.plain_text import one_line
from shared.services import stage_of
from shared.settings import Settings
from shared.telemetry import set_up_logs
from shared.types import CycleId, Language, cycle_id, slot_time, split_cycle
from shared.why.result import result
from shared.writing import exact, significant, whole_won


@dataclass
class Outcome:
    """What a cycle came to."""

    cycle: CycleId
    language: Language
    end: CycleEnded | None = None
    stages: dict[str, float] = field(default_factory=dict)  # milliseconds
    balances: dict[str, Decimal] = field(default_factory=dict)
    synthetic: bool = False  # the tape's prices

    def as_json(self) -> dict[str, Any]:
        """The owner's result object, and the cycle, its stages' times and the balance after it."""
        assert self.end is not None
        balances = {currency: float(amount) for currency, amount in self.balances.items()}
        return {
            **result(self.end, self.language),
            "cycle": self.cycle,
            "end": self.end.kind,
            "stages_ms": self.stages,
            "balances": balances,
            "synthetic": self.synthetic,
        }


EPILOG = (
    "Examples: [bold]upcycle cycle[/]   [bold]upcycle cycle --market KRW-ETH --at 2024-12-03T14:00Z "
    "--tape eth.parquet --tape btc.parquet --json[/]"
)


def command(
    market: Annotated[str, typer.Option(help="Such as KRW-ETH.")] = "KRW-ETH",
    at: Annotated[str | None, typer.Option(help="A full hour of the tape; its last by default.")] = None,
    tape: TapeFiles = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="Print the result object alone.")] = False,
    data_dir: DataDir = None,
) -> None:
    run(market, at, tape, as_json, data_dir)


def run(market: str, at: str | None, tape: list[str], as_json: bool, data_dir: Path | None) -> None:
    """Play one cycle of one market at a time of the tape, and print it."""
    with _folder(data_dir) as folder:
        keep_apart(folder, "paper")
        files = {"paper_tape": ",".join(tape)} if tape else {}
        settings = Settings.load(
            data_dir=folder, paper_clock="stepped", tape_hours=1, paper_admin_token="in-one-process-only",
            subject_prefix="", scheduler_enabled=True, **files,
        )  # fmt: skip
        set_up_logs("CRITICAL" if as_json else "ERROR", service="cycle")
        played = open_tape(settings)
        slot = choose_slot(played, market, at)
        settings = settings.model_copy(update={"trading_symbol": market, "tape_from": slot.isoformat()})
        screen = Screen()
        outcome = asyncio.run(_play(settings, slot, None if as_json else screen))
    outcome.synthetic = played.synthetic
    if as_json:
        say_json(outcome.as_json())
    else:
        _print(screen, outcome)


async def _play(settings: Settings, slot: datetime, screen: Screen | None) -> Outcome:
    cycle, since = cycle_id(settings.trading_symbol, slot), SystemClock().now()
    outcome = Outcome(cycle, settings.language)
    async with chain(settings) as running:
        await _must_be_new(running, outcome.cycle, since)
        began = monotonic()
        try:
            async for event in running.events(cycles=1):
                now = monotonic()
                stage = stage_of(event)
                outcome.stages[stage] = round(outcome.stages.get(stage, 0.0) + (now - began) * 1000, 1)
                began = now
                if isinstance(event, CycleEnded):
                    outcome.end = event
                if screen is not None:
                    screen.print(line((f"{stage:>9}", "bold cyan"), "  ", event_line(event, settings.language)))
        except TimeoutError:
            raise BadRequest(f"{outcome.cycle} went silent and has not ended; the same command goes on") from None
        outcome.balances = _balances(running)
    return outcome


async def _must_be_new(running: Chain, cycle: CycleId, since: datetime) -> None:
    """A folder that was used before may stand in the way; say how. Raises BadRequest."""
    slot = split_cycle(cycle)[1]
    folder, namespace = running.settings.data_dir, Namespace(running.settings.subject_prefix)
    elsewhere = "take a later --at, or another --data-dir"
    newest = await _ended_before(running, CycleEnded.trunk(), since)
    if newest and slot_time(newest) > slot_time(slot):
        raise BadRequest(f"{folder} has seen {slot_time(newest):%Y-%m-%dT%H:%MZ}, time only goes forward; {elsewhere}")
    if await _ended_before(running, CycleEnded.places_of(cycle), since):
        raise BadRequest(f"{cycle} was played in {folder} before; {elsewhere}")
    wish = await (await Switch.open(running.js, namespace)).state()
    if wish.status != "running" and wish.by != "settings":
        raise BadRequest(f"the bot in {folder} is {wish.status} by {wish.by}; start it again over its API first")


async def _ended_before(running: Chain, pattern: str, since: datetime) -> str | None:
    """The slot of the last end that lies there since before."""
    namespace = Namespace(running.settings.subject_prefix)
    end = await Stream(running.nc, namespace, namespace.events).last(pattern)
    return end.subject.rpartition(".")[2] if end and end.at < since else None


def _balances(running: Chain) -> dict[str, Decimal]:
    """Everything the account owns, free and locked, by currency."""
    rows = running.exchange.account.rows()
    return {row["currency"]: Decimal(row["balance"]) + Decimal(row["locked"]) for row in rows}


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    """The folder asked for, or a throw-away one."""
    with ExitStack() as stack:
        if data_dir is None:
            data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="upcycle-")))
        yield stack.enter_context(held(data_dir))


def _print(screen: Screen, outcome: Outcome) -> None:
    assert outcome.end is not None
    table = Table(
        title=f"{outcome.cycle} on {'a SYNTHETIC tape: no real prices' if outcome.synthetic else 'the tape'}",
        show_header=False,
    )
    for name, value in result(outcome.end, outcome.language).items():
        table.add_row(name, significant(value) if isinstance(value, float) else one_line(str(value)))
    table.add_row("stages, ms", ", ".join(f"{name} {ms:g}" for name, ms in outcome.stages.items()))
    held = ", ".join(whole_won(n) if c == "KRW" else f"{exact(n)} {c}" for c, n in outcome.balances.items())
    table.add_row("balance after", held)
    screen.print(table)
