"""The only way from a command to the account: before it opens, all that says whose money this is must agree.

What a panic needs is least: a broker that is down, a clock that is wrong or a test order that fails in a maintenance
keep nobody from selling. That the positions are this account's is asked always. No other module of the commands may
open the exchange (tests/contract/test_door.py).
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from services.cli.screen import say
from services.executor.adapters.journal import Journal
from services.executor.adapters.log_owner import must_be_ours
from services.executor.adapters.upbit_exchange import UpbitExchange
from services.executor.app import open_account_probe, open_exchange
from services.executor.core.journal_lines import Identity
from services.executor.live import must_be_proved
from services.local.folder import must_belong
from services.local.installation import installation
from services.local.running import running
from shared.account import open_account
from shared.bus.event_log import EventLog, NoLog
from shared.bus.memory import LogTrouble
from shared.bus.wire import Unreadable
from shared.errors import BadRequest
from shared.settings import Settings, TradingMode
from shared.upbit_pacing import PacedTransport

TO_ASK = ("clock", "key")  # of a command that writes to the log what the exchange says: neither may be wrong
TO_SELL = ()


@asynccontextmanager
async def opened(settings: Settings, events: EventLog | None, *, proofs: Sequence[str]) -> AsyncIterator[UpbitExchange]:
    """Give the exchange, once folder, running system, journal and log agree with the settings.

    events: None where the log does not answer. proofs: what of shared.account.PROOFS must be seen; on paper there are
    none. Raises BadRequest, BadSetting, BadJournal, NotProved.
    """
    account, way = open_account(settings), PacedTransport()
    await must_agree(settings, events, account.mode)
    exchange, witness = open_exchange(account, way), open_account_probe(account, way)
    async with exchange.closing():
        asked = [proof for proof in proofs if proof in account.proofs]
        await must_be_proved(witness, asked, settings.markets[0], settings.trading_amount)
        yield exchange


async def must_agree(settings: Settings, events: EventLog | None, mode: TradingMode) -> None:
    folder, journal = settings.data_dir, Journal(settings.data_dir / "executor")
    belongs, here = must_belong(folder, mode), running(folder)
    if here is not None and here.mode not in ("", mode):
        raise BadRequest(f"TRADING_MODE={mode}: what runs in {folder} trades on {here.mode}; name its own folder")
    owner = await _owner(events, journal, mode)
    if owner is None and belongs is None and journal.has_been_used():
        raise BadRequest(
            f"neither the folder {folder} nor its journal says whether it is of paper or of real money, and no event "
            "log does; name a broker with --nats, or start its executor once"
        )
    said = (installation(folder), here.installation if here else "", owner.installation if owner else "")
    if len(names := sorted({name for name in said if name})) > 1:
        raise BadRequest(
            f"folder, running system, journal and event log are of several installations ({', '.join(names)}): "
            "somebody else may trade on this account; name the folder and the broker that belong together"
        )


async def _owner(events: EventLog | None, journal: Journal, mode: TradingMode) -> Identity | None:
    """Whose the positions are, by log and journal, or by the journal where the log cannot say."""
    try:
        return await must_be_ours(events, journal, mode)
    except (LogTrouble, NoLog, Unreadable) as e:
        say(f"the event log cannot say whose it is, so the folder speaks alone: {e}")
        return await must_be_ours(None, journal, mode)
