"""What the filter needs from the world."""

from typing import Protocol

import polars as pl

from shared.types import Market, UtcTime


class CandleHistory(Protocol):
    async def year_before(self, market: Market, at: UtcTime, digest: str) -> pl.DataFrame:
        """Closed hourly candles of the 365 days before `at`, out of the history with this digest.

        (n, 6) in shared.candles.SCHEMA, ascending. It begins at 00:00 UTC, so that the first day is whole
        and its range is true; a shorter history gives what it has.
        """
        ...
