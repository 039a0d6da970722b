"""What the analyst needs from the world."""

from typing import Protocol

from services.analyst.core.verdict import Opinion
from shared.events import SnapshotTaken
from shared.types import CycleId


class Model(Protocol):
    async def decide(self, snapshot: SnapshotTaken, *, may_buy: bool) -> Opinion:
        """Say what to do; an answer nobody can read is a hold with its code, never a guess."""
        ...


class Snapshots(Protocol):
    async def snapshot(self, cycle: CycleId) -> SnapshotTaken:
        """The snapshot the cycle was decided on, out of the event log."""
        ...
