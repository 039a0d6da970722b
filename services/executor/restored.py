"""A log that has lost messages: seen at the start, told, and gone on with at a person's word.

The journal keeps how far the log reached. While the log lies behind it, this executor orders nothing, whatever the
owner's switch says (that lies in the same broker, and was put back with it), and the journal learns nothing from it.
"""

from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import Log
from services.executor.core.journal_lines import Accepted, Behind, Reached
from services.executor.core.journal_state import Kept
from shared.errors import Permanent
from shared.events import LogAccepted
from shared.reach import Reach, is_accepted, lost_since
from shared.types import UtcTime, plain

HOW_ON = "no order leaves before you have said: upcycle adopt"


def lost(kept: Kept, found: Reach) -> str | None:
    """What the log has lost of what the journal knows; None if nothing, or if a person has accepted it.

    found: the log now, its stamp that of message `kept.reach.last`.
    """
    if is_accepted(kept.reach, found):
        return None
    return kept.behind.why if kept.behind is not None else lost_since(kept.reach, found)


def told(kept: Kept, why: str) -> str:
    """The sentence for the owner: what is forgotten, what the journal still knows, and how to go on."""
    held = ", ".join(f"{plain(kept.held(market).volume)} of {market}" for market in kept.markets) or "nothing"
    return f"the event log was put back from an older copy: {why}. By the journal the bot holds {held}; {HOW_ON}"


async def accept(log: Log, journal: Journal, *, by: str, at: UtcTime) -> LogAccepted:
    """Go on with the log as it stands: told to the log, so that every service hears of it, and to the journal.

    Call it once the log has been given what the exchange has under our names.
    """
    end = (await log.reach()).last
    stored = await log.emit(LogAccepted(id=at.strftime("%Y%m%dT%H%M%S%fZ"), end=end, by=by, at=at))
    if not isinstance(stored.event, LogAccepted):
        raise Permanent(f"the log holds a {stored.event.kind} where it was to be accepted")
    if journal.has_been_used():
        journal.write(Accepted(reach=await log.reach(), by=by, at=at))
    return stored.event


async def look(log: Log, journal: Journal) -> str | None:
    """Hold the log against the journal and note what is found: what is lost, None if nothing is."""
    kept = journal.read()
    found = await log.reach(kept.reach.last)
    if why := lost(kept, found):
        if kept.behind is None:
            journal.write(Behind(why=why))
        return why
    if is_accepted(kept.reach, found) and found.accepted_at is not None:
        journal.write(Accepted(reach=await log.reach(), by="the log", at=found.accepted_at))
    return None


async def note(log: Log, journal: Journal) -> None:
    """Keep how far the log reaches by now, if it has lost nothing."""
    kept = journal.read()
    if kept.behind is None and lost(kept, await log.reach(kept.reach.last)) is None:
        reached = Reached(reach=await log.reach())
        journal.write(reached, if_=lambda kept: kept.behind is None and kept.reach.last < reached.reach.last)
