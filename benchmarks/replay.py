"""Recorded cycles run again and compared, a second: `make bench-replay`; exits 1 below a bar.

An hour the gate rejected runs collector and filter again, one it passed all four stages. Reading the log is
not counted: it was done once, before.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from services.filter.adapters.archived_years import ArchivedYears
from services.local.event_log import open_log
from services.replay.differences import differences
from services.replay.event_log import RecordedCycles
from services.replay.recording import Recording
from services.replay.runner import Runner
from shared.bus.namespace import Namespace
from shared.clock import monotonic
from shared.events import CycleRejected, SnapshotTaken
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.telemetry import set_up_logs
from tests.support.hours import LOOSE, play

HOURS = 24
SECONDS = 3.0
REJECTED_MIN, PASSED_MIN = 100, 40


async def recorded_hours(folder: Path) -> tuple[list[Recording], ArchivedYears]:
    """Hours that a strict gate rejects and hours that a loose one passes; and their year, read already."""
    await play(folder, start="2025-01-02T00:00Z", hours=HOURS, gate_win_rate_min=0.95)
    await play(folder, start="2025-01-03T00:00Z", hours=HOURS, **LOOSE)
    async with open_log(None, folder) as nc:
        log = RecordedCycles(nc, Namespace())
        years = ArchivedYears(Archive(BrokerObjects(nc.jetstream, Namespace())))
        recordings = [await log.read(cycle) for cycle in await log.started()]
        for taken in (found for recording in recordings if (found := recording.find(SnapshotTaken))):
            await years.year_before(taken.market, taken.at, taken.history_digest)
        return recordings, years


async def a_second(runner: Runner, recordings: Sequence[Recording]) -> float:
    """Cycles a second, over and over for SECONDS. Raises AssertionError if one is not the same."""
    began, done = monotonic(), 0
    while (took := monotonic() - began) < SECONDS:
        reruns = await runner(recordings[done % len(recordings)])
        different = [d for rerun in reruns for d in differences(rerun)]
        assert not different, different
        assert not any(rerun.why_not for rerun in reruns)
        done += 1
    return done / took


async def main() -> int:
    set_up_logs("ERROR", service="bench")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        recordings, years = await recorded_hours(Path(folder))
        runner = Runner(years)
        rejected = [r for r in recordings if r.find(CycleRejected)]
        passed = [r for r in recordings if not r.find(CycleRejected)]
        rates = [await a_second(runner, them) for them in (rejected, passed)]
    for name, rate, least in zip(("rejected", "passed"), rates, (REJECTED_MIN, PASSED_MIN), strict=True):
        print(f"{name:<10}{rate:8.0f} cycles/s   (at least {least})")
    return 0 if rates[0] >= REJECTED_MIN and rates[1] >= PASSED_MIN else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
