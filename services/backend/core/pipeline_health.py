"""Whether the whole pipeline is well, and if not, why: what a person outside is called for (pure)."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import timedelta

from services.backend.core.pipeline import PipelineState, ReaderState
from shared.types import UtcTime

SILENT = timedelta(seconds=45)  # the clock beats every 10 s, a stage asks for a message every 2 s
SLOW = timedelta(minutes=10)  # of a cycle, and of a message that nobody gets done


@dataclass(slots=True)
class PipelineHealth:
    """Remembers when each sign of life last changed, by one clock: a sign's own time may be a tape's."""

    _signs: dict[str, tuple[Hashable, UtcTime]] = field(default_factory=dict)

    def fault(self, state: PipelineState, now: UtcTime) -> str | None:
        """Say what is wrong first; None if nothing is. To be asked often: what was not asked is not remembered."""
        if state.broker is None:
            return "the broker does not answer"
        if state.broker.well is False:
            return "the broker is not well: most often its disk is full"
        if state.cycles is None:
            return "the books do not answer"
        faults = [self._reader(name, reader, now) for name, reader in state.broker.readers.items()]
        if self._unchanged("clock", state.broker.heartbeat, now) >= SILENT:
            faults.insert(0, "the clock shows no sign of life")
        faults.append(state.broker.fault or state.broker.stopped or None)
        faults += [
            f"a cycle of {market} has not ended"
            for market, begun in state.cycles.open.items()
            if self._unchanged(f"open {market}", begun, now) >= SLOW  # begun is of another clock, which may be set
        ]
        return next(filter(None, faults), None)

    def _reader(self, name: str, reader: ReaderState, now: UtcTime) -> str | None:
        # A sign that is `now` changes with every look: all is well there.
        heard = self._unchanged(f"{name} asks", now if reader.asking or reader.in_hand else "", now)
        behind = reader.waiting or reader.in_hand
        moved = self._unchanged(f"{name} moves", reader.done_up_to if behind else now, now)
        if heard >= SILENT:
            return f"nobody reads the messages of {name}"
        return f"{name} does not get its messages done" if moved >= SLOW else None

    def _unchanged(self, sign: str, value: Hashable, now: UtcTime) -> timedelta:
        before = self._signs.get(sign)
        if before is None or before[0] != value:
            self._signs[sign] = (value, now)
            return timedelta(0)
        return now - before[1]
