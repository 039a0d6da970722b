"""The year of candles out of the archive, by the digest of the snapshot's manifest."""

import asyncio
from datetime import timedelta

from services.filter.core.days import History, Year, history_of, to_ms, year_before
from shared.history.archive import Archive
from shared.history.manifest import HistoryMissing
from shared.types import Market, UtcTime

SPAN = timedelta(days=367)  # the year, from a whole day on


class ArchivedYears:
    """Keeps the day rows of each market's last months: the same months are the same candles."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._cache: dict[Market, tuple[tuple[str, ...], History]] = {}

    async def year_before(self, market: Market, at: UtcTime, digest: str) -> Year:
        """Raises HistoryMissing, HistoryUnreachable."""
        manifest = await self._archive.manifest(digest)
        if manifest.market != market:
            raise HistoryMissing(f"{digest} is the history of {manifest.market}, not of {market}")
        months = manifest.between(at - SPAN, at)
        wanted = tuple(month.digest for month in months)
        held, history = self._cache.get(market, ((), None))
        if history is None or held != wanted:
            history = await asyncio.to_thread(history_of, await self._archive.candles(months))
            self._cache[market] = (wanted, history)
        return year_before(history, to_ms(at))
