"""Reads recorded cycles out of an event log on NATS. It can only read."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

import nats.errors
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from services.replay.recording import Recording, recording
from shared.bus.log import LogUnreachable, NoLog
from shared.bus.wire import decode
from shared.bus.world import World
from shared.events import DecisionMade, SnapshotTaken, TradingDue
from shared.types import CycleId, slot_time, split_cycle

_TIMEOUT_S = 5.0
# As a cycle goes; wildcards stand for the stage that said it.
_KINDS = ("tick", "snapshot", "signal", "decision", "intent.executor", "fill", "ended.*")


@dataclass(frozen=True)
class RecordedCycles:
    nc: Client
    world: World

    async def started(self) -> list[CycleId]:
        """Every cycle that was started, by slot and then market. Raises NoLog."""
        pattern = self.world.subject(TradingDue.SUBJECT.format(market="*", slot="*"))
        try:
            info = await self.nc.jetstream(timeout=_TIMEOUT_S).stream_info(self.world.events, subjects_filter=pattern)
        except NotFoundError as e:
            raise NoLog(f"there is no stream {self.world.events} on the broker") from e
        except nats.errors.TimeoutError as e:
            raise LogUnreachable("the broker does not answer; does it run with JetStream?") from e
        names = [self.world.plain(subject).split(".")[2:] for subject in info.state.subjects or ()]
        return [f"{market}-{slot}" for slot, market in sorted((slot, market) for market, slot in names)]

    async def read(self, cycle: CycleId) -> Recording:
        """Raises Unreadable where an event is another version's."""
        market, slot = split_cycle(cycle)
        found = [await self._last(f"ev.{kind}.{market}.{slot}") for kind in _KINDS]
        read = recording(cycle, [line for line in found if line is not None])
        return replace(read, opening=await self._opening(read))

    async def _opening(self, read: Recording) -> DecisionMade | None:
        """The analyst was told why the held position was bought."""
        snapshot = read.find(SnapshotTaken)
        if snapshot is None or snapshot.position is None or snapshot.position.opened_by is None:
            return None
        line = await self._last(DecisionMade.subject_of(snapshot.position.opened_by))
        event = None if line is None else decode(line[1], line[0])
        return event if isinstance(event, DecisionMade) else None

    async def _last(self, subject: str) -> tuple[str, bytes] | None:
        ask = json.dumps({"last_by_subj": self.world.subject(subject)}).encode()
        answer = await self.nc.request(f"$JS.API.DIRECT.GET.{self.world.events}", ask, timeout=_TIMEOUT_S)
        headers = answer.headers or {}
        return (self.world.plain(headers["Nats-Subject"]), answer.data) if "Nats-Sequence" in headers else None


def between(cycles: list[CycleId], first: datetime | None, last: datetime | None) -> list[CycleId]:
    """The cycles whose slots lie in [first, last]; None leaves that side open."""
    return [
        cycle
        for cycle in cycles
        if (first is None or first <= slot_time(split_cycle(cycle)[1]))
        and (last is None or slot_time(split_cycle(cycle)[1]) <= last)
    ]
