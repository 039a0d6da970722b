"""The year of candles out of the local Parquet file that the collector keeps."""

import asyncio
from datetime import timedelta
from pathlib import Path

import polars as pl

from shared.candles import closed_before
from shared.history import history_path, read_history
from shared.types import Market, UtcTime

YEAR = timedelta(days=365)
HOUR = timedelta(hours=1)


class ParquetHistory:
    """Keeps each market's last file in memory, by its digest: the same digest is the same candles."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Market, tuple[str, pl.DataFrame]] = {}

    async def year_before(self, market: Market, at: UtcTime, digest: str) -> pl.DataFrame:
        """Raises HistoryMissing, HistoryChanged, BadCandles."""
        if self._kept.get(market, ("",))[0] != digest:
            frame = await asyncio.to_thread(read_history, history_path(self._folder, market), digest=digest)
            self._kept[market] = (digest, frame)
        begin = (at - YEAR).replace(hour=0, minute=0, second=0, microsecond=0)
        return closed_before(self._kept[market][1].filter(pl.col("open_time") >= begin), at, HOUR)
