"""What the lines of the executor's journal come to (pure)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from services.executor.core.journal_lines import (
    Absent,
    Behind,
    Closed,
    HeldPosition,
    Identity,
    Line,
    LogLine,
    Merged,
    PanicEnd,
    Paused,
    Reached,
    RollbackAccepted,
    Stuck,
)
from services.executor.core.position import NOTHING
from shared.events import CycleEnded, ExitDue, FillRecorded, OrderIntended, Position
from shared.reach import Reach
from shared.types import CycleId, Market, exit_cycle, is_panic, slot_time, split_cycle

_PANICS = 600  # orders of panics for one position


@dataclass(slots=True)
class OpenOrder:
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
class JournalState:
    """open: oldest first. spent: the panic cycles there were, whose names no order may bear again."""

    paused: Paused | None = None
    identity: Identity | None = None
    reach: Reach = field(default_factory=Reach)
    behind: Behind | None = None
    open: dict[CycleId, OpenOrder] = field(default_factory=dict)
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
    def names(self) -> dict[str, CycleId]:
        """Whose order it is, by its name at the exchange: an exit's is not its cycle's."""
        return {order.intent.client_order_id: cycle for cycle, order in self.open.items() if order.intent}

    @property
    def under_way(self) -> set[str]:
        """The unmerged, by their cycles and by their orders' names."""
        unmerged = self.unmerged
        return unmerged | {name for name, cycle in self.names.items() if cycle in unmerged}

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
            case Identity() | Reached() | Behind() | RollbackAccepted():
                self._add_log_line(line)
            case HeldPosition():
                self._held[line.market] = line.position
            case Closed() | Stuck():
                order = self.open.pop(line.cycle, None)
                if isinstance(line, Stuck) and order and order.intent and not order.fill:
                    taken = order.taken or line.taken
                    self.open[line.cycle] = OpenOrder(
                        order.intent, absent=order.absent, taken=taken
                    )  # never sent again
                if is_panic(line.cycle):
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

    def _add_log_line(self, line: LogLine) -> None:
        match line:
            case Identity():
                self.identity = line
            case Reached():
                accepted_at = line.reach.accepted_at or self.reach.accepted_at  # its writer may not have heard of it
                self.reach = line.reach.model_copy(update={"accepted_at": accepted_at})
            case Behind():
                self.behind = line
            case RollbackAccepted():
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
        yield from (HeldPosition(market=market, position=held) for market, held in sorted(self._held.items()))
        if self.paused:
            yield self.paused
        if self.identity:
            yield self.identity
        if self.reach != Reach():
            yield Reached(reach=self.reach)
        if self.behind:
            yield self.behind

    def _order(self, cycle: CycleId) -> OpenOrder:
        return self.open.setdefault(cycle, OpenOrder())


def read(lines: Iterable[Line]) -> JournalState:
    state = JournalState()
    for line in lines:
        state.add(line)
    return state
