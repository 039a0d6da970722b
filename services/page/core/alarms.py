"""What the owner has to look at, as one line (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.page.core.account import Key

_ACCOUNT = "/more#account"


@dataclass(frozen=True, slots=True)
class Alarm:
    """word: of the page's words, with {n} in it. mend: where it is told what to do."""

    word: str
    n: int
    mend: str


def alarms(*, unresolved: int, short: int, key: Key | None, dead: int, missed: int) -> Sequence[Alarm]:
    """The most pressing first; nothing that is not there.

    unresolved: orders, the exchange's own of which the log knows nothing among them. short: markets in which the
    account lacks what the books hold.
    """
    days = key.days if key and key.is_pressing else None
    found = (
        (Alarm("key_ended", 1, _ACCOUNT), days == 0),
        (Alarm("unresolved", unresolved, "/log#orders"), unresolved),
        (Alarm("short", short, _ACCOUNT), short),
        (Alarm("key_ends", days or 0, _ACCOUNT), days),
        (Alarm("dead_letters", dead, "/log#dead"), dead),
        (Alarm("slots_missed", missed, "/log#gaps"), missed),
    )
    return [alarm for alarm, is_there in found if is_there]
