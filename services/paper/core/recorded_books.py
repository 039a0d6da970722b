"""Order books that were recorded: the latest one at a moment, while it is fresh (pure)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from shared.events import BookLevel

FRESH = timedelta(minutes=1)

Levels = tuple[BookLevel, ...]


class RecordedBooks:
    """markets: each a list of (moment, levels best first), ascending."""

    def __init__(self, markets: Mapping[str, Sequence[tuple[datetime, Levels]]]) -> None:
        self._times = {market: [at for at, _ in books] for market, books in markets.items()}
        self._levels = {market: [levels for _, levels in books] for market, books in markets.items()}

    def at(self, market: str, at: datetime) -> Levels | None:
        """The last book recorded by then; None if there is none or it is older than a minute."""
        times = self._times.get(market)
        if not times:
            return None
        index = bisect_right(times, at) - 1
        if index < 0 or at - times[index] > FRESH:
            return None
        return self._levels[market][index]
