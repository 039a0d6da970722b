"""How far a cycle has come, stage by stage, by what lies in the log (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.api.cycles import CycleDetail

State = Literal["done", "working", "rejected", "waiting", "not_needed", "failed", "unlogged"]
LAST = "notifier"
_DONE = {"SnapshotTaken": "collector", "SignalPassed": "filter", "DecisionMade": "analyst", "ExitDue": "analyst"}
_NO = {"SignalRejected": "filter", "OrderDenied": "executor"}
_FAILED = ("OrderRejected", "OrderUnresolved", "CycleFailed")


@dataclass(frozen=True, slots=True)
class Dot:
    stage: str
    state: State


def dots(cycle: CycleDetail, stages: Sequence[str]) -> Sequence[Dot]:
    """What is over, what works on it now, what it did not come to.

    stages: the chain's, in their order. The notifier hears of the end last; whether the owner was told does not stand
    in the log, and its dot says so.
    """
    return [*_chain(cycle, stages), Dot(LAST, "waiting" if cycle.end_kind is None else "unlogged")]


def _chain(cycle: CycleDetail, stages: Sequence[str]) -> Sequence[Dot]:
    states: dict[str, State] = {}
    for kind in (logged.event.get("kind", "") for logged in cycle.events):
        if stage := _DONE.get(kind):
            states[stage] = "done"
        elif stage := _NO.get(kind):
            states[stage] = "rejected"
    if cycle.end_kind is None:
        first = next((stage for stage in stages if stage not in states), None)
        return [Dot(s, states.get(s, "working" if s == first else "waiting")) for s in stages]
    if cycle.end_kind in _FAILED and cycle.stage is not None:
        states[cycle.stage] = "failed"
    elif cycle.end_kind not in ("CycleRejected", "OrderDenied"):
        states.setdefault("executor", "done")
    return [Dot(stage, states.get(stage, "not_needed")) for stage in stages]
