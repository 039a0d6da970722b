"""The log of orders for a command that books into it."""

from services.executor.adapters.journal import Journal
from services.executor.adapters.journaled_log import JournaledOrderLog
from services.executor.adapters.order_log import EventOrderLog
from shared.bus.event_log import EventLog
from shared.settings import Settings


def order_log(events: EventLog, settings: Settings) -> EventOrderLog:
    """The log, and beside it this folder's journal: a panic without the log must know what a person has booked."""
    journal = Journal(settings.data_dir / "executor")
    return JournaledOrderLog(events, journal, settings.markets) if journal.has_been_used() else EventOrderLog(events)
