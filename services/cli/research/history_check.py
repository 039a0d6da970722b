"""What `upcycle history check` finds in candles, and how it says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

import polars as pl

from services.cli.research.file_hours import SEOULS, ZONELESS, zoneless
from services.collector.core.gaps import Cause, Gap, Jump, gaps, jumps, looks_like_seoul
from services.paper.adapters.tape_file import market_and_table
from services.paper.core.tape import BadTape
from shared.candles import SCHEMA, faults
from shared.types import Market
from shared.writing import signed_pct, whole


@dataclass(frozen=True)
class Checked:
    """impossible: fault -> the times of the candles that have it. doubts: about their times as a whole."""

    rows: int
    gaps: tuple[Gap, ...] = ()
    jumps: tuple[Jump, ...] = ()
    impossible: Mapping[str, Sequence[Any]] | None = None
    doubts: tuple[str, ...] = ()

    @property
    def wrong(self) -> bool:
        """Whether something is not the exchange's own doing."""
        return bool(self.impossible) or SEOULS in self.doubts or any(gap.cause == "ours" for gap in self.gaps)

    def lines(self, name: str) -> list[str]:
        lines = [f"{name}: {doubt}" for doubt in self.doubts]
        lines += [
            f"{name}: the candle of {at[0]} {fault}" + (f"; {whole(len(at))} such candles" if len(at) > 1 else "")
            for fault, at in (self.impossible or {}).items()
        ]
        lines += [
            f"{name}: {gap.hours:>4} h missing from {gap.begins:%Y-%m-%d %H:%M} UTC: {gap.cause}" for gap in self.gaps
        ]
        lines += [
            f"{name}: the price moves {signed_pct(jump.change)} at {jump.at:%Y-%m-%d %H:%M} UTC" for jump in self.jumps
        ]
        counts = {cause: sum(gap.hours for gap in self.gaps if gap.cause == cause) for cause in get_args(Cause)}
        missing = ", ".join(f"{hours} {cause}" for cause, hours in counts.items() if hours) or "0"
        verdict = "WRONG" if self.wrong else "sound"
        return [
            *lines,
            f"{name}: {verdict}: {whole(self.rows)} candles, missing hours {missing}, {len(self.jumps)} jumps",
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "sound": not self.wrong,
            "candles": self.rows,
            "missing": [{"from": f"{g.begins:%Y-%m-%dT%H:%MZ}", "hours": g.hours, "cause": g.cause} for g in self.gaps],
            "jumps": [{"at": f"{j.at:%Y-%m-%dT%H:%MZ}", "change": round(j.change, 4)} for j in self.jumps],
            "doubts": list(self.doubts),
            "impossible": {fault: [str(t) for t in at] for fault, at in (self.impossible or {}).items()},
        }


def checked(market: Market, frames: Mapping[Market, pl.DataFrame]) -> Checked:
    """One of several markets' candles; the others tell whether the exchange stood still."""
    times = {name: frame["open_time"].to_list() for name, frame in frames.items()}
    others = {name: of for name, of in times.items() if name != market}
    doubts = (SEOULS,) if looks_like_seoul(times[market]) else ()
    return Checked(len(frames[market]), tuple(gaps(times[market], others)), tuple(jumps(frames[market])), doubts=doubts)


def faults_of(specs: Sequence[str]) -> dict[Market, Checked]:
    """Files as they are, every fault counted. Raises BadTape where one cannot be read at all."""
    impossible, sound, rows, bare = {}, {}, {}, {}
    for spec in specs:
        market, table = market_and_table(spec)
        try:
            frame = table.select(SCHEMA.names()).cast(SCHEMA)
        except pl.exceptions.PolarsError as e:
            raise BadTape(f"{spec}: a column has the wrong type: {str(e).splitlines()[0]}") from e
        if frame.is_empty():
            raise BadTape(f"{spec}: there is no candle in it")
        impossible[market], rows[market] = faults(frame), len(frame)
        bare[market] = (ZONELESS,) if zoneless(spec) else ()
        whole = frame.drop_nulls("open_time").fill_nan(None)  # what is no number moves no price
        sound[market] = _hours(whole.unique("open_time", keep="last").sort("open_time"))
    found = {market: checked(market, sound) for market in sound}
    return {
        m: replace(told, rows=rows[m], impossible=impossible[m], doubts=(*bare[m], *told.doubts))
        for m, told in found.items()
    }


def _hours(frame: pl.DataFrame) -> pl.DataFrame:
    """Finer candles as hours."""
    return frame.group_by_dynamic("open_time", every="1h").agg(
        pl.col("open").first(),
        pl.col("high").max(),
        pl.col("low").min(),
        pl.col("close").last(),
        pl.col("volume").sum(),
    )
