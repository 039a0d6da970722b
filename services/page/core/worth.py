"""What the account was worth, as a line and as figures (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.api.portfolio import Valued
from shared.writing import seoul_day

MOST = 240  # points of a line: more than a phone has to show


@dataclass(frozen=True, slots=True)
class Worth:
    """Shares of what it was worth at first. line: oldest first."""

    line: Sequence[Valued]
    change: Decimal
    fall: Decimal
    days: Sequence[Valued]


def worth(history: Sequence[Valued]) -> Worth | None:
    """history: newest first. None: too little for a line. days: the last of each day, newest first."""
    values = list(reversed(history))
    if len(values) < 2 or not values[0].total_value_krw:
        return None
    step = -(-len(values) // MOST)
    line = values[::-1][::step][::-1]  # with the newest, whatever the step
    days = {seoul_day(valued.at): valued for valued in values}
    return Worth(
        line=line,
        change=values[-1].total_value_krw / values[0].total_value_krw - 1,
        fall=deepest_fall([valued.total_value_krw for valued in values]),
        days=list(days.values())[::-1],
    )


def deepest_fall(values: Sequence[Decimal]) -> Decimal:
    """From a peak to the lowest after it, as a share of the peak: 0 or below."""
    peak, deepest = values[0], Decimal(0)
    for value in values:
        peak = max(peak, value)
        deepest = min(deepest, value / peak - 1)
    return deepest
