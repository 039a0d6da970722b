"""Say why a cycle ended as it did: what was seen, judged, said, ordered, and how long it took."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from services.cli.arguments import must_be_cycle, must_be_market
from services.cli.event_log import OpenLog, event_log
from services.cli.options import Broker, Folder
from services.cli.running_bot import settings_of
from services.cli.screen import say
from shared.errors import BadRequest
from shared.settings import Settings
from shared.types import CycleId, Language
from shared.why import why

EPILOG = "Examples: [bold]upcycle why --last[/]   [bold]upcycle why KRW-ETH-20261122T1500Z --language en[/]"


def command(
    cycle: Annotated[str | None, typer.Argument(help="Such as KRW-ETH-20261122T1500Z.", show_default=False)] = None,
    last: Annotated[bool, typer.Option("--last", help="The cycle that was started last.")] = False,
    market: Annotated[str | None, typer.Option(help="With --last: of this market.")] = None,
    language: Annotated[str | None, typer.Option(help="ko or en; LANGUAGE by default.")] = None,
    nats: Broker = None,
    data_dir: Folder = None,
) -> None:
    run(cycle, last, market, language, data_dir, nats)


def run(
    cycle: str | None,
    last: bool,
    market: str | None,
    language: str | None,
    data_dir: Path | None,
    nats_url: str | None,
) -> None:
    if language not in (None, "ko", "en"):
        raise BadRequest(f"--language {language}: write ko or en")
    if market is not None:
        must_be_market(market)
    if (cycle is None) is not last:
        raise BadRequest("name a cycle such as KRW-ETH-20261122T1500Z, or ask for the last with --last")
    if cycle is not None:
        must_be_cycle(cycle)
    settings = settings_of(data_dir)
    spoken: Language = "en" if (language or settings.language) == "en" else "ko"
    say(asyncio.run(_tell(settings, cycle, market, spoken, nats_url)).rstrip())


async def _tell(
    settings: Settings, cycle: str | None, market: str | None, language: Language, nats_url: str | None
) -> str:
    async with event_log(settings, nats_url=nats_url) as log:
        return await tell(log, cycle or await log.last_started(market), language)


async def tell(log: OpenLog, cycle: CycleId, language: Language) -> str:
    record = await log.records.cycle(cycle)
    if not record.entries and record.unreadable:
        raise BadRequest(f"{cycle} was written by another version of Upcycle: {record.unreadable[0]}")
    if not record.entries and not record.faults:
        newest = await log.records.last_started()
        hint = f"the last one is {newest}" if newest else "no cycle has been started there yet"
        raise BadRequest(f"the log of {log.place} has no cycle {cycle}; {hint}")
    return why(record, language)
