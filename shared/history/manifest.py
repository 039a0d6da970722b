"""What a manifest says of a history: which months make it, and which candles came otherwise (pure)."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta

from pydantic import BaseModel, ConfigDict

from shared.errors import Permanent
from shared.types import Market, UtcTime

HOUR = timedelta(hours=1)
CORRECTIONS_MAX = 100  # listed in a manifest, the newest; all of them are counted

Bar = tuple[float, float, float, float, float]  # open, high, low, close, volume


class HistoryMissing(Permanent):
    """There are no candles of this market, or no object of this digest; trying again cannot help."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Month(_Part):
    name: str  # 2024-12, of the UTC calendar
    digest: str  # of its object
    rows: int
    first: UtcTime  # open time of its first candle
    last: UtcTime


class Correction(_Part):
    """A candle that was stored before and came otherwise when it was read again, or came late."""

    at: UtcTime
    before: Bar | None  # None: there was no candle
    after: Bar


class Manifest(_Part):
    """Which months make the history of a market. Holds no time of ours: the same candles give the same manifest."""

    market: Market
    unit_min: int = 60
    synthetic: bool = False  # made up, no real prices
    months: tuple[Month, ...]  # oldest first, none of them empty
    corrections: tuple[Correction, ...] = ()
    corrected: int = 0

    @property
    def first(self) -> UtcTime:
        return self.months[0].first

    @property
    def last(self) -> UtcTime:
        """Open time of the newest candle."""
        return self.months[-1].last

    @property
    def ends(self) -> UtcTime:
        """When the newest candle closed."""
        return self.last + HOUR

    @property
    def rows(self) -> int:
        return sum(month.rows for month in self.months)

    @property
    def missing(self) -> int:
        """Hours without a candle between the first and the last."""
        return round((self.ends - self.first) / HOUR) - self.rows

    def between(self, first: UtcTime, last: UtcTime) -> tuple[Month, ...]:
        """The months that may hold a candle of that span."""
        return tuple(month for month in self.months if month.last >= first and month.first <= last)

    def named(self, names: Iterable[str]) -> tuple[Month, ...]:
        wanted = set(names)
        return tuple(month for month in self.months if month.name in wanted)

    def pack(self) -> bytes:
        return self.model_dump_json().encode()


def digest_of(data: bytes) -> str:
    """First 16 hex digits of the sha256."""
    return hashlib.sha256(data).hexdigest()[:16]


def latest(corrections: Sequence[Correction]) -> tuple[Correction, ...]:
    return tuple(corrections)[-CORRECTIONS_MAX:]
