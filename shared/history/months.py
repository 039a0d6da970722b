"""How candles are cut into months, and how a month becomes bytes with a name (pure)."""

import io
from datetime import datetime

import polars as pl

from shared.candles import SCHEMA
from shared.history.manifest import Month


def by_month(frame: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Candles by the month of their open time in UTC, ascending; Upbit's own months and days are UTC's."""
    parts = frame.with_columns(month=pl.col("open_time").dt.strftime("%Y-%m")).partition_by(
        "month", as_dict=True, include_key=False, maintain_order=True
    )
    return {str(name): part for (name,), part in sorted(parts.items())}


def pack_month(frame: pl.DataFrame) -> bytes:
    data = io.BytesIO()
    frame.select(SCHEMA.names()).write_parquet(data, compression="zstd")
    return data.getvalue()


def unpack_month(data: bytes) -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(data), columns=SCHEMA.names())


def month_of(name: str, frame: pl.DataFrame, digest: str) -> Month:
    first, last = _time(frame["open_time"][0]), _time(frame["open_time"][-1])
    return Month(name=name, digest=digest, rows=len(frame), first=first, last=last)


def _time(value: object) -> datetime:
    assert isinstance(value, datetime)
    return value
