"""What a person must look at: messages that were put aside, and orders of unknown outcome."""

from typing import Literal

from pydantic import Field

from shared.api.shape import Shape, Time


class DeadLetter(Shape):
    """A message that a reader could not handle. Its own text is not here: `upcycle dead show ID` shows it."""

    id: int
    stage: str = Field(description="the reader that gave up")
    cycle: str | None
    subject: str = Field(description="where it lies in the log")
    seq: int = Field(description="its place in the log")
    at: Time = Field(description="when it was put aside")
    reason: str = Field(description="as the fault came, in whatever language")
    deliveries: int = Field(description="how often it was tried")
    retry: str = Field(description="the command that ends its cycle where that was cut short")


class DeadLetters(Shape):
    """Newest first. older: give it as `before` to go on; null where nothing is older."""

    letters: tuple[DeadLetter, ...]
    older: int | None


class UnresolvedOrder(Shape):
    """An order that a person must clear up; until then its market stands still."""

    cycle: str
    market: str
    kind: Literal["unresolved", "foreign"] = Field(
        description="unresolved: sent, and nobody knows what became of it. foreign: the exchange has it, not the log"
    )
    at: Time = Field(description="of the end, or when it was found")
    reason: str | None = Field(description="why nobody knows; null of a foreign one that can be read")
    command: str = Field(description="what to do about it")


class UnresolvedOrders(Shape):
    """Oldest first; empty where all is settled."""

    orders: tuple[UnresolvedOrder, ...]
