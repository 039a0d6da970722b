"""Say whether the bot runs, how each market stands, and which hours were missed and why."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from nats.js.errors import BucketNotFoundError
from rich.table import Table

from services.cli.event_log import OpenLog, event_log
from services.cli.options import Broker, Folder
from services.cli.running_bot import SILENT_S, is_tape, settings_of
from services.cli.screen import Screen, line, say_json
from services.executor.adapters.journal import BadJournal, Journal
from services.executor.log_rollback import rollback_text
from services.local.running import running
from shared.bus.switch import Switch
from shared.catalogue import sentence
from shared.clock import SystemClock
from shared.events import CycleEnded
from shared.glossary import CAUSES
from shared.missed import MissedSlot
from shared.settings import Settings
from shared.switch import Heartbeat, SwitchState
from shared.types import Language, Market, UtcTime
from shared.why.result import result
from shared.writing import seoul, whole

_HOUR = timedelta(hours=1)

EPILOG = "Example: [bold]upcycle status --hours 48[/]"


def command(
    hours: Annotated[int, typer.Option(help="How far back missed hours are looked for.", min=1, max=24 * 31)] = 24,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(hours, as_json, data_dir, nats)


def run(hours: int, as_json: bool, data_dir: Path | None, nats_url: str | None) -> None:
    settings = settings_of(data_dir)
    found = asyncio.run(_gather(settings, hours, nats_url))
    if as_json:
        say_json(found, default=_plain)
        return
    _print(found, hours)


async def _gather(settings: Settings, hours: int, nats_url: str | None) -> dict[str, Any]:
    now = SystemClock().now()
    here = running(settings.data_dir)
    held = _by_journal(settings)
    async with event_log(settings, nats_url=nats_url) as log:
        wish, beat = await _switch(log)
        # The running clock's, which may have been started with other settings than this terminal's.
        interval_min = beat.interval_min if beat else settings.scheduler_interval_minutes
        tape = is_tape(beat, settings)
        span = timedelta(hours=hours)
        missed = await log.records.missed(settings.markets, now, interval_min, span=span, tape=tape)
        return {
            "log": log.place,
            "running": None if here is None else {"pid": here.pid, "api": f"http://127.0.0.1:{here.api_port}"},
            "status": "paused" if held else _status(log, wish, beat, now),
            "halted": held or _halted(wish),
            "time": "" if tape else await _time(log, beat, settings.markets, now),
            "events": await log.records.end(),
            "dead_letters": len([letter async for letter in log.records.letters.all()]),
            "dead_letters_last_hour": await log.records.letters.since(now - _HOUR),
            "last_cycles": [await _last(log, market, settings.language) for market in settings.markets],
            "missed": [_missed(slot) for slot in missed],
        }


async def _switch(log: OpenLog) -> tuple[SwitchState | None, Heartbeat | None]:
    """What the owner wants, None without a bucket; and the clock's last sign of life."""
    try:
        switch = await Switch.open(log.nc.jetstream(timeout=3), log.namespace)
    except BucketNotFoundError:
        return None, None
    return await switch.state(), await switch.heartbeat()


def _status(log: OpenLog, wish: SwitchState | None, beat: Heartbeat | None, now: UtcTime) -> str:
    """What the owner wants, and whether a clock is there to do it."""
    if wish is None:
        return "unknown: the broker has no bucket bot; apply the topology: upcycle topology"
    if wish.trouble:
        return f"{wish.status}: {wish.trouble}"
    if not log.alive:
        return f"{wish.status} once it is started; nothing runs now"
    but = _of_the_clock(beat, now)
    return f"{wish.status}, but {but}" if but else wish.status


def _of_the_clock(beat: Heartbeat | None, now: UtcTime) -> str:
    """Why nobody does what the owner wants; empty where a clock does."""
    if beat is None:
        return "no clock has ever beaten"
    silent = (now - beat.at).total_seconds()
    if silent < -SILENT_S:
        return f"the clock's last sign of life is of {whole(-silent)} s from now: a clock is wrong"
    return beat.notice("en") if silent < SILENT_S else f"the clock has been silent for {silent:.0f} s"


