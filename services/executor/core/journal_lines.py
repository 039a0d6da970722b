"""The lines of the executor's journal; their kinds are stored and stay as they are (pure).

The journal is this machine's copy of what a panic needs when the event log is away: positions, orders under way,
the pause. What is in it and not in the log is merged into the log; the log is the truth.
"""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from shared.events import (
    ExitDue,
    FillRecorded,
    OrderFilled,
    OrderIntended,
    OrderRejected,
    Position,
)
from shared.events.base import Part
from shared.reach import Reach
from shared.types import CycleId, Market, UtcTime

PanicEnd = OrderFilled | OrderRejected


class Paused(Part):
    """A panic has begun: until it is merged, no other order leaves."""

    kind: Literal["Paused"] = "Paused"
    by: str
    at: UtcTime


class Merged(Part):
    """The log's switch says paused, too."""

    kind: Literal["Merged"] = "Merged"


class HeldPosition(Part):
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


class RollbackAccepted(Part):
    """A person has accepted the log as it stands."""

    kind: Literal["Accepted"] = "Accepted"
    reach: Reach
    by: str
    at: UtcTime


LogLine = Identity | Reached | Behind | RollbackAccepted


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
    | HeldPosition
    | Closed
    | Stuck
    | Absent
    | LogLine
)
LINES: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="kind")])
