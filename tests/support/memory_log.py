"""The event log in memory, with the server's laws: published once, one end, no intent after a failure.

`tests/contract/test_log_laws.py` holds it against the real one.
"""

from shared.bus.wire import Stored, decode, encode
from shared.events import Event
from tests.support.builders import AT


class MemoryLog:
    """Emits and loads as shared.bus.log.EventLog does."""

    def __init__(self) -> None:
        self.lines: list[Stored] = []

    async def emit(self, event: Event, *, after: int = 0) -> Stored:
        if there := await self.load(event.subject):  # as the server's `Nats-Msg-Id`, which is the subject
            return there
        last = await self.load(event.once)
        if last is not None and last.seq != after:
            return last
        if last is None and after != 0:
            raise AssertionError(f"{event.kind} is to follow message {after}, which is not there")
        stored = Stored(decode(encode(event), event.subject), len(self.lines) + 1, AT)
        self.lines.append(stored)
        return Stored(event, stored.seq, stored.at, new=True)

    async def load(self, subject: str) -> Stored | None:
        return next((line for line in reversed(self.lines) if _matches(line.event.subject, subject)), None)

    def of(self, *kinds: type[Event]) -> list[Event]:
        """Every event of these kinds, oldest first."""
        return [line.event for line in self.lines if isinstance(line.event, kinds)]


def _matches(subject: str, pattern: str) -> bool:
    """`*` stands for one token, `>` for the rest."""
    have, want = subject.split("."), pattern.split(".")
    if want[-1] == ">":
        have, want = have[: len(want) - 1], want[:-1]
    return len(have) == len(want) and all(w in ("*", h) for h, w in zip(have, want, strict=True))
