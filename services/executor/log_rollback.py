"""An event log that was put back from an older copy: found at the start, and gone on with at a person's word.

The journal keeps how far the log reached. While the log lies behind it, this executor orders nothing, whatever the
owner's switch says (that lies in the same broker, and was put back with it), and the journal learns nothing from it.
"""

from services.executor.adapters.journal import Journal
from services.executor.adapters.order_log import EventStore
from services.executor.core.journal_lines import Behind, Reached, RollbackAccepted
from services.executor.core.journal_state import JournalState
from shared.errors import Permanent
from shared.events import LogAccepted
from shared.reach import Reach, is_accepted, lost_since
from shared.types import UtcTime, plain

HOW_ON = "no order leaves before you have said: upcycle adopt"


def lost(state: JournalState, found: Reach) -> str | None:
    """What the log has lost of what the journal knows; None if nothing, or if a person has accepted it.

    found: the log now, its stamp that of message `state.reach.last`.
    """
    if is_accepted(state.reach, found):
        return None
    return state.behind.why if state.behind is not None else lost_since(state.reach, found)


def rollback_text(state: JournalState, why: str) -> str:
    """The sentence for the owner: what is forgotten, what the journal still knows, and how to go on."""
    held = ", ".join(f"{plain(state.held(market).volume)} of {market}" for market in state.markets) or "nothing"
    return f"the event log was put back from an older copy: {why}. By the journal the bot holds {held}; {HOW_ON}"


async def accept(log: EventStore, journal: Journal, *, by: str, at: UtcTime) -> LogAccepted:
    """Go on with the log as it stands: told to the log, so that every service hears of it, and to the journal.

    Call it once the log has been given what the exchange has under our names.
    """
    end = (await log.reach()).last
    stored = await log.emit(LogAccepted(id=at.strftime("%Y%m%dT%H%M%S%fZ"), end=end, by=by, at=at))
    if not isinstance(stored.event, LogAccepted):
        raise Permanent(f"the log holds a {stored.event.kind} where it was to be accepted")
    if journal.has_been_used():
        journal.write(RollbackAccepted(reach=await log.reach(), by=by, at=at))
    return stored.event


async def check_log(log: EventStore, journal: Journal) -> str | None:
    """Hold the log against the journal and note what is found: what is lost, None if nothing is."""
    state = journal.read()
    found = await log.reach(state.reach.last)
    if why := lost(state, found):
        if state.behind is None:
            journal.write(Behind(why=why))
        return why
    if is_accepted(state.reach, found) and found.accepted_at is not None:
        journal.write(RollbackAccepted(reach=await log.reach(), by="the log", at=found.accepted_at))
    return None


async def note(log: EventStore, journal: Journal) -> None:
    """Keep how far the log reaches by now, if it has lost nothing."""
    state = journal.read()
    if state.behind is None and lost(state, await log.reach(state.reach.last)) is None:
        reached = Reached(reach=await log.reach())
        journal.write(reached, if_=lambda state: state.behind is None and state.reach.last < reached.reach.last)
