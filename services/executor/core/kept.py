"""What the executor's journal says, line by line and as a whole (pure).

The journal is this machine's copy of what a panic needs when the event log is away: positions, orders under way,
the pause. What is in it and not in the log is merged into the log; the log is the truth.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from services.executor.core.position import NOTHING
from shared.events import (
    CycleEnded,
    ExitDue,
    FillRecorded,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    Position,
)
from shared.events.base import Part
from shared.reach import Reach
from shared.types import CycleId, Market, UtcTime, exit_cycle, slot_time, split_cycle

PanicEnd = OrderFilled | OrderRejected
_PANICS = 600  # orders of panics for one position


class Paused(Part):
    """A panic has begun: until it is merged, no other order leaves."""

    kind: Literal["Paused"] = "Paused"
    by: str
    at: UtcTime


class Merged(Part):
    """The log's switch says paused, too."""

    kind: Literal["Merged"] = "Merged"


class Known(Part):
    """A position as the log has it."""

    kind: Literal["Known"] = "Known"
    market: Market
    position: Position


class Closed(Part):
    """The log holds all of this cycle."""

    kind: Literal["Closed"] = "Closed"
    cycle: CycleId


class Stuck(Part):
    """What became of this order a person must say; the log holds all else of its cycle, or will.

    taken: the exchange had an order of its name before it was sent, so what it shows may be another bot's.
    """

    kind: Literal["Stuck"] = "Stuck"
    cycle: CycleId
    taken: bool = False


class Identity(Part):
    """Whose journal this is. installation: empty where the log does not say yet."""

    kind: Literal["Identity"] = "Identity"
    installation: str
    mode: Literal["paper", "live"]


class Reached(Part):
    """How far the log reached when this executor last read or wrote it."""

    kind: Literal["Reached"] = "Reached"
    reach: Reach


class Behind(Part):
    """The log has lost messages that it had: no order leaves before a person accepts it. why: what is lost."""

    kind: Literal["Behind"] = "Behind"
    why: str


class Accepted(Part):
    """A person has accepted the log as it stands."""

    kind: Literal["Accepted"] = "Accepted"
    reach: Reach
    by: str
    at: UtcTime


OfLog = Identity | Reached | Behind | Accepted


class Absent(Part):
    """A panic asked for this order of the executor's, and the exchange did not have it.

    since: seconds that only grow, of this machine, and begin anew when it starts.
    """

    kind: Literal["Absent"] = "Absent"
    cycle: CycleId
    since: float


Line = (
    ExitDue
    | OrderIntended
    | FillRecorded
    | OrderFilled
    | OrderRejected
    | Paused
    | Merged
    | Known
    | Closed
    | Stuck
    | Absent
    | OfLog
)
LINES: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])


@dataclass(slots=True)
class Order:
    """An order the log may not have all of. start: of a panic's alone. absent: since when the exchange had none.

    taken: as in Stuck.
    """

    intent: OrderIntended | None = None
    start: ExitDue | None = None
    fill: FillRecorded | None = None
    end: PanicEnd | None = None
    absent: float | None = None
    taken: bool = False

    def absent_s(self, now: float) -> float:
        """For how long at least the exchange has not had it, also where the machine's seconds began anew."""
        if self.absent is None:
            return 0.0
        return now - self.absent if now >= self.absent else now

    @property
    def is_panic(self) -> bool:
        return self.start is not None

    def lines(self) -> Iterator[Line]:
        yield from (part for part in (self.start, self.intent, self.fill, self.end) if part is not None)


@dataclass(slots=True)
class Kept:
    """open: oldest first. spent: the panic cycles there were, whose names no order may bear again."""

    paused: Paused | None = None
    identity: Identity | None = None
    reach: Reach = field(default_factory=Reach)
    behind: Behind | None = None
    open: dict[CycleId, Order] = field(default_factory=dict)
    spent: set[CycleId] = field(default_factory=set)
    _held: dict[Market, Position] = field(default_factory=dict)

    def held(self, market: Market) -> Position:
        return self._held.get(market, NOTHING)

    @property
    def markets(self) -> list[Market]:
        """Those in which something is held."""
        return sorted(market for market, held in self._held.items() if held.volume > 0)

    @property
    def is_blank(self) -> bool:
        """Whether no executor has written to it, or all it wrote is gone: what the bot holds does not stand here."""
        return self.identity is None and not self._held and not self.open

    @property
    def unmerged(self) -> set[CycleId]:
        """The orders the log may lack: it has an executor's intent before the order leaves, and not a panic's."""
        return {cycle for cycle, order in self.open.items() if order.fill or order.is_panic}

    @property
    def is_merged(self) -> bool:
        return self.paused is None and not self.unmerged

    def next_panic(self, market: Market, held: Position) -> CycleId:
        """Name the panic that closes the position of a market.

        The same from whoever asks, so that two sell once; another only after one of that name is over.
        """
        at = slot_time(split_cycle(held.opened_by)[1] if held.opened_by else "20000101T0000Z")
        for second in range(_PANICS):
            cycle = exit_cycle(market, at + timedelta(seconds=second), "panic")
            if cycle not in self.spent:
                return cycle
        raise ValueError(f"{_PANICS} orders of a panic of {market} did not close its position")

    def add(self, line: Line) -> None:
        match line:
            case Paused() | Merged():
                self.paused = line if isinstance(line, Paused) else None
            case Identity() | Reached() | Behind() | Accepted():
                self._of_log(line)
            case Known():
                self._held[line.market] = line.position
            case Closed() | Stuck():
                order = self.open.pop(line.cycle, None)
                if isinstance(line, Stuck) and order and order.intent and not order.fill:
                    taken = order.taken or line.taken
                    self.open[line.cycle] = Order(order.intent, absent=order.absent, taken=taken)  # never sent again
                if line.cycle.endswith("-panic"):
                    self.spent.add(line.cycle)
            case Absent():
                if order := self.open.get(line.cycle):
                    order.absent = line.since
            case ExitDue():
                self._order(line.cycle).start = line
            case OrderIntended():
                self._order(line.cycle).intent = line
            case FillRecorded():
                self._order(line.cycle).fill = line
                self._held[line.market] = line.position
            case CycleEnded():
                self._order(line.cycle).end = line
                self.spent.add(line.cycle)

    def _of_log(self, line: OfLog) -> None:
        match line:
            case Identity():
                self.identity = line
            case Reached():
                accepted_at = line.reach.accepted_at or self.reach.accepted_at  # its writer may not have heard of it
                self.reach = line.reach.model_copy(update={"accepted_at": accepted_at})
            case Behind():
                self.behind = line
            case Accepted():
                self.reach, self.behind = line.reach, None

    def lines(self) -> Iterator[Line]:
        """The shortest journal that says the same."""
        yield from (Closed(cycle=cycle) for cycle in sorted(self.spent))
        for cycle, order in self.open.items():
            yield from order.lines()
            if order.taken and order.fill is None:
                yield Stuck(cycle=cycle, taken=True)
            if order.absent is not None:
                yield Absent(cycle=cycle, since=order.absent)
        yield from (Known(market=market, position=held) for market, held in sorted(self._held.items()))
        if self.paused:
            yield self.paused
        if self.identity:
            yield self.identity
        if self.reach != Reach():
            yield Reached(reach=self.reach)
        if self.behind:
            yield self.behind

    def _order(self, cycle: CycleId) -> Order:
        return self.open.setdefault(cycle, Order())


def read(lines: Iterable[Line]) -> Kept:
    kept = Kept()
    for line in lines:
        kept.add(line)
    return kept
