"""What is odd about hourly candles: hours that are missing, each with its likely cause, and prices that jump (pure).

The rule of causes. *maintenance*: no market held here has that hour, in a run of at most 12 hours; where no other
market is held, it lies between 16:00 and 22:00 UTC, when Upbit works on itself, in a run of at most 6. *no trades*:
the others have it, in a run of at most 3 hours: nobody bought. *ours*: all else; the exchange has those hours, and
whoever read them lost them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby, pairwise
from typing import Literal, NamedTuple

import polars as pl

from shared.types import UtcTime
from shared.writing import AHEAD

HOUR = timedelta(hours=1)
MAINTENANCE_MAX, NIGHT_MAX, QUIET_MAX = 12, 6, 3  # hours in a run
NIGHT = range(16, 22)  # UTC
NIGHTS_MIN = 2  # that must lie alike before a zone is doubted
JUMP = 0.15  # between one close and the next, or down from a bar's open to its low, share

Cause = Literal["maintenance", "no trades", "ours"]


class Gap(NamedTuple):
    begins: UtcTime
    hours: int
    cause: Cause

    @property
    def last(self) -> UtcTime:
        return self.begins + (self.hours - 1) * HOUR


class Jump(NamedTuple):
    at: UtcTime
    change: float  # share, the larger of the two


def missing(times: Sequence[UtcTime]) -> list[UtcTime]:
    """The hours that lack a candle between the first and the last of `times`, which ascend."""
    found = []
    for before, after in pairwise(times):
        found += [before + n * HOUR for n in range(1, round((after - before) / HOUR))]
    return found


def gaps(times: Sequence[UtcTime], others: Mapping[str, Sequence[UtcTime]]) -> list[Gap]:
    """The missing hours as runs of one cause, oldest first. others: the hours that other markets have."""
    covering = [(of[0], of[-1], frozenset(of)) for of in others.values() if of]
    found = []
    for run in _runs(missing(times)):
        for seen, hours in groupby(run, key=lambda at: _seen(at, covering)):
            stretch = list(hours)
            found.append(Gap(stretch[0], len(stretch), _cause(seen, stretch)))
    return found


def looks_like_seoul(times: Sequence[UtcTime]) -> bool:
    """Whether the exchange's nights lie nine hours late: then these times are Seoul's, though they say UTC."""
    runs = [run for run in _runs(missing(times)) if len(run) <= NIGHT_MAX]
    nightly = [at.hour in NIGHT for run in runs for at in run]
    shifted = [(at - AHEAD).hour in NIGHT for run in runs for at in run]
    return len(runs) >= NIGHTS_MIN and all(shifted) and not any(nightly)


def jumps(frame: pl.DataFrame) -> list[Jump]:
    """Candles whose price moved by 15 % or more; real ones exist, so they are shown and not judged."""
    steps = frame.select(
        "open_time",
        step=pl.col("close") / pl.col("close").shift(1) - 1,
        fall=pl.col("low") / pl.max_horizontal("open", pl.col("close").shift(1)) - 1,
    )
    largest = pl.when(pl.col("step").abs() >= pl.col("fall").abs()).then(pl.col("step")).otherwise(pl.col("fall"))
    odd = steps.with_columns(change=largest).filter(pl.col("change").abs() >= JUMP)
    return [Jump(at, change) for at, change in odd.select("open_time", "change").iter_rows()]


def _runs(hours: Sequence[UtcTime]) -> Iterator[list[UtcTime]]:
    run: list[UtcTime] = []
    for at in hours:
        if run and at - run[-1] > HOUR:
            yield run
            run = []
        run.append(at)
    if run:
        yield run


def _seen(at: UtcTime, covering: Sequence[tuple[UtcTime, UtcTime, frozenset[UtcTime]]]) -> bool | None:
    """Whether another market has the hour; None if no other reaches that far."""
    answers = [at in hours for first, last, hours in covering if first <= at <= last]
    return any(answers) if answers else None


def _cause(seen: bool | None, run: Sequence[UtcTime]) -> Cause:
    if seen:
        return "no trades" if len(run) <= QUIET_MAX else "ours"
    if seen is False:
        return "maintenance" if len(run) <= MAINTENANCE_MAX else "ours"
    at_night = len(run) <= NIGHT_MAX and all(at.hour in NIGHT for at in run)
    return "maintenance" if at_night else "ours"
