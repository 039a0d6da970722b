"""How a history grows: which pages to ask for, and how what came joins what was there (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import polars as pl

from shared.candles import PRICES, SCHEMA
from shared.history.manifest import Correction
from shared.types import UtcTime

Span = tuple[UtcTime, UtcTime]  # from its first hour to before the second
HOUR = timedelta(hours=1)
PAGE = 200  # hours in one answer
OVERLAP = timedelta(hours=24)  # read again at the least, so that a correction is seen; an hourly top-up reads 199
VOLUME_DIGITS = 1e-7  # share by which sums of the same volume may differ
STRANGERS_MIN = 12  # hours that must differ before a whole history is called another market's or another tape's


@dataclass(frozen=True)
class JoinResult:
    """frame: all candles. changed: whether anything came. foreign: most of what was read again is otherwise."""

    frame: pl.DataFrame
    changed: bool
    corrections: tuple[Correction, ...]
    foreign: bool


def hour_of(at: UtcTime) -> UtcTime:
    """The last full hour: what opens before it has closed."""
    return at.replace(minute=0, second=0, microsecond=0)


def pages_over(spans: Iterable[Span], end: UtcTime) -> list[UtcTime]:
    """The ends of the pages that cover these spans, each asked for as the 200 hours before it, none beyond `end`.

    spans: ascending; one that the page of the span before it covers already costs none.
    """
    ends: list[UtcTime] = []
    for begins, until in spans:
        covered = max(begins, ends[-1]) if ends else begins
        while covered < min(until, end):
            ends.append(covered := min(covered + PAGE * HOUR, end))
    return ends


def join(held: pl.DataFrame, read: pl.DataFrame) -> JoinResult:
    """Lay newly read candles over those held. Both in shared.candles.SCHEMA, checked; either may be empty.

    What was read wins. A correction is a candle that differs, or one that lies between those held and was absent.
    """
    if held.is_empty() or read.is_empty():
        return JoinResult(held if read.is_empty() else read, not read.is_empty(), (), foreign=False)
    both = held.join(read, on="open_time", how="full", suffix="_new", coalesce=True, maintain_order="left_right")
    was, came = pl.col("open").is_not_null(), pl.col("open_new").is_not_null()
    other = pl.any_horizontal(pl.col(name) != pl.col(f"{name}_new") for name in PRICES)
    other |= (pl.col("volume") - pl.col("volume_new")).abs() > VOLUME_DIGITS * pl.col("volume") + 1e-7
    between = (pl.col("open_time") > held["open_time"][0]) & (pl.col("open_time") < held["open_time"][-1])
    joined = both.with_columns(again=was & came, differs=was & came & other, late=~was & between, new=~was).sort(
        "open_time"
    )
    odd = joined.filter(pl.col("differs") | pl.col("late"))
    columns = [name for name in SCHEMA.names() if name != "open_time"]
    take = pl.col("differs") | pl.col("new")
    frame = joined.select(
        "open_time",
        *(pl.when(take).then(pl.col(f"{name}_new")).otherwise(pl.col(name)).alias(name) for name in columns),
    )
    differing = int(joined["differs"].sum())
    return JoinResult(
        frame,
        changed=bool(joined.select(take.any()).item()),
        corrections=tuple(_correction(row, columns) for row in odd.to_dicts()),
        foreign=differing >= STRANGERS_MIN and 2 * differing > int(joined["again"].sum()),
    )


def _correction(row: dict[str, Any], columns: list[str]) -> Correction:
    before = None if row["open"] is None else tuple(row[name] for name in columns)
    return Correction(at=row["open_time"], before=before, after=tuple(row[f"{name}_new"] for name in columns))
