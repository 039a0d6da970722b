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


def restored(kept: Reach, found: Reach) -> str | None:
    """Say what the log has lost since `kept`; None if nothing.

    found: the log now, its stamp that of message `kept.last` (empty where there is none).
    """
    if kept.created is not None and found.created is not None and kept.created != found.created:
        return f"it was made anew at {found.created:%Y-%m-%d %H:%M:%SZ} and has forgotten all up to {kept}"
    if found.last < kept.last:
        return f"it ends at message {found.last}, and it did reach {kept}"
    if kept.stamp and found.stamp and kept.stamp != found.stamp:
        return f"its message {kept.last} is another one than it was; it did reach {kept}"
    if kept.fill is not None and found.fill is None:
        return f"it holds no fill any more; it did reach {kept}"
    return None


def is_accepted(kept: Reach, found: Reach) -> bool:
    """Whether a person has accepted the log since `kept`."""
    return found.accepted_at is not None and (kept.accepted_at is None or found.accepted_at > kept.accepted_at)
