"""What the analyst said."""

from typing import Literal

from shared.events.base import Choice, Confidence, CycleEvent, Part
from shared.types import Exact, Price


class Vote(Part):
    """What one indicator says: +1 buy, -1 sell, 0 nothing."""

    name: str
    value: float
    vote: Literal[-1, 0, 1]


class DecisionMade(CycleEvent):
    SUBJECT = "ev.decision.{market}.{slot}"
    kind: Literal["DecisionMade"] = "DecisionMade"
    decision: Choice
    confidence: Confidence | None
    reason: str
    reason_code: str
    analyst: Literal["rules", "model", "guard"]  # who spoke; guard: an ExitDue, never stored as a decision
    votes: tuple[Vote, ...] = ()
    buy_blocked_by: str | None = None  # why a buy was excluded, if it was
    price: Exact[Price]  # last price of the snapshot
