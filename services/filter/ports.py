"""What the filter needs from the world."""

from typing import Protocol

from services.filter.core.days import Year
from shared.types import Market, UtcTime


class CandleHistory(Protocol):
    async def year_before(self, market: Market, at: UtcTime, digest: str) -> Year:
        """What had closed in the 365 days before `at`, out of the history with this digest.

        It begins at 00:00 UTC, so that the first day is whole and its range is true; a shorter history
        gives what it has.
        """
        ...
