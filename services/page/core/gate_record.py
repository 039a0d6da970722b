"""How often the gate said no, and by how much (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.api.chart import GateDecision
from shared.types import UtcTime


@dataclass(frozen=True, slots=True)
class GateRecord:
    """short: by how much the figure missed its threshold, where it did; None: it never did. since: of the oldest."""

    passed: int
    exit_only: int
    rejected: int
    short: float | None
    since: UtcTime

    @property
    def hours(self) -> int:
        return self.passed + self.exit_only + self.rejected


def gate_record(decisions: Sequence[GateDecision]) -> GateRecord | None:
    """decisions: newest first."""
    if not decisions:
        return None
    outcomes = [decision.outcome for decision in decisions]
    short = [
        decision.threshold - decision.figure
        for decision in decisions
        if decision.figure is not None and decision.threshold is not None and decision.figure < decision.threshold
    ]
    return GateRecord(
        passed=outcomes.count("passed"),
        exit_only=outcomes.count("exit_only"),
        rejected=outcomes.count("rejected"),
        short=sum(short) / len(short) if short else None,
        since=decisions[-1].slot_at,
    )
