"""The year of hourly candles on this machine's disk: where it lies, its digest, how it is read.

The collector writes it (a new file put in the old one's place, never in pieces) and tells the digest in
the snapshot; the filter reads exactly the file of that digest.
"""

import hashlib
import io
from functools import lru_cache
from pathlib import Path

import polars as pl

from shared import candles
from shared.errors import Permanent, Transient
from shared.types import Market


class HistoryMissing(Permanent):
    """There is no candle file for this market; trying again cannot help."""


class HistoryChanged(Transient):
    """The file is not the one the snapshot was taken with."""


def history_path(folder: Path, market: Market) -> Path:
    return folder / f"{market}.parquet"


def history_digest(path: Path) -> str:
    """First 16 hex digits of the sha256 of the file's bytes; kept until its time or size changes.

    Raises HistoryMissing.
    """
    try:
        found = path.stat()
    except FileNotFoundError as e:
        raise _missing(path) from e
    return _digest_of_file(path, found.st_mtime_ns, found.st_size)


def read_history(path: Path, *, digest: str | None = None) -> pl.DataFrame:
    """(n, 6) in shared.candles.SCHEMA, checked.

    digest: what the bytes must have. Raises HistoryMissing, HistoryChanged, BadCandles.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as e:
        raise _missing(path) from e
    if digest is not None and (found := _digest(data)) != digest:
        raise HistoryChanged(f"the history of {path.stem} is {found}, the snapshot was taken with {digest}")
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except pl.exceptions.PolarsError as e:
        raise candles.BadCandles(f"{path.name} is no readable Parquet file: {e}") from e
    return candles.check(frame, name=path.name)


@lru_cache(maxsize=64)
def _digest_of_file(path: Path, _mtime_ns: int, _size_bytes: int) -> str:
    return _digest(path.read_bytes())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _missing(path: Path) -> HistoryMissing:
    return HistoryMissing(
        f"there is no history of {path.stem}: {path} does not exist; "
        f"let the collector run a cycle of {path.stem}, or put its hourly candles there as Parquet"
    )
