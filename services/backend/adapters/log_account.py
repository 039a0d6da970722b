"""The account as the last valuation in the log found it."""

from collections.abc import Callable
from dataclasses import dataclass

from nats.aio.client import Client

from shared.api.account import Account, AccountCoin
from shared.bus.namespace import Namespace
from shared.bus.stream import BrokerAway, NoStream, Stream
from shared.bus.wire import Unreadable
from shared.errors import Newer
from shared.events import PortfolioValued

NEVER = Account(valued_at=None, coins=(), left_out=(), key_expires_at=None)


@dataclass(frozen=True)
class LogAccount:
    connection: Callable[[], Client]
    namespace: Namespace

    async def last(self) -> Account:
        """Raises BrokerAway, where nobody can read it, too."""
        try:
            stream = Stream(self.connection(), self.namespace, self.namespace.events)
            message = await stream.last(PortfolioValued.places())
            event = message.event() if message else None
        except (NoStream, Unreadable, Newer) as e:
            raise BrokerAway(str(e)) from e
        return _account(event) if isinstance(event, PortfolioValued) else NEVER


def _account(valued: PortfolioValued) -> Account:
    return Account(
        valued_at=valued.at,
        coins=tuple(AccountCoin(symbol=c.market, account=c.volume, beside=c.others) for c in valued.holdings),
        left_out=valued.left_out,
        key_expires_at=valued.key_expires_at,
    )