def _halted(wish: SwitchState | None) -> str:
    """Who halted the bot, when, and how it goes on; empty where nobody did."""
    if wish is None or wish.status == "running" or wish.at is None:
        return ""
    word = "start" if wish.status == "stopped" else "resume"
    return f"by {wish.by} at {seoul(wish.at)} KST; when you are ready: upcycle {word}"


def _by_journal(settings: Settings) -> str:
    """Why no order leaves this folder, whatever the switch says; empty where its journal does not hold it."""
    journal = Journal(settings.data_dir / "executor")
    if not journal.has_been_used():
        return ""
    try:
        state = journal.read()
    except BadJournal as e:
        return str(e)
    if state.behind is not None:
        return rollback_text(state, state.behind.why)
    if state.paused is None:
        return ""
    who = f"by {state.paused.by} at {seoul(state.paused.at)} KST"
    return f"{who}; the event log has not been told: start the executor, or run upcycle panic once more"


async def _time(log: OpenLog, beat: Heartbeat | None, markets: tuple[Market, ...], now: UtcTime) -> str:
    """What is wrong with the time, by the clock's own word or by the log; empty where nothing is."""
    reported = beat.wrong_time if log.alive and beat is not None else None
    wrong = reported or await log.records.ahead(markets, now)
    return sentence(wrong, "en") if wrong else ""


def _missed(slot: MissedSlot) -> dict[str, Any]:
    known = {"cycle": slot.cycle, "market": slot.market, "slot_at": slot.slot_at, "cause": slot.cause}
    return known | {"detail": sentence(slot.more, "en") if slot.more else ""}


async def _last(log: OpenLog, market: str, language: Language) -> dict[str, Any]:
    cycle = await log.records.last_started(market)
    if cycle is None:
        return {"market": market, "cycle": None, "end": None}
    record = await log.records.cycle(cycle)
    end = record.first(CycleEnded)
    rollback_text = {"market": market, "cycle": cycle, "end": end.kind if end else None}
    return rollback_text | (result(end, language) if end else {"unreadable": record.unreadable})


def _print(found: dict[str, Any], hours: int) -> None:
    screen = Screen()
    here = found["running"]
    screen.print(f"status        {found['status']}")
    if found["halted"]:
        screen.print(line(f"halted        {found['halted']}"))
    if found["time"]:
        screen.print(line("time          ", (found["time"], "red")))
    screen.print(f"running       {'no' if here is None else 'process {pid}, API {api}'.format(**here)}")
    screen.print(f"log           {found['log']}, {found['events']} events")
    screen.print(f"dead letters  {found['dead_letters']}, {found['dead_letters_last_hour']} of them in the last hour")
    for last in found["last_cycles"]:
        screen.print(line(f"{last['market']:<13} {_told(last)}"))
    if not found["missed"]:
        screen.print(f"missed        no cycle of the last {hours} hours")
        return
    table = Table("slot (KST)", "market", "why", "", title=f"missed in the last {hours} hours", title_justify="left")
    for slot in found["missed"]:
        table.add_row(seoul(slot["slot_at"]), slot["market"], CAUSES["en"][slot["cause"]], slot["detail"])
    screen.print(table)


def _told(last: dict[str, Any]) -> str:
    match last:
        case {"cycle": None}:
            return "no cycle yet"
        case {"cycle": cycle, "end": None, "unreadable": [why, *_]}:
            return f"{cycle}: written by another version of Upcycle: {why}"
        case {"cycle": cycle, "end": None}:
            return f"{cycle}: not ended yet"
    return f"{last['cycle']}: {last['end']} {last['decision']}: {last['reason']}"


def _plain(value: datetime) -> str:
    return value.isoformat()
