"""What one run knows of the order it is at work on, and how what happens moves it (pure)."""

from dataclasses import dataclass

from services.executor.core import life, risk
from services.executor.core.answers import Answer
from services.executor.core.ends import End
from services.executor.core.life import Mover, State
from shared.errors import Permanent
from shared.events import DecisionMade, FillRecorded, OrderIntended
from shared.stored import Stored


class Impossible(Permanent):
    """The log holds what no stage could have put there."""


@dataclass(slots=True)
class Ticket:
    """intent, fill, end: as they lie in the log. began, case: what the rules saw, and from when its time runs.

    answer: to this run's own request; None where another run may have sent one.
    """

    decision: DecisionMade
    lookup_s: float  # how long the order is asked for
    intent: Stored | None = None
    fill: FillRecorded | None = None
    end: End | None = None
    began: float = 0.0
    case: risk.Case | None = None
    answer: Answer | None = None
    mover: Mover = "executor"

    @property
    def meant(self) -> OrderIntended:
        if self.intent is None:
            raise Impossible(f"the intent of {self.decision.cycle} is gone")
        if not isinstance(self.intent.event, OrderIntended):
            raise Impossible(f"{self.intent.event.subject} holds {self.intent.event.kind}")
        return self.intent.event

    def read(self) -> State:
        """Where the order stands by what lies in the log."""
        last = self.fill or (self.meant if self.intent else None)
        return self._stands(last.kind) if last else "decided"

    def take(self, state: State, happened: Stored | Answer) -> State:
        """Go a step on; or to where the order stands by what another run has stored first."""
        if not isinstance(happened, Stored):
            self.answer = happened
            return life.after(state, type(happened).__name__, self.mover)
        event = happened.event
        if isinstance(event, OrderIntended) and self.intent is None:
            self.intent = happened
        elif isinstance(event, FillRecorded):
            self.fill = event
        elif isinstance(event, End):
            self.end = event
        else:
            raise Impossible(f"{event.subject} holds {event.kind}")
        return life.after(state, event.kind, self.mover) if happened.new else self._stands(event.kind)

    def _stands(self, kind: str) -> State:
        self.mover, self.answer = "repeat", None
        return life.stands(kind, self.mover)
