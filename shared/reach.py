"""How far an event log reached when somebody last read it, and whether the log of today still holds all that (pure).

A broker put back from an older copy has forgotten its newest messages, and gives their numbers to others. Whoever
keeps a place in the log keeps a Reach, and compares before it goes on.
"""

from shared.events.base import Part
from shared.types import CycleId, UtcTime


class Reach(Part):
    """created: when the stream was made. stamp: what its writer wrote on message `last`; empty where he did not.

    fill: the cycle of the last fill. accepted_at: when a person last accepted the log as it stands (LogAccepted).
    """

    created: UtcTime | None = None
    last: int = 0
    stamp: str = ""
    fill: CycleId | None = None
    accepted_at: UtcTime | None = None

    def after(self, seq: int, stamp: str, fill: CycleId | None = None) -> "Reach":
        """The reach once a message was read, too; unchanged by one that lies behind it."""
        if seq <= self.last:
            return self
        return self.model_copy(update={"last": seq, "stamp": stamp, "fill": fill or self.fill})

    def __str__(self) -> str:
        fill = f", the last fill is that of {self.fill}" if self.fill else ""
        return f"message {self.last}{fill}"


def lost_since(stored: Reach, found: Reach) -> str | None:
    """Say what the log has lost since `stored`; None if nothing.

    found: the log now, its stamp that of message `stored.last` (empty where there is none).
    """
    if stored.created is not None and found.created is not None and stored.created != found.created:
        return f"it was made anew at {found.created:%Y-%m-%d %H:%M:%SZ} and has forgotten all up to {stored}"
    if found.last < stored.last:
        return f"it ends at message {found.last}, and it did reach {stored}"
    if stored.stamp and found.stamp and stored.stamp != found.stamp:
        return f"its message {stored.last} is another one than it was; it did reach {stored}"
    if stored.fill is not None and found.fill is None:
        return f"it holds no fill any more; it did reach {stored}"
    return None


def is_accepted(stored: Reach, found: Reach) -> bool:
    """Whether a person has accepted the log since `stored`."""
    return found.accepted_at is not None and (stored.accepted_at is None or found.accepted_at > stored.accepted_at)
