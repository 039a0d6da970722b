"""The event log in memory, with the server's laws: published once, one end, no intent after a failure.

`tests/contract/test_log_laws.py` holds it against the real one.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from shared.bus.wire import Unreadable, decode, encode
from shared.errors import Permanent
from shared.events import Event, FillRecorded, LogAccepted
from shared.reach import Reach
from shared.stored import Stored

_Kind = TypeVar("_Kind", bound=Event)
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # this log asks no clock


class WrongOrder(Permanent):
    """An event is to follow a message that is not there."""


class MemoryLog:
    """Emits and loads as shared.bus.event_log.EventLog does."""

    def __init__(self) -> None:
        self.lines: list[Stored] = []
        self._at: dict[str, Stored] = {}
        self._kinds: dict[str, list[Stored]] = defaultdict(list)  # by a subject's second word
        self._slots: dict[str, list[Stored]] = defaultdict(list)  # by a subject's last word, which is mostly the slot

    async def emit(self, event: Event, *, after: int = 0) -> Stored:
        if there := self._at.get(event.subject):  # as the server's `Nats-Msg-Id`, which is the subject
            return there
        last = await self.load(event.once)
        if last is not None and last.seq != after:
            return last
        if last is None and after != 0:
            raise WrongOrder(f"{event.kind} is to follow message {after}, which is not there")
        stored = self.lay(decode(encode(event), event.subject))
        return Stored(event, stored.seq, stored.at, new=True)

    def lay(self, event: Event) -> Stored:
        """Store what was read out of a log: it has passed the laws already, and its bytes have been read."""
        stored = Stored(event, len(self.lines) + 1, self.now())
        self.lines.append(stored)
        self._at[event.subject] = stored
        self._slots[event.subject.rpartition(".")[2]].append(stored)
        self._kinds[event.subject.split(".")[1]].append(stored)
        return stored

    def now(self) -> datetime:
        """When an event is stored."""
        return _NEVER

    async def load(self, subject: str) -> Stored | None:
        """The last event at a subject, which may hold wildcards; None if there is none."""
        if "*" not in subject and ">" not in subject:
            return self._at.get(subject)
        last = subject.rpartition(".")[2]
        lines = self.lines if last in ("*", ">") else self._slots.get(last, [])
        want = subject.split(".")
        return next((line for line in reversed(lines) if _matches(line.event.subject, want)), None)

    async def since(self, seq: int, pattern: str) -> list[tuple[int, Stored | Unreadable]]:
        want = pattern.split(".")
        lines = self._kinds[want[1]]
        return [(line.seq, line) for line in lines if line.seq > seq and _matches(line.event.subject, want)]

    async def load_all(self, patterns: Sequence[str]) -> list[tuple[str, Stored | Unreadable]]:
        lines = [line for pattern in patterns if (line := await self.load(pattern))]
        return [(line.event.subject, line) for line in lines]

    async def reach(self, stamp_of: int = 0) -> Reach:
        fill, accepted = await self.load(FillRecorded.places()), await self.load(LogAccepted.places())
        return Reach(
            last=len(self.lines),
            fill=fill.event.cycle if fill and isinstance(fill.event, FillRecorded) else None,
            accepted_at=accepted.event.at if accepted and isinstance(accepted.event, LogAccepted) else None,
        )

    async def is_empty(self, subject: str) -> bool:
        return await self.load(subject) is None

    def of(self, *kinds: type[_Kind]) -> list[_Kind]:
        """Every event of these kinds, oldest first."""
        return [line.event for line in self.lines if isinstance(line.event, kinds)]


def _matches(subject: str, want: list[str]) -> bool:
    """`*` stands for one token, `>` for the rest."""
    have = subject.split(".")
    if want[-1] == ">":
        have, want = have[: len(want) - 1], want[:-1]
    return len(have) == len(want) and all(w in ("*", h) for h, w in zip(have, want, strict=True))
