"""How candles ride in an event (pure).

polars is loaded by those who open a frame: every service reads events, and it takes 22 MB of each process.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from shared.candle_arrays import CandleArrays


class CandleWindow(BaseModel):
    """What one window of the frame holds, readable without opening it."""

    model_config = ConfigDict(frozen=True)

    market: str
    unit_min: int  # 1440 is a day
    rows: int
    absent: str | None = None  # why there are none


class CandleFrame(BaseModel):
    """Several candle windows as one compressed Arrow frame: columns market, unit_min, then SCHEMA."""

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    windows: tuple[CandleWindow, ...]
    arrow: bytes = Field(repr=False)

    @classmethod
    def pack(cls, windows: "Iterable[tuple[CandleWindow, CandleArrays]]") -> "CandleFrame":
        from shared.candles import packed

        parts = list(windows)
        return cls(
            windows=tuple(window for window, _ in parts),
            arrow=packed((window.market, window.unit_min, candles) for window, candles in parts),
        )

    def window(self, market: str, unit_min: int) -> "CandleArrays":
        """Ascending; empty if the window is absent. Raises shared.candles.BadCandles."""
        from shared.candles import window

        rows = {(of.market, of.unit_min): of.rows for of in self.windows}
        return window(self.arrow, rows, (market, unit_min))
