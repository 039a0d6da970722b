"""What came after an hour: asked for apart, so that a judgement of the hour comes before it (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from shared.api.chart import Candle
from shared.types import UtcTime

HOUR = timedelta(hours=1)
LATER = (1, 6, 24, 72)  # hours


@dataclass(frozen=True, slots=True)
class Later:
    """price, change: None where no candle closed then, or none yet."""

    hours: int
    price: Decimal | None
    change: Decimal | None


def later(candles: Sequence[Candle], slot_at: UtcTime, price: Decimal) -> list[Later]:
    """price: when it was decided. The close of the candle that ends so many hours after the hour's slot began."""
    closed = {(candle.at - slot_at) // HOUR + 1: candle.close for candle in candles if candle.at > slot_at - HOUR}
    return [Later(n, closed.get(n), closed[n] / price - 1 if n in closed and price else None) for n in LATER]
