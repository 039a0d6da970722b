"""The panes of the picture: a market's candles with its fills, and what the account was worth (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from services.notifier.core.picture.canvas import DOWN, EDGE, LINE, OK, SUB, UP, Canvas
from services.notifier.core.picture.scale import Scale
from shared.api.chart import Candle
from shared.api.portfolio import Valued
from shared.api.trades import Trade
from shared.types import Market, UtcTime
from shared.writing import quoted, signed_pct, whole_won

_TOP, _LEFT, _RIGHT, _BOTTOM = 36, 14, 100, 24  # what stands around the lines of a pane
_GAP = timedelta(hours=1, minutes=30)  # between two valuations; over a longer one nothing is known, and no line drawn


@dataclass(frozen=True, slots=True)
class MarketDay:
    """candles: oldest first. fills: the market's trades of the day."""

    market: Market
    interval: timedelta
    candles: tuple[Candle, ...]
    fills: tuple[Trade, ...]


@dataclass(frozen=True, slots=True)
class Pane:
    """Where on the sheet, and which hours of it."""

    canvas: Canvas
    left: float
    top: float
    right: float
    bottom: float
    from_at: UtcTime
    to_at: UtcTime

    def candles(self, day: MarketDay) -> None:
        if not day.candles:
            return self._empty(day.market, "no candles")
        first, last = day.candles[0].open, day.candles[-1].close
        self._head(day.market, quoted(last), _change(first, last))
        prices = [float(p) for candle in day.candles for p in (candle.low, candle.high)]
        height = self._height([*prices, *(float(fill.price) for fill in day.fills)])
        self._grid(height)
        half = max(0.5, (self._x(self.from_at + day.interval) - self._x(self.from_at)) * 0.34)
        for candle in day.candles:
            x = self._x(candle.at + day.interval / 2)
            begin, end = (height.at(float(price)) for price in (candle.open, candle.close))
            color = UP if candle.close >= candle.open else DOWN
            self.canvas.line([(x, height.at(float(candle.high))), (x, height.at(float(candle.low)))], color)
            self.canvas.box(x - half, min(begin, end), x + half, max(begin, end), color)
        for fill in day.fills:
            away = 2 if fill.side == "buy" else -2
            self.canvas.arrow((self._x(fill.created_at), height.at(float(fill.price)) + away), fill.side)
        return None

    def worth(self, valued: Sequence[Valued]) -> None:
        """valued: oldest first."""
        if not valued:
            return self._empty("Account", "no valuation")
        first, last = valued[0].total_value_krw, valued[-1].total_value_krw
        self._head("Account", whole_won(last, "en"), _change(first, last) if len(valued) > 1 else None)
        height = self._height([float(value.total_value_krw) for value in valued])
        self._grid(height)
        line: list[tuple[float, float]] = []
        for before, value in zip((None, *valued), valued, strict=False):
            if before is not None and value.at - before.at > _GAP:
                self._line(line)
                line = []
            line.append((self._x(value.at), height.at(float(value.total_value_krw))))
        self._line(line)
        return None

    def _line(self, points: Sequence[tuple[float, float]]) -> None:
        if len(points) > 1:
            self.canvas.line(points, OK, 2)
        self.canvas.dot(points[-1], 3, OK)

    def _head(self, name: str, value: str, change: float | None) -> None:
        self.canvas.card(self.left, self.top, self.right, self.bottom)
        y = self.top + 19
        x = self.canvas.text((self.left + _LEFT, y), name, size=17)
        x = self.canvas.text((x + 14, y), value, SUB, 17)
        if change is not None:
            color = UP if change > 0 else DOWN if change < 0 else SUB
            self.canvas.text((x + 12, y), signed_pct(change, 2), color, 17)

    def _empty(self, name: str, said: str) -> None:
        self._head(name, "", None)
        middle = ((self.left + self.right) / 2, (self.top + self.bottom) / 2)
        self.canvas.text(middle, said, SUB, 17, "middle")

    def _height(self, values: Sequence[float]) -> Scale:
        return Scale.around(values, bottom=self.bottom - _BOTTOM, top=self.top + _TOP)

    def _grid(self, height: Scale) -> None:
        left, right = self.left + _LEFT, self.right - _RIGHT
        for value in height.ticks(max(4, round((self.bottom - self.top) / 50))):
            y = height.at(value)
            self.canvas.line([(left, y), (right, y)], LINE)
            self.canvas.text((right + 8, y), quoted(Decimal(str(round(value, 8)))), SUB, 13)
        for hour in range(0, 25, 6):
            x = self._x(self.from_at + timedelta(hours=hour))
            self.canvas.line([(x, height.start), (x, height.start + 4)], EDGE)
            self.canvas.text((x, self.bottom - 12), f"{hour:02}", SUB, 13, "middle")

    def _x(self, at: UtcTime) -> float:
        left, right = self.left + _LEFT + 8, self.right - _RIGHT - 8
        return left + (at - self.from_at) / (self.to_at - self.from_at) * (right - left)


def _change(first: Decimal, last: Decimal) -> float | None:
    return float(last / first - 1) if first else None
