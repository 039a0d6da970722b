"""The money a day of Seoul may cost: reserved at its worst before a call, settled after it (pure).

A call whose process died leaves its worst case spent. The same cycle may ask once more, and that is counted;
a third time it may not, whatever the cap.
"""

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.types import CycleId, Exact

ASKS_MAX = 2
WARN_AT = Decimal("0.8")
No = Literal["LLM_BUDGET", "LLM_ASKED_TWICE"]


class Day(BaseModel):
    """One day's money in won, over all processes."""

    model_config = ConfigDict(frozen=True)

    spent: Exact[Decimal] = Decimal(0)  # reservations that are open count as spent
    asked: dict[CycleId, int] = Field(default_factory=dict)  # how often each cycle has asked


def reserve(day: Day, cycle: CycleId, worst: Decimal, cap: Decimal, *, asked_before: int = 0) -> Day | No:
    """Take the worst case out of the day, or say why not. asked_before: on the day before, across midnight."""
    asked = day.asked.get(cycle, 0) + 1
    if asked + asked_before > ASKS_MAX:
        return "LLM_ASKED_TWICE"
    if day.spent + worst > cap:
        return "LLM_BUDGET"
    return Day(spent=day.spent + worst, asked=day.asked | {cycle: asked})


def settle(day: Day, worst: Decimal, cost: Decimal) -> Day:
    """Put back what the call did not cost of its reservation."""
    return Day(spent=max(Decimal(0), day.spent - worst + cost), asked=day.asked)


def crosses_warning(before: Decimal, after: Decimal, cap: Decimal) -> bool:
    return before < WARN_AT * cap <= after
