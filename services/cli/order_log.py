"""The log of orders for a command that books into it."""

from services.executor import log_rollback
from services.executor.adapters.journal import Journal
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adapters.order_log import EventOrderLog, EventStore
from shared.settings import Settings


async def order_log(events: EventStore, settings: Settings) -> EventOrderLog:
    """The log, and beside it this folder's journal: a panic without the log must know what a person has booked.

    Of a log that was put back from an older copy the journal learns nothing.
    """
    journal = Journal(settings.data_dir / "executor")
    if not journal.has_been_used():
        return EventOrderLog(events)
    await log_rollback.check_log(events, journal)
    return JournaledOrderLog(events, journal, settings.markets)


async def keep_reach(events: EventStore, settings: Settings) -> None:
    """Let the journal keep what a person has told the log: one that is put back from before it is known by it."""
    journal = Journal(settings.data_dir / "executor")
    if journal.has_been_used():
        await log_rollback.note(events, journal)
