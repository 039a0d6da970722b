"""What the owner has to look at, as one line (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Alarm:
    """word: of the page's words, with {n} in it."""

    word: str
    n: int


def alarms(*, unresolved: int, dead: int, missed: int) -> Sequence[Alarm]:
    """The most pressing first; nothing that is not there."""
    found = (Alarm("unresolved", unresolved), Alarm("dead_letters", dead), Alarm("slots_missed", missed))
    return [alarm for alarm in found if alarm.n]
