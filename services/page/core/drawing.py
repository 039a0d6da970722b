"""A line as the points of an SVG, so that it needs no script (pure)."""

from collections.abc import Sequence
from decimal import Decimal


def points(values: Sequence[Decimal], width: float = 100, height: float = 50, margin: float = 4) -> str:
    """ "0.0,46.0 100.0,4.0": oldest left, highest on top; all equal is a line in the middle."""
    low, high = min(values), max(values)
    span, step = high - low, width / max(len(values) - 1, 1)

    def y(value: Decimal) -> float:
        return height / 2 if not span else height - margin - float((value - low) / span) * (height - 2 * margin)

    return " ".join(f"{n * step:.1f},{y(value):.1f}" for n, value in enumerate(values))
