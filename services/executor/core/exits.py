"""An exit as the decision it is: sell, by no analyst's word (pure)."""

from collections.abc import Mapping

from shared.catalogue import exits
from shared.events import DecisionMade, ExitDue, Position, SaleDue, SnapshotTaken
from shared.reason import reason_of
from shared.types import CycleId, Volume

REQUEST_WITHIN_S = 120.0  # an older request of the owner's is not carried out: he may have forgotten it


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


def owners(due: SaleDue, settings: Mapping[str, str], digest: str, code: str) -> ExitDue:
    """The exit that carries out the owner's own sale. settings, digest, code: as they stand."""
    return ExitDue(
        cycle=due.cycle,
        rule="owner",
        at=due.at,
        price=due.price,
        peak=None,
        limit=None,
        position=due.position,
        figures=exits.OWNER.because({"by": due.by}).figures,
        settings=dict(settings),
        settings_digest=digest,
        code=code,
    )


def is_owners(basis: SnapshotTaken | ExitDue) -> bool:
    return isinstance(basis, ExitDue) and basis.rule == "owner"


def sellable(basis: SnapshotTaken | ExitDue, held: Position) -> Position:
    """What of a position may be sold: where the owner asked, no coin more than he was shown."""
    if not isinstance(basis, ExitDue) or not is_owners(basis) or held.volume <= basis.position.volume:
        return held
    return held.model_copy(update={"volume": Volume(basis.position.volume)})
