"""`upcycle why`: a cycle explained, from the log alone."""

import asyncio
import re
from pathlib import Path

from services.cli.reading import Log, event_log, settings_of
from services.cli.screen import say
from shared.errors import BadRequest
from shared.settings import Settings
from shared.types import CycleId, slot_time, split_cycle
from shared.why import Language, why


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


def must_be_cycle(cycle: str) -> None:
    """Raises BadRequest for what is no cycle, and for one at a time that does not exist."""
    try:
        slot_time(split_cycle(cycle)[1])
    except ValueError as e:
        text = str(e) if "cycle id" in str(e) else f"{cycle}: there is no such time; write it as YYYYMMDDTHHMMZ, in UTC"
        raise BadRequest(text) from None


def must_be_market(market: str) -> None:
    if not re.fullmatch(r"KRW-[A-Z0-9]{1,15}", market):
        raise BadRequest(f"{market!r} is no market; write KRW- and the coin, such as KRW-ETH")


async def _tell(
    settings: Settings, cycle: str | None, market: str | None, language: Language, nats_url: str | None
) -> str:
    async with event_log(settings, nats_url=nats_url) as log:
        return await tell(log, cycle or await last_of(log, market), language)


async def last_of(log: Log, market: str | None) -> CycleId:
    found = await log.records.last_started(market)
    if found is None:
        whose = f" of {market}" if market else ""
        raise BadRequest(f"no cycle{whose} has been started yet in the log of {log.place}")
    return found


async def tell(log: Log, cycle: CycleId, language: Language) -> str:
    record = await log.records.cycle(cycle)
    if not record.entries and record.unreadable:
        raise BadRequest(f"{cycle} was written by another version of Upcycle: {record.unreadable[0]}")
    if not record.entries and not record.faults:
        newest = await log.records.last_started()
        hint = f"the last one is {newest}" if newest else "no cycle has been started there yet"
        raise BadRequest(f"the log of {log.place} has no cycle {cycle}; {hint}")
    return why(record, language)
