"""Show the event log as lines."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from services.cli.arguments import must_be_cycle, must_be_market
from services.cli.event_log import OpenLog, event_log
from services.cli.lines import event_line
from services.cli.options import Broker, Folder
from services.cli.running_bot import settings_of
from services.cli.screen import Screen, line
from shared.bus.wire import Unreadable
from shared.errors import BadRequest
from shared.events import CycleEnded, CycleEvent, Event, all_of
from shared.services import OWNER, SAYS, STAGES, stage_of
from shared.settings import Settings
from shared.stored import Stored
from shared.types import Language

_LOOK_AGAIN_S = 0.3


@dataclass(frozen=True)
class EventFilter:
    """Which events; None wants all."""

    cycle: str | None = None
    stage: str | None = None
    market: str | None = None

    def __contains__(self, line: Stored | Unreadable) -> bool:
        if isinstance(line, Unreadable):
            return True
        event = line.event
        cycle, market = (event.cycle, event.market) if isinstance(event, CycleEvent) else ("", "")
        return self.cycle in (None, cycle) and self.market in (None, market) and self.stage in (None, stage_of(event))

    def places(self) -> list[str]:
        """The subjects to look under; none if it is all of them."""
        if self.cycle is not None:
            return all_of(self.cycle)
        if self.stage is None and self.market is None:
            return []
        found = (place for name in SAYS if self.stage in (None, name) for place in _places(name, self.market))
        return list(dict.fromkeys(found))


def _places(name: str, market: str | None) -> Iterator[str]:
    """Where lies what somebody says; with a market, only what belongs to it."""
    within = {"market": market} if market else {}
    for kind in SAYS[name]:
        if not market or "{market}" in kind.SUBJECT:
            yield kind.trunk(stage=name, **within)
            if issubclass(kind, CycleEnded):
                yield kind.trunk(stage="clock", **within)  # the end of a stage that died at every delivery


EPILOG = "Examples: [bold]upcycle events --follow[/]   [bold]upcycle events --stage filter --limit 5[/]"


def command(
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what comes, until Ctrl-C.")] = False,
    cycle: Annotated[str | None, typer.Option(help="Such as KRW-ETH-20261122T1500Z.")] = None,
    stage: Annotated[str | None, typer.Option(help=f"{', '.join(STAGES)} or {OWNER}.")] = None,
    market: Annotated[str | None, typer.Option(help="Such as KRW-ETH.")] = None,
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1, max=100_000)] = 50,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(EventFilter(cycle, stage, market), follow, limit, data_dir, nats)


def run(chosen: EventFilter, follow: bool, limit: int, data_dir: Path | None, nats_url: str | None) -> None:
    if chosen.stage is not None and chosen.stage not in SAYS:
        raise BadRequest(f"--stage {chosen.stage}: there is no such stage; write {', '.join(SAYS)}")
    if chosen.cycle is not None:
        must_be_cycle(chosen.cycle)
    if chosen.market is not None:
        must_be_market(chosen.market)
    screen = Screen(soft_wrap=True)
    with suppress(KeyboardInterrupt):
        asyncio.run(_show(settings_of(data_dir), screen, chosen, follow, limit, nats_url))


async def _show(
    settings: Settings, screen: Screen, chosen: EventFilter, follow: bool, limit: int, nats_url: str | None
) -> None:
    async with event_log(settings, nats_url=nats_url) as log:
        if follow and not log.alive:
            raise BadRequest(f"nothing runs in {settings.data_dir}, so there is nothing to follow; `upcycle up` does")
        end = await log.records.end()
        lines = await newest(log, chosen, limit)
        if not lines and not follow:
            raise BadRequest(f"the log of {log.place} {'holds no such event' if end else 'is empty'}")
        for entry in lines:
            screen.print(entry_line(entry, settings.language))
            end = max(end, entry.seq) if isinstance(entry, Stored) else end  # it may be newer
        while follow:
            async for entry in log.records.after(end):
                end = entry.seq if isinstance(entry, Stored) else end + 1
                if entry in chosen:
                    screen.print(entry_line(entry, settings.language))
            await asyncio.sleep(_LOOK_AGAIN_S)


async def newest(log: OpenLog, chosen: EventFilter, limit: int) -> list[Stored | Unreadable]:
    """The newest `limit` events that are chosen, oldest first."""
    if places := chosen.places():
        return [line for line in await log.records.newest(places, limit) if line in chosen][-limit:]
    return [line async for line in log.records.after(max(0, await log.records.end() - limit))]


def entry_line(entry: Stored | Unreadable, language: Language) -> Text:
    """12345 2026-01-05 03:00:01Z KRW-ETH-20260105T0300Z filter  rejected: …"""
    if isinstance(entry, Unreadable):
        return line((f"      nobody can read this one, it may be of another version: {entry}", "red"))
    event: Event = entry.event
    cycle = event.cycle if isinstance(event, CycleEvent) else ""
    head = (f"{entry.seq:>6} {entry.at:%Y-%m-%d %H:%M:%SZ} {cycle:<22}", "dim")
    again = (f" (delivery {entry.delivery})" if entry.delivery > 1 else "", "yellow")
    return line(head, " ", (f"{stage_of(event):>9}", "bold cyan"), "  ", event_line(event, language), again)
