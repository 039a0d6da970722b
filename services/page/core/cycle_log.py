"""What the log says of a cycle, as this version reads it (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from shared.api.cycles import CycleDetail
from shared.api.shape import OtherShape
from shared.events import Event
from shared.events.base import Part
from shared.events.snapshot import Balances, OrderBook, PastCycle, Position
from shared.types import Exact, Price, UtcTime

_Kind = TypeVar("_Kind", bound=Event)


class Look(Part):
    """The snapshot, of which the API leaves the candles out."""

    at: UtcTime
    price: Exact[Price]
    book: OrderBook
    balances: Balances
    position: Position | None
    past: tuple[PastCycle, ...]  # how the cycles before had ended, as it was known then


@dataclass(frozen=True, slots=True)
class CycleLog:
    events: Sequence[Event]  # those that can be read; the snapshot is `look`
    look: Look | None
    settings: Mapping[str, str]  # that decided, as they stood

    def first(self, kind: type[_Kind]) -> _Kind | None:
        """The event of a kind, or of a family; a cycle has one at most."""
        return next((event for event in self.events if isinstance(event, kind)), None)

    def limit(self, name: str) -> Decimal | None:
        """A setting that is a number; None where it was not set, or the log is older than it."""
        try:
            found = Decimal(self.settings[name])
        except (LookupError, ArithmeticError):
            return None
        return found if found.is_finite() else None


def cycle_log(cycle: CycleDetail) -> CycleLog:
    events: list[Event] = []
    look, settings = None, dict[str, str]()
    for logged in cycle.events:
        settings = settings or logged.event.get("settings") or {}
        try:
            if logged.event.get("kind") == "SnapshotTaken":
                look = Look.model_validate(logged.event)
            else:
                events.append(logged.read())
        except (OtherShape, ValueError):  # one of another version: its place stays empty
            continue
    return CycleLog(events, look, settings)
