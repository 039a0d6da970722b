"""What the analyst needs from the world."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from services.analyst.core.answer import Answer
from services.analyst.core.budget import No
from services.analyst.core.verdict import Opinion
from shared.events import DecisionMade, SignalPassed, SnapshotTaken
from shared.prompt.build import Prompt
from shared.types import CycleId, Language


class Rules(Protocol):
    """The rules-only analyst: without a model, and where the model's money is spent."""

    async def decide(self, snapshot: SnapshotTaken, *, may_buy: bool) -> Opinion: ...


class Model(Protocol):
    async def ask(self, prompt: Prompt) -> Answer:
        """Ask once; whatever goes wrong is an answer with its code. Never raises."""
        ...


class Prompter(Protocol):
    def __call__(
        self, snapshot: SnapshotTaken, signal: SignalPassed, opening: DecisionMade | None, *, language: Language
    ) -> Prompt: ...


@dataclass(frozen=True, slots=True)
class Grant:
    """Leave to ask: the worst case of the call, reserved in won."""

    day: str  # of Seoul: 2026-01-05
    cycle: CycleId
    krw: Decimal
    ask: int  # the how manyeth question of the cycle

    @property
    def lost(self) -> int:
        """Questions of the cycle whose answers never came to be stored."""
        return self.ask - 1


@dataclass(frozen=True, slots=True)
class Declined:
    """No leave to ask. lost: as in Grant."""

    why: No
    lost: int = 0


class Budget(Protocol):
    """The money of a day, over all processes."""

    async def reserve(self, cycle: CycleId, worst_krw: Decimal) -> Grant | Declined:
        """Raises a Transient where the money cannot be reached: then nobody is asked."""
        ...

    async def settle(self, grant: Grant, cost_krw: Decimal) -> None:
        """Put back what a call did not cost. Never raises: the worst case stays spent, and the answer is kept."""
        ...


class Snapshots(Protocol):
    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        """The snapshot the cycle was decided on, out of the event log."""
        ...

    async def opening(self, snapshot: SnapshotTaken) -> DecisionMade | None:
        """The decision the held position was opened by; None if nothing is held or it is not on record."""
        ...
