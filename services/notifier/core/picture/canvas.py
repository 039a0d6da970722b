"""A sheet to draw on: points and sizes are those of the finished picture (pure).

It is drawn twice as large and made smaller at the end, so that edges are smooth.
"""

import io
from collections.abc import Sequence
from functools import cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

# The page's light tokens.
PAPER, CARD, LINE, EDGE = "#f3f2ee", "#ffffff", "#dcd9d1", "#7d7a72"
INK, SUB, UP, DOWN, OK, ALARM = "#14171a", "#555b63", "#bf2419", "#1a55c0", "#0a6659", "#924600"

_TIMES = 2
Point = tuple[float, float]
Align = Literal["left", "middle", "right"]
_ANCHOR: dict[Align, str] = {"left": "lm", "middle": "mm", "right": "rm"}


class Canvas:
    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width * _TIMES, height * _TIMES), PAPER)
        self._draw = ImageDraw.Draw(self._image)

    def card(self, left: float, top: float, right: float, bottom: float) -> None:
        self._draw.rounded_rectangle(_scaled((left, top), (right, bottom)), 12 * _TIMES, CARD, LINE, _TIMES)

    def box(self, left: float, top: float, right: float, bottom: float, color: str) -> None:
        """At least a pixel high and wide."""
        x0, y0, x1, y1 = _scaled((left, top), (right, bottom))
        self._draw.rectangle((x0, y0, max(x1, x0 + _TIMES - 1), max(y1, y0 + _TIMES - 1)), color)

    def line(self, points: Sequence[Point], color: str, width: float = 1) -> None:
        self._draw.line(_scaled(*points), color, round(width * _TIMES), "curve")

    def dot(self, at: Point, radius: float, color: str) -> None:
        x, y = at
        self._draw.ellipse(_scaled((x - radius, y - radius), (x + radius, y + radius)), color)

    def arrow(self, tip: Point, side: str) -> None:
        """Of a fill: a buy points up from below its price, a sale down from above it; its rim parts it from candles."""
        x, y = tip
        away = 1 if side == "buy" else -1
        self._draw.polygon(_scaled((x, y), (x - 8, y + 14 * away), (x + 8, y + 14 * away)), INK, CARD, _TIMES)

    def text(self, at: Point, said: str, color: str = INK, size: int = 15, align: Align = "left") -> float:
        """ASCII, which the font is sure to have; at: its middle in height. Give where it ends."""
        font = _font(size * _TIMES)
        self._draw.text((at[0] * _TIMES, at[1] * _TIMES), said, color, font, _ANCHOR[align])
        return at[0] + font.getlength(said) / _TIMES

    def png(self) -> bytes:
        small = self._image.reduce(_TIMES)
        written = io.BytesIO()
        small.quantize(128, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
        return written.getvalue()


def _scaled(*points: Point) -> list[int]:
    return [round(value * _TIMES) for point in points for value in point]


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Of the library itself, so that none must be installed."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("this Pillow was built without FreeType, and has no font of any size")
    return font
