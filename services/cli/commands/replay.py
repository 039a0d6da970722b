"""Run recorded cycles again, offline, and show what differs; exit code 1 if anything does."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from services.cli.arguments import moment, must_be_cycle
from services.cli.running_bot import running_url
from services.cli.screen import Screen, line
from services.filter.adapters.archived_years import ArchivedYears
from services.local.event_log import open_log
from services.replay.differences import Difference, differences
from services.replay.event_log import RecordedCycles, between
from services.replay.recording import Recording
from services.replay.runner import Rerun, Runner
from shared.bus.namespace import Namespace
from shared.bus.wire import Unreadable
from shared.catalogue import sentence
from shared.clock import monotonic
from shared.errors import BadRequest, Newer
from shared.events import TradingDue
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.services import PIPELINE
from shared.settings import Settings
from shared.types import CycleId, Language
from shared.version import code_version

_FIELDS_MAX = 12  # shown of one cycle


@dataclass(frozen=True)
class Selection:
    """What to run again: one cycle, or those of a span."""

    cycle: CycleId | None
    first: str | None
    last: str | None
    stage: str | None

    def refuse(self) -> None:
        """Raises BadRequest with what is wrong about it."""
        if self.cycle is not None:
            if self.first or self.last:
                raise BadRequest("name a cycle, or a span with --from and --to, not both")
            must_be_cycle(self.cycle)
            if self.cycle.endswith(("-exit", "-panic", "-sale", "-close")):
                raise BadRequest(f"an exit's cycle cannot be run again yet; upcycle why {self.cycle} tells it")
        if self.stage is not None and self.stage not in PIPELINE:
            raise BadRequest(f"--stage {self.stage}: there is no such stage; choose one of {', '.join(PIPELINE)}")

    def choose(self, started: list[CycleId]) -> list[CycleId]:
        """The chosen ones of all the log holds. Raises BadRequest."""
        if not started:
            raise BadRequest("the log holds no cycle yet")
        several = f"{len(started)} cycles, {started[0]} to {started[-1]}"
        held = f"the log holds {several if len(started) > 1 else f'1 cycle, {started[0]}'}"
        if self.cycle is not None:
            if self.cycle not in started:
                raise BadRequest(f"{self.cycle} is not in the log; {held}")
            return [self.cycle]
        first, last = (None if text is None else moment(text) for text in (self.first, self.last))
        if first and last and first > last:
            raise BadRequest(f"--from {self.first} lies behind --to {self.last}")
        if not (chosen := between(started, first, last)):
            raise BadRequest(
                f"no cycle lies between {self.first or 'the beginning'} and {self.last or 'the end'}; {held}"
            )
        return chosen


EPILOG = (
    "Examples: [bold]upcycle replay KRW-ETH-20261122T1500Z[/]   "
    "[bold]upcycle replay --from 2026-11-22T00:00Z --to 2026-11-22T23:00Z --stage filter[/]"
)


def command(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    first: Annotated[str | None, typer.Option("--from", help="First slot; the log's first by default.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last slot; the log's last by default.")] = None,
    stage: Annotated[str | None, typer.Option(help=f"Only this one: {', '.join(PIPELINE)}.")] = None,
    nats: Annotated[str | None, typer.Option(help="A broker; by default the one of the data folder.")] = None,
    data_dir: Annotated[Path | None, typer.Option("--data-dir", help="The folder that holds the log.")] = None,
) -> None:
    run(Selection(cycle, first, last, stage), nats, data_dir)


def run(selection: Selection, nats_url: str | None, data_dir: Path | None) -> None:
    """Print what differs; exit with 1 if anything does or could not be run again."""
    selection.refuse()
    if not asyncio.run(_replay(selection, nats_url, data_dir)):
        raise typer.Exit(1)


async def _replay(selection: Selection, nats_url: str | None, data_dir: Path | None) -> bool:
    settings = Settings.load() if data_dir is None else Settings.load(data_dir=data_dir)
    screen = Screen(soft_wrap=True)
    namespace = Namespace(settings.subject_prefix)
    async with open_log(nats_url or running_url(settings), settings.data_dir) as nc:
        log = RecordedCycles(nc, namespace)
        runner = Runner(ArchivedYears(Archive(BrokerObjects(nc.jetstream, namespace))))
        cycles = selection.choose(await log.started())
        began, same = monotonic(), 0
        for cycle in cycles:
            try:
                recording = await log.read(cycle)
            except (Unreadable, Newer) as e:
                screen.print(line((cycle, "bold"), "  ", ("cannot be read by this version", "red"), f": {e}"))
                continue
            reruns = await runner(recording, PIPELINE if selection.stage is None else (selection.stage,))
            same += _tell(screen, recording, reruns, settings.language, alone=len(cycles) == 1)
    seconds = monotonic() - began
    colour = "green" if same == len(cycles) else "red"
    screen.print(line((f"{same} of {len(cycles)} cycles are the same byte by byte", colour), f", {seconds:.1f} s"))
    return same == len(cycles)


def _tell(screen: Screen, recording: Recording, reruns: list[Rerun], language: Language, *, alone: bool) -> bool:
    """Print what is to be said of one cycle; whether it is the same."""
    found = [difference for rerun in reruns for difference in differences(rerun)]
    not_run = [rerun for rerun in reruns if rerun.why_not]
    if alone or found or not_run:
        for each in cycle_lines(recording, reruns, found, language):
            screen.print(each)
    return not found and not not_run


def cycle_lines(recording: Recording, reruns: list[Rerun], found: list[Difference], language: Language) -> list[Text]:
    """The lines of one cycle: the first stage that says something else, each field, what could not be run."""
    events = sum(len(rerun.then) for rerun in reruns if not rerun.why_not)
    stages = ", ".join(rerun.stage for rerun in reruns if not rerun.why_not) or "nothing"
    head = (recording.cycle, "bold"), "  "
    if found:
        lines = [line(*head, (f"differs first at {found[0].stage}", "red"))]
    else:
        lines = [line(*head, ("the same", "green"), f": {events} events of {stages}")]
    for difference in found[:_FIELDS_MAX]:
        where = f"{difference.kind}.{difference.field}" if difference.field else difference.kind
        lines.append(line(f"  {difference.stage}: {where}  then {difference.then}  now {difference.now}"))
    if len(found) > _FIELDS_MAX:
        lines.append(line(f"  … and {len(found) - _FIELDS_MAX} fields more"))
    lines += [
        line((f"  {rerun.stage} cannot be run again", "yellow"), f": {rerun.why_not}")
        for rerun in reruns
        if rerun.why_not
    ]
    if given_up := recording.given_up:
        lines.append(line(f"  {given_up.stage} gave up then: {sentence(given_up, language)}"))
    due = recording.find(TradingDue)
    if due is not None and due.code != code_version() and found:
        lines.append(line(f"  recorded by code {due.code}, run again by {code_version()}"))
    return lines
