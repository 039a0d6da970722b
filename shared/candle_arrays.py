"""A window of candles as plain arrays: on so few rows a frame costs more than what is asked of it (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Times = NDArray[np.int64]
CandleRow = tuple[datetime, float, float, float, float, float]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True, eq=False)
class CandleArrays:
    """Columns of one length, ascending by open time. They are views of what they were made of: only to be read."""

    opened: Times  # ms since 1970, UTC
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats  # coins

    @classmethod
    def of(cls, frame: "pl.DataFrame") -> Self:
        """frame: (n, 6) in shared.candles.SCHEMA."""
        opened = frame.get_column("open_time").to_numpy().view(np.int64)
        return cls(opened, *(frame.get_column(name).to_numpy() for name in ("open", "high", "low", "close", "volume")))

    @classmethod
    def of_rows(cls, rows: Iterable[CandleRow]) -> Self:
        """Each as `rows` gives them; ascending, and true already."""
        held = [((at - _EPOCH) // _MS, *numbers) for at, *numbers in rows]
        opened, *columns = zip(*held, strict=True) if held else ((),) * 6
        return cls(np.array(opened, np.int64), *(np.array(column, np.float64) for column in columns))

    @classmethod
    def join(cls, parts: Sequence["CandleArrays"]) -> Self:
        """One behind the other. parts: at least one."""
        return cls(*map(np.concatenate, zip(*(part.columns for part in parts), strict=True)))

    @property
    def columns(self) -> tuple[NDArray[Any], ...]:
        return self.opened, self.open, self.high, self.low, self.close, self.volume

    def __len__(self) -> int:
        return len(self.opened)

    def __getitem__(self, part: slice) -> "CandleArrays":
        return CandleArrays(
            self.opened[part], self.open[part], self.high[part], self.low[part], self.close[part], self.volume[part]
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, CandleArrays):
            return NotImplemented
        pairs = zip(self.columns, other.columns, strict=True)
        return len(self) == len(other) and all(bool((one == two).all()) for one, two in pairs)

    __hash__ = None  # type: ignore[assignment]

    def opened_at(self, row: int) -> datetime:
        return _EPOCH + int(self.opened[row]) * _MS

    def rows(self) -> Iterator[CandleRow]:
        """Candle by candle: open time, open, high, low, close, volume."""
        _, open_, high, low, close, volume = (column.tolist() for column in self.columns)
        return zip(map(self.opened_at, range(len(self))), open_, high, low, close, volume, strict=True)

    def opened_by(self, at: datetime) -> int:
        """How many had opened at `at`."""
        return int(self.opened.searchsorted((at - _EPOCH) // _MS, "right"))

    def opened_before(self, at: datetime) -> int:
        return self.opened_by(at - timedelta.resolution)

    def closed_before(self, at: datetime, unit: timedelta) -> "CandleArrays":
        """The candles that had closed at `at`: never the forming one. unit: how long a candle lasts."""
        return self[: self.opened_by(at - unit)]

    def close_of(self, opened_at: datetime) -> float | None:
        """The close of the candle that opened then."""
        row = self.opened_by(opened_at) - 1
        return float(self.close[row]) if row >= 0 and self.opened_at(row) == opened_at else None


_NOTHING = np.empty(0)
NO_CANDLES = CandleArrays(np.empty(0, np.int64), _NOTHING, _NOTHING, _NOTHING, _NOTHING, _NOTHING)
