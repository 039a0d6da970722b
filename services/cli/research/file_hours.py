"""Hourly candles out of files that somebody brings, refused where their times or their bars cannot be trusted."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl

from services.local.tape_history import hours_of
from services.paper.adapters.tape_file import load_tapes, read_frame, split_spec
from shared.errors import BadRequest
from shared.types import Market
from shared.writing import AHEAD

ZONES = {"UTC": timedelta(0), "KST": AHEAD}
ZONELESS = "its times name no zone and are read as UTC; if they are Seoul's, every day begins 9 hours off"
SEOULS = "its missing hours are the exchange's nights nine hours late: these times are Seoul's, though they say UTC"


def read_hours(specs: Sequence[str], zone: str | None) -> dict[Market, pl.DataFrame]:
    """The hours of each market, in shared.candles.SCHEMA, checked. zone: of times that name none.

    Raises BadRequest, BadTape with one sentence.
    """
    if zone is not None and zone not in ZONES:
        raise BadRequest(f"--zone {zone}: allowed are {', '.join(ZONES)}")
    bare = [spec for spec in specs if zoneless(spec)]
    if bare and zone is None:
        raise BadRequest(f"{bare[0]}: its times name no zone; say which they are in, with --zone UTC or --zone KST")
    if zone == "KST" and len(bare) < len(specs):
        raise BadRequest("--zone is for times that name no zone; these do")
    tape = load_tapes(specs)
    shift = ZONES[zone or "UTC"]
    return {market: hours_of(tape, market).with_columns(pl.col("open_time") - shift) for market in tape.markets}


def zoneless(spec: str) -> bool:
    """Whether the file's times name no zone."""
    _, path = split_spec(spec, (".parquet", ".csv"))
    told = _times(path)
    if isinstance(told.dtype, pl.Datetime):
        return told.dtype.time_zone is None
    return not told.cast(pl.String).str.contains(r"(Z|[+-]\d\d:?\d\d)$").any()


def _times(path: Path) -> pl.Series:
    """The first row's; a file that cannot be read is refused by who reads all of it."""
    try:
        table = read_frame(path, rows=1)
        return table["open_time" if "open_time" in table.columns else "ts"]
    except (pl.exceptions.PolarsError, OSError):
        return pl.Series([], dtype=pl.Datetime("ms", "UTC"))
