"""An exit as the decision it is: sell, by no analyst's word (pure)."""

from shared.events import DecisionMade, ExitDue


def decision_of(due: ExitDue) -> DecisionMade:
    return DecisionMade(
        cycle=due.cycle,
        decision="sell",
        confidence=None,
        reason=due.reason,
        reason_code=due.reason_code,
        analyst="guard",
        price=due.price,
    )
