"""What is known of a cycle: its events as they lie in the log, and what went wrong on the way (pure)."""

from dataclasses import dataclass
from typing import Protocol, TypeVar

from shared.events import Event
from shared.types import UtcTime

_Kind = TypeVar("_Kind", bound=Event)


class Entry(Protocol):
    """An event as it lies in the log."""

    @property
    def event(self) -> Event: ...

    @property
    def at(self) -> UtcTime: ...  # when the server stored it

    @property
    def delivery(self) -> int: ...  # in which delivery of its input the stage gave it; 1 is the first


@dataclass(frozen=True)
class Fault:
    """A message that was put aside."""

    id: int  # among the dead letters
    stage: str  # that could not handle it
    why: str
    deliveries: int  # how often it was tried
    at: UtcTime


@dataclass(frozen=True)
class Record:
    cycle: str
    entries: tuple[Entry, ...] = ()  # in the order of the log
    faults: tuple[Fault, ...] = ()
    unreadable: tuple[str, ...] = ()  # what lies in the log and nobody can read: where, and why

    def first(self, kind: type[_Kind]) -> _Kind | None:
        """The event of a kind, or of a family; a cycle has one at most."""
        return next((entry.event for entry in self.entries if isinstance(entry.event, kind)), None)
