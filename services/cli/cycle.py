"""One cycle by hand: the chain in this process, on paper, with what each stage said and the balance after it."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from services.cli.asked import BadRequest, moment
from services.cli.lines import coins, stage_of, told, won
from services.cli.local import Chain, chain
from services.paper.app import open_tape
from services.paper.core.tape import Tape
from shared.clock import monotonic
from shared.events import CycleEnded, Event, TradingDue, result
from shared.settings import Settings
from shared.telemetry import set_up_logs

BITCOIN = "KRW-BTC"


@dataclass
class Outcome:
    """What a cycle came to."""

    cycle: str = ""
    end: CycleEnded | None = None
    stages: dict[str, float] = field(default_factory=dict)  # milliseconds
    balances: dict[str, Decimal] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The owner's result object, and the cycle, its stages' times and the balance after it."""
        assert self.end is not None
        balances = {currency: float(amount) for currency, amount in self.balances.items()}
        return {
            **result(self.end),
            "cycle": self.cycle,
            "end": self.end.kind,
            "stages_ms": self.stages,
            "balances": balances,
        }


def run(market: str, at: str | None, tape: list[str], as_json: bool, data_dir: Path | None) -> None:
    """Play one cycle of one market at a time of the tape, and print it."""
    with _folder(data_dir) as folder:
        settings = Settings.load(
            trading_symbol=market, data_dir=folder, paper_clock="stepped", paper_tape=",".join(tape), tape_hours=1,
            paper_admin_token="in-one-process-only", trading_mode="paper", subject_prefix="",
        )  # fmt: skip
        set_up_logs("CRITICAL" if as_json else "ERROR", service="cycle")
        played = open_tape(settings)
        slot = choose_slot(played, market, at)
        settings = settings.model_copy(update={"tape_from": slot.isoformat()})
        screen = Console(stderr=as_json, highlight=False)
        outcome = asyncio.run(_play(settings, None if as_json else screen))
    if as_json:
        typer.echo(json.dumps(outcome.as_json(), ensure_ascii=False, indent=2))
        return
    _print(screen, outcome, played)


def choose_slot(tape: Tape, market: str, at: str | None) -> datetime:
    """The hour to play: the asked one, else the tape's last. Raises BadRequest."""
    if market not in tape.markets:
        raise BadRequest(f"{market} is not on the tape; it has {', '.join(tape.markets)}")
    if BITCOIN not in tape.markets:
        raise BadRequest(f"the tape has no {BITCOIN}, which the market-risk check needs; add --tape with its file")
    first, last = tape.span
    slot = last.replace(minute=0, second=0, microsecond=0) if at is None else moment(at)
    if slot.minute or slot.second:
        raise BadRequest(f"--at {at}: a cycle starts on the hour, such as {slot:%Y-%m-%dT%H}:00Z")
    if not first + timedelta(days=9) <= slot <= last:
        raise BadRequest(
            f"--at {slot:%Y-%m-%dT%H:%MZ} is not on the tape with the days before it that a look needs; "
            f"it goes from {first + timedelta(days=9):%Y-%m-%dT%H:%MZ} to {last:%Y-%m-%dT%H:%MZ}"
        )
    return slot.astimezone(UTC)


async def _play(settings: Settings, screen: Console | None) -> Outcome:
    outcome = Outcome()
    async with chain(settings) as running:
        began = monotonic()
        async for event in running.events(cycles=1):
            now = monotonic()
            stage = stage_of(event)
            outcome.stages[stage] = round(outcome.stages.get(stage, 0.0) + (now - began) * 1000, 1)
            began = now
            _note(outcome, event)
            if screen is not None:
                screen.print(f"[bold cyan]{stage:>9}[/]  {told(event)}")
        outcome.balances = _balances(running)
    if outcome.end is None:
        raise BadRequest("the cycle was not started: its slot lies in the data folder already; take another --at")
    return outcome


def _note(outcome: Outcome, event: Event) -> None:
    if isinstance(event, TradingDue):
        outcome.cycle = event.cycle
    if isinstance(event, CycleEnded):
        outcome.end = event


def _balances(running: Chain) -> dict[str, Decimal]:
    """Everything the account owns, free and locked, by currency."""
    rows = running.exchange.account.rows()
    return {row["currency"]: Decimal(row["balance"]) + Decimal(row["locked"]) for row in rows}


@contextmanager
def _folder(data_dir: Path | None) -> Iterator[Path]:
    """The folder asked for, or a throw-away one."""
    if data_dir is not None:
        yield data_dir
        return
    with tempfile.TemporaryDirectory(prefix="upcycle-") as folder:
        yield Path(folder)


def _print(screen: Console, outcome: Outcome, tape: Tape) -> None:
    assert outcome.end is not None
    table = Table(title=f"{outcome.cycle} on {'a synthetic tape' if tape.synthetic else 'the tape'}", show_header=False)
    for name, value in result(outcome.end).items():
        table.add_row(name, f"{value:,.8g}" if isinstance(value, float) else str(value))
    table.add_row("stages, ms", ", ".join(f"{name} {ms:g}" for name, ms in outcome.stages.items()))
    held = ", ".join(won(n) if c == "KRW" else f"{coins(n)} {c}" for c, n in outcome.balances.items())
    table.add_row("balance after", held)
    screen.print(table)
