"""Whose trades a log and a journal hold: positions come out of them, so no two modes or installations share one."""

from services.executor.adapters.journal import Journal
from services.executor.core.journal_lines import Identity
from services.executor.live import NotProved
from shared.bus.event_log import EventLog
from shared.settings import TradingMode

_OWN = "positions are computed from it; give each a DATA_DIR of its own, with Docker volumes of its own"


async def must_be_ours(log: EventLog | None, journal: Journal, mode: TradingMode) -> Identity | None:
    """Hold journal and log against the settings and each other, and give whose they are; None if neither says.

    log: None where it does not answer; then the journal speaks alone. Raises NotProved.
    """
    mine = journal.read().identity if journal.has_been_used() else None
    if mine is not None and mine.mode != mode:
        raise NotProved(
            f"TRADING_MODE={mode} is refused: the journal {journal.path} belongs to {mine.mode} trading; {_OWN}"
        )
    if log is None:
        return mine
    opened, traded = await log.opened(), await log.mode()
    if traded not in (None, mode):
        raise NotProved(f"TRADING_MODE={mode} is refused: the event log at this broker holds {traded} trades; {_OWN}")
    if opened is None:
        return mine or (Identity(installation="", mode=mode) if traded else None)
    if mine is not None and mine.installation not in ("", opened.installation):
        raise NotProved(
            f"the event log at this broker is that of installation {opened.installation}, and the journal "
            f"{journal.path} that of {mine.installation}: somebody else may trade on this account. Give each its own "
            "DATA_DIR and broker; if this installation's log is lost for good, move the journal away and say: upcycle "
            "adopt"
        )
    return Identity(installation=opened.installation, mode=mode)


async def must_stay_ours(log: EventLog, journal: Journal, mode: TradingMode) -> None:
    """The same for an executor, which keeps for good what it found. Raises NotProved."""
    found = await must_be_ours(log, journal, mode) or Identity(installation="", mode=mode)
    journal.write(found, if_=lambda state: state.identity != found)
