"""The money a day of Seoul may cost: reserved at its worst before a call, settled after it (pure).

A call whose process died leaves its worst case spent. The same cycle may ask once more, and that is counted;
a third time it may not, whatever the cap. A day whose record is gone is counted anew out of what was decided.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events import DecisionMade
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


def settle(day: Day, cycle: CycleId, worst: Decimal, cost: Decimal) -> Day:
    """Put back what the call did not cost of its reservation; a record that was lost meanwhile holds none of it."""
    reserved = worst if cycle in day.asked else Decimal(0)
    return Day(spent=max(Decimal(0), day.spent - reserved + cost), asked=day.asked)


def counted(decisions: Iterable[DecisionMade]) -> Day:
    """What the day's decisions say they cost. A call whose answer never came to be decided on is in none of them."""
    spent, asked = Decimal(0), dict[CycleId, int]()
    for made in decisions:
        if paid := [part for part in (made.call, made.lost) if part is not None]:
            spent += sum(part.cost_krw for part in paid)
            asked[made.cycle] = (1 if made.call else 0) + (made.lost.calls if made.lost else 0)
    return Day(spent=spent, asked=asked)


def crosses_warning(before: Decimal, after: Decimal, cap: Decimal) -> bool:
    return before < WARN_AT * cap <= after
