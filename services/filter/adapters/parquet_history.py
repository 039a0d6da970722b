"""The year of candles out of the local Parquet file that the collector keeps."""

import asyncio
from pathlib import Path

from services.filter.core.days import History, Year, history_of, to_ms, year_before
from shared.history import history_path, read_history
from shared.types import Market, UtcTime


class ParquetHistory:
    """Keeps the day rows of each market's last file by its digest: the same digest is the same candles."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[Market, tuple[str, History]] = {}

    async def year_before(self, market: Market, at: UtcTime, digest: str) -> Year:
        """Raises HistoryMissing, HistoryChanged, BadCandles."""
        kept_digest, history = self._kept.get(market, ("", None))
        if history is None or kept_digest != digest:
            history = await asyncio.to_thread(self._read, market, digest)
            self._kept[market] = (digest, history)
        return year_before(history, to_ms(at))

    def _read(self, market: Market, digest: str) -> History:
        return history_of(read_history(history_path(self._folder, market), digest=digest))
