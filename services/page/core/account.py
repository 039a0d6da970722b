"""The account against the books, and how long the exchange's key still works (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from shared.api.account import Account
from shared.types import UtcTime
from shared.venue import KEY_WARN


@dataclass(frozen=True, slots=True)
class Key:
    """expires_at: None where the exchange had not said. days: whole ones left; 0: it has ended, or ends in hours."""

    expires_at: UtcTime | None
    days: int | None
    is_pressing: bool


def key(account: Account, mode: str, now: UtcTime) -> Key | None:
    """None on paper: that key is of this machine and opens nothing."""
    if mode != "live":
        return None
    if account.key_expires_at is None:
        return Key(None, None, is_pressing=False)
    left = account.key_expires_at - now
    return Key(account.key_expires_at, max(0, left // timedelta(days=1)), left < KEY_WARN)


def short(account: Account) -> Sequence[tuple[str, Decimal]]:
    """What the account lacks of the bot's own, by market."""
    return [(coin.symbol, -coin.beside) for coin in account.coins if coin.beside is not None and coin.beside < 0]
