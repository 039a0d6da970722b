"""An event with its place in the log (pure)."""

from dataclasses import dataclass

from shared.events import Event
from shared.types import UtcTime


@dataclass(frozen=True)
class Stored:
    """An event as it lies in the log."""

    event: Event
    seq: int
    at: UtcTime  # when the server stored it
    new: bool = False  # this very call stored it
    delivery: int = 1  # the stage gave it while it worked on that delivery of its own message
    stamp: str = ""  # its writer's mark, which no other message has: see shared/reach.py
