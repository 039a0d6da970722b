"""Recorded cycles run again and compared, a second of CPU: `make bench-replay`; exits 1 below a bar.

An hour the gate rejected runs collector and filter again, one it passed all four stages; each opens its candles anew.
Reading the log is not counted: it was done once, before.
"""

import tempfile
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path

from benchmarks.figures import Figure, Found
from benchmarks.quiet import Work, measured
from benchmarks.run import run
from services.filter.adapters.archived_years import ArchivedYears
from services.local.event_log import open_log
from services.replay.differences import differences
from services.replay.event_log import RecordedCycles
from services.replay.recording import Recording
from services.replay.runner import Runner
from shared import candles
from shared.bus.namespace import Namespace
from shared.events import CycleRejected, SnapshotTaken
from shared.history.archive import Archive
from shared.history.objects import BrokerObjects
from shared.telemetry import set_up_logs
from tests.support.hours import LOOSE, play

HOURS = 24
ROUNDS = 1500
BARS_MIN = {"rejected": 600, "passed": 400}


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


def again(runner: Runner, recordings: Sequence[Recording]) -> Work:
    """One cycle after the other. Raises AssertionError if one is not the same."""
    turns = cycle(recordings)

    async def one() -> None:
        reruns = await runner(next(turns))
        different = [d for rerun in reruns for d in differences(rerun)]
        assert not different, different
        assert not any(rerun.why_not for rerun in reruns)

    return one


async def find() -> Found:
    set_up_logs("ERROR", service="bench")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        recordings, years = await recorded_hours(Path(folder))
        runner = Runner(years)
        rejected = [r for r in recordings if r.find(CycleRejected)]
        passed = [r for r in recordings if not r.find(CycleRejected)]
        work = {"rejected": again(runner, rejected), "passed": again(runner, passed)}
        took = await measured(work, ROUNDS, before=candles.forget)
    rates = (
        Figure(name=name, value=1000 / ms, unit="cycles a second", bar=BARS_MIN[name], bar_is="least")
        for name, ms in took.items()
    )
    return Found(figures=tuple(rates), noise=took.noise)


if __name__ == "__main__":
    run(find)
