"""The sheet of a day: its head, up to four markets, the account below them (pure)."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.notifier.core.picture.canvas import ALARM, CARD, EDGE, SUB, Canvas
from services.notifier.core.picture.panes import MarketDay, Pane
from shared.api.portfolio import Valued
from shared.types import UtcTime

MARKETS_MAX = 4
_WIDTH, _HEIGHT, _EDGE, _HEAD, _ACCOUNT = 900, 600, 12, 40, 168


@dataclass(frozen=True, slots=True)
class PictureDay:
    """markets: those shown, MARKETS_MAX at most. left_out: how many others there are. worth: oldest first."""

    mode: Literal["paper", "live"]
    day: date
    from_at: UtcTime
    to_at: UtcTime
    markets: tuple[MarketDay, ...]
    left_out: int
    worth: tuple[Valued, ...]

    @property
    def is_empty(self) -> bool:
        return not self.worth and not any(market.candles for market in self.markets)


def picture(day: PictureDay) -> bytes:
    """Draw it, as a PNG."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    _head(canvas, day)
    bottom = _HEIGHT - _EDGE - _ACCOUNT - _EDGE
    columns = 2 if len(day.markets) > 1 else 1
    rows = -(-len(day.markets) // columns)
    width = (_WIDTH - _EDGE * (columns + 1)) / columns
    height = (bottom - _HEAD - _EDGE * (rows - 1)) / rows
    for n, market in enumerate(day.markets):
        left, top = _EDGE + n % columns * (width + _EDGE), _HEAD + n // columns * (height + _EDGE)
        Pane(canvas, left, top, left + width, top + height, day.from_at, day.to_at).candles(market)
    account = Pane(canvas, _EDGE, bottom + _EDGE, _WIDTH - _EDGE, _HEIGHT - _EDGE, day.from_at, day.to_at)
    account.worth(day.worth)
    return canvas.png()


def _head(canvas: Canvas, day: PictureDay) -> None:
    x = canvas.text((_EDGE + 4, 21), f"{day.day} KST", size=19)
    for side, word in (("buy", "bought"), ("sell", "sold")):
        canvas.arrow((x + 30, 14 if side == "buy" else 28), side)
        x = canvas.text((x + 43, 21), word, SUB)
    if day.left_out:
        canvas.text((x + 30, 21), f"{day.left_out} more markets not shown", SUB)
    word, color = day.mode.upper(), ALARM if day.mode == "live" else EDGE
    canvas.box(_WIDTH - _EDGE - 72, 9, _WIDTH - _EDGE, 33, color)
    canvas.text((_WIDTH - _EDGE - 36, 21), word, CARD, 15, "middle")
