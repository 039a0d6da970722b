"""A cycle as it lies in the log: what each stage was given and what it said, byte by byte (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from shared.bus.wire import decode
from shared.errors import Permanent
from shared.events import CycleEvent, CycleFailed, DecisionMade
from shared.services import READERS, stage_of
from shared.types import CycleId

_Kind = TypeVar("_Kind", bound=CycleEvent)


class NotRecorded(Permanent):
    """What a handler asks for was never written down."""


@dataclass(frozen=True, slots=True)
class Line:
    """An event and the very bytes that lie in the log."""

    event: CycleEvent
    body: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    cycle: CycleId
    lines: tuple[Line, ...]  # as they were stored
    opening: DecisionMade | None = None  # of another cycle: what the position held then was bought by

    def find(self, kind: type[_Kind]) -> _Kind | None:
        return next((line.event for line in self.lines if isinstance(line.event, kind)), None)

    def must(self, kind: type[_Kind]) -> _Kind:
        """As find. Raises NotRecorded."""
        found = self.find(kind)
        if found is None:
            raise NotRecorded(f"there is no {kind.__name__} in the log")
        return found

    def given(self, stage: str, kind: type[_Kind]) -> _Kind:
        """What the stage was given, as far as it is a `kind`. Raises NotRecorded.

        A stage in front of it may be younger than the record: it was given then what that stage is given now.
        """
        for heard in READERS[stage].hears:
            if issubclass(heard, kind) and (found := self.find(heard)):
                return found
        return self.must(kind)

    def said_by(self, stage: str) -> tuple[Line, ...]:
        """What the stage answered; that it gave up is no answer."""
        return tuple(
            line for line in self.lines if stage_of(line.event) == stage and not isinstance(line.event, CycleFailed)
        )

    @property
    def given_up(self) -> CycleFailed | None:
        return self.find(CycleFailed)


def recording(cycle: CycleId, found: Iterable[tuple[str, bytes]]) -> Recording:
    """Read a cycle's messages. found: (subject, body), oldest first. Raises shared.bus.wire.Unreadable."""
    lines = []
    for subject, body in found:
        event = decode(body, subject)
        if isinstance(event, CycleEvent):
            lines.append(Line(event, body))
    return Recording(cycle, tuple(lines))
