"""The cycles, each with every event of it, and what the analyst said of it."""

from typing import Any, Literal

from pydantic import Field

from shared.api.shape import Number, OtherShape, Shape, Time
from shared.events import KINDS, Event


class Cycle(Shape):
    """A cycle and its result; what is not known yet is null."""

    cycle: str
    market: str
    slot_at: Time
    started_at: Time | None
    ended_at: Time | None
    analyst: str | None
    ai_decision: str | None = Field(description="the analyst's own word, whatever became of it")
    ai_confidence: str | None
    gate: str | None = Field(description="passed, exit_only or rejected")
    model_cost: Number | None
    end_kind: str | None
    stage: str | None
    status: Literal["success", "failed"] | None
    decision: Literal["buy", "sell", "hold"] | None
    confidence: str | None
    reason: str | None
    reason_code: str | None
    price: Number | None
    amount: Number | None
    total: Number | None


class Cycles(Shape):
    """total: under this filter, whatever the page. older: give it as `before` for the next page; null of the last."""

    cycles: tuple[Cycle, ...]
    total: int
    older: str | None = None


class Logged(Shape):
    """An event of the cycle as it lies in the log."""

    seq: int
    stored_at: Time
    subject: str
    event: dict[str, Any]

    def read(self) -> Event:
        """The event itself; of a snapshot, whose candles are left out here, there is none. Raises OtherShape."""
        try:
            return KINDS[self.event["kind"]].model_validate(self.event)
        except (LookupError, ValueError, TypeError, ArithmeticError) as e:
            raise OtherShape(f"{self.subject}: this is no event of this version ({type(e).__name__})") from e


class CycleDetail(Cycle):
    why: str = Field(description="the whole chain in words, as `upcycle why` prints it")
    events: tuple[Logged, ...]


class Decision(Shape):
    """What the analyst said, and what became of it."""

    cycle: str
    symbol: str
    slot_at: Time
    analyst: str | None
    decision: str = Field(description="the analyst's own word: buy, sell or hold")
    confidence: str | None
    done: str | None = Field(description="what was done; null while the cycle runs")
    end_kind: str | None
    reason: str | None = Field(description="why it was done so: the analyst's reason, or what stood against it")
    reason_code: str | None
    price: Number | None
    model_cost: Number | None = Field(description="won; null where no model was asked")


class Decisions(Shape):
    """As Cycles."""

    decisions: tuple[Decision, ...]
    total: int
    older: str | None = None
