"""What could not be handled and was put aside."""

import asyncio
import getpass
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from services.cli.event_log import OpenLog, event_log
from services.cli.options import Broker, Folder
from services.cli.running_bot import settings_of
from services.cli.screen import say
from shared.bus.broker import make_broker
from shared.bus.dead_letters import DeadLetter
from shared.bus.outcome import fail
from shared.bus.wire import Unreadable, decode
from shared.clock import SystemClock
from shared.errors import BadRequest, Newer
from shared.events import CycleEnded, ExitDue, SaleDue, TradingDue
from shared.plain_text import one_line
from shared.services import READERS
from shared.settings import Settings
from shared.writing import seoul, whole

_SHOWN = 2000  # characters of a message; a snapshot has ten thousands

group = typer.Typer(no_args_is_help=True)
LetterId = Annotated[int, typer.Argument(help="Of `upcycle dead list`.", min=1, metavar="ID")]


@group.command("list")
def dead_list(nats: Broker = None, data_dir: Folder = None) -> None:
    """List the dead letters with their faults."""
    show_all(data_dir, nats)


@group.command("show")
def dead_show(id: LetterId, nats: Broker = None, data_dir: Folder = None) -> None:
    """Show one with its message, and say what can be done about it."""
    show(id, data_dir, nats)


@group.command("retry")
def dead_retry(id: LetterId, nats: Broker = None, data_dir: Folder = None) -> None:
    """End its cycle where burying it was cut short; a cycle that has ended is never tried again."""
    retry(id, data_dir, nats)


@group.command("drop")
def dead_drop(
    id: LetterId,
    why: Annotated[str, typer.Option(help="Why it may go; kept with your name.", show_default=False)],
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    """Put one away for good; a record of who and why stays."""
    drop(id, why, data_dir, nats)


def show_all(data_dir: Path | None, nats_url: str | None) -> None:
    async def work(log: OpenLog, _: Settings) -> None:
        letters = [letter async for letter in log.records.letters.all()]
        if not letters:
            say("no dead letters: nothing was put aside")
            return
        for letter in letters:
            where, tries = letter.cycle or letter.subject, f"{letter.deliveries} tries"
            row = f"{letter.id:>4}  {seoul(letter.at)} KST  {letter.stage:<9}  {where}  {tries}  {letter.why}"
            say(one_line(row))

    _with_log(work, data_dir, nats_url)


def show(id: int, data_dir: Path | None, nats_url: str | None) -> None:
    async def work(log: OpenLog, _: Settings) -> None:
        letter = await _letter(log, id)
        lines = {
            "id": letter.id,
            "stage": letter.stage,
            "fault": letter.why,
            "tries": letter.deliveries,
            "buried": f"{seoul(letter.at)} KST",
            "cycle": letter.cycle or "none",
            "input": f"{letter.subject}, number {letter.seq} of the log",
            "then": await _outlook(log, letter),
        }
        for name, value in lines.items():
            say(one_line(f"{name:<8}{value}"))
        say(_body(letter))

    _with_log(work, data_dir, nats_url)


def retry(id: int, data_dir: Path | None, nats_url: str | None) -> None:
    """End a cycle whose burying was cut short. Nothing else can be tried again: raises BadRequest with the reason.

    A cycle ends once, and a buried message has ended its cycle; a stage that worked on it again could only
    act on an hour that is past. So what is repaired is the end that is missing, never the work.
    """

    async def work(log: OpenLog, settings: Settings) -> None:
        letter = await _letter(log, id)
        if (no := await _refusal(log, letter)) is not None:
            raise BadRequest(no)
        assert letter.cycle is not None
        assert log.nc.connected_url is not None
        broker, events = make_broker(log.nc.connected_url.geturl(), name="upcycle-dead", namespace=log.namespace)
        async with broker:
            end = await fail(events, letter.cycle, letter.stage, letter.why)
        say(f"{letter.cycle} had not ended; it has now, as {end.kind if end else 'nothing'}")

    _with_log(work, data_dir, nats_url)


def drop(id: int, why: str, data_dir: Path | None, nats_url: str | None) -> None:
    if not why.strip():
        raise BadRequest("--why: say why it may go; the record keeps it")

    async def work(log: OpenLog, _: Settings) -> None:
        letter = await _letter(log, id)
        await log.records.letters.drop(letter, why=why.strip(), by=getpass.getuser(), at=SystemClock().now())
        say(f"dead letter {id} is put away; dead.dropped.{id} says who and why, and the log keeps its message")

    _with_log(work, data_dir, nats_url)


async def _letter(log: OpenLog, id: int) -> DeadLetter:
    letter = await log.records.letters.get(id)
    if letter is None:
        raise BadRequest(f"there is no dead letter {id}; `upcycle dead list` shows those there are")
    return letter


async def _refusal(log: OpenLog, letter: DeadLetter) -> str | None:
    """Why nothing can be tried again; None where the end of a cycle is missing."""
    reader = READERS.get(letter.stage)
    if reader is not None and not reader.gives_up:
        return (
            f"{letter.stage} only reads results: dead letter {letter.id} holds up no cycle; "
            "where a newer version can read it, build the books again, else drop it"
        )
    if letter.cycle is None:
        return f"dead letter {letter.id} belongs to no cycle ({letter.subject}); look at it and drop it"
    record = await log.records.cycle(letter.cycle)
    if (end := record.first(CycleEnded)) is not None:
        return (
            f"{letter.cycle} has ended as {end.kind}, and a cycle ends once; what the {letter.stage} would do with it "
            f"now shows: upcycle replay {letter.cycle} --stage {letter.stage}"
        )
    if record.unreadable:
        return (
            f"{letter.cycle} was written by another version of Upcycle, which alone can end it: {record.unreadable[0]}"
        )
    if all(record.first(kind) is None for kind in (TradingDue, ExitDue, SaleDue)):
        return f"{letter.cycle} was never started, so there is nothing to go on with"
    return None


async def _outlook(log: OpenLog, letter: DeadLetter) -> str:
    return await _refusal(log, letter) or f"the cycle has no end: upcycle dead retry {letter.id} gives it one"


def _body(letter: DeadLetter) -> str:
    """The message as JSON, cut to what a screen holds; as it is where nobody can read it."""
    try:
        decode(letter.body, letter.subject)
        text = json.dumps(json.loads(letter.body), ensure_ascii=False, indent=2)
    except (Unreadable, Newer):
        text = repr(letter.body)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} … ({whole(len(text))} characters)"


def _with_log(
    work: Callable[[OpenLog, Settings], Awaitable[None]], data_dir: Path | None, nats_url: str | None
) -> None:
    async def run() -> None:
        settings = settings_of(data_dir)
        async with event_log(settings, nats_url=nats_url) as log:
            await work(log, settings)

    asyncio.run(run())
