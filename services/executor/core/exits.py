"""An exit as the decision it is: sell, by no analyst's word (pure)."""

from shared.events import DecisionMade, ExitDue, SnapshotTaken
from shared.reason import reason_of
from shared.types import CycleId


def decision_of(due: ExitDue) -> DecisionMade:
    return DecisionMade(
        cycle=due.cycle,
        decision="sell",
        confidence=None,
        **reason_of(due).fields(),
        analyst="guard",
        price=due.price,
    )


def closes(basis: SnapshotTaken | ExitDue) -> CycleId | None:
    """Which position an exit is for, by the cycle that opened it; None of an hour's decision, which is for any."""
    return basis.position.opened_by if isinstance(basis, ExitDue) else None
