"""What the clock needs from the world."""

from dataclasses import dataclass
from typing import Protocol

from shared.bus.switch import Heartbeat, Wish
from shared.events import CycleEvent
from shared.types import CycleId, Market, UtcTime


class CycleLog(Protocol):
    """What was started, missed and ended."""

    async def put(self, event: CycleEvent) -> None:
        """Store a start or a miss unless its slot has one already."""
        ...

    async def last_started(self, market: Market) -> CycleId | None: ...

    async def last_slot(self, market: Market) -> UtcTime | None:
        """The newest slot that was started or missed."""
        ...

    async def has_started(self, cycle: CycleId) -> bool: ...

    async def has_ended(self, cycle: CycleId) -> bool: ...


class Owner(Protocol):
    """What the owner wants, and what he is told."""

    async def wish(self) -> Wish: ...

    async def set_wish(self, wish: Wish) -> None: ...

    async def beat(self, heartbeat: Heartbeat) -> None: ...


class Alarm(Protocol):
    """The machine's time."""

    def now(self) -> UtcTime: ...

    async def wait_until(self, at: UtcTime) -> None: ...

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Tape:
    """Where the paper exchange's tape stands, and what it holds."""

    now: UtcTime
    first: UtcTime
    last: UtcTime


class TapeTime(Protocol):
    """The time of the paper exchange."""

    async def look(self) -> Tape: ...

    async def move(self, to: UtcTime) -> UtcTime:
        """Move it forward and say where it stands then; it stays where it is if that is later."""
        ...


class Ends(Protocol):
    async def changed(self, within_s: float) -> bool:
        """Wait until some cycle ended, at most so long; False if none did."""
        ...
