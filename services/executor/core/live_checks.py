"""Whether orders may go to this account: what the exchange showed of it, judged (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from shared import skew
from shared.types import UtcTime
from shared.venue import KEY_WARN


@dataclass(frozen=True, slots=True)
class No:
    """The exchange did not answer as asked; `name` is its own word, empty where none came."""

    name: str
    message: str

    def __str__(self) -> str:
        return f"{self.name}: {self.message}" if self.name else self.message


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """exchange_at: the exchange's time in its answer. ahead_s: how far this machine's clock is ahead of it.

    expire_at: None where the exchange does not list the key.
    """

    exchange_at: UtcTime
    ahead_s: float
    expire_at: UtcTime | None

    @property
    def left(self) -> timedelta | None:
        """How long the key still works, by the exchange's own clock."""
        return None if self.expire_at is None else self.expire_at - self.exchange_at


@dataclass(frozen=True, slots=True)
class Yes:
    """It did what was asked."""


@dataclass(frozen=True, slots=True)
class Finding:
    """todo: what to do about it; empty where there is nothing to do."""

    name: str
    state: Literal["ok", "warn", "fail"]
    found: str
    todo: str = ""


_MANAGE = "at Upbit, under Open API management"
_TODO = {
    "expired_access_key": f"make a new key {_MANAGE}",
    "invalid_access_key": "correct UPBIT_ACCESS_KEY",
    "jwt_verification": "correct UPBIT_SECRET_KEY",
    "no_authorization_ip": f"allow this machine's address for the key {_MANAGE}",
    "no_authorization_i_p": f"allow this machine's address for the key {_MANAGE}",
    "out_of_scope": f"make a key {_MANAGE} with the rights to view the account, to view orders and to make orders",
    "market_offline": "wait for the end of the exchange's maintenance",
    "notfoundmarket": "correct TRADING_SYMBOL",
}


def clock(ahead_s: float) -> Finding:
    found, todo = f"{ahead_s:+.1f} s against the exchange", "set this machine's clock by NTP"
    if skew.is_wrong(ahead_s):
        return Finding("clock skew", "fail", found, f"{todo}: slots would start at the wrong time")
    if skew.is_off(ahead_s):
        return Finding("clock skew", "warn", found, todo)
    return Finding("clock skew", "ok", found)


def key(info: KeyInfo) -> Finding:
    left = info.left
    if left is None:
        return _fail("key", "the exchange does not list this key", f"make a new key {_MANAGE}")
    days = f"{left / timedelta(days=1):.0f} days"
    if left <= timedelta(0):
        return _fail("key", "it has expired", _TODO["expired_access_key"])
    if left < KEY_WARN:
        return Finding("key", "warn", f"it expires in {days}", f"{_TODO['expired_access_key']}; none can be prolonged")
    return Finding("key", "ok", f"it works for {days} more")


def withdrawal(answer: Yes | No) -> Finding:
    """Judge whether it may see withdrawals: a trading key has no such right. More than that Upbit does not show."""
    if isinstance(answer, Yes):
        return _fail("withdrawal", "this key has rights over withdrawals", f"make a key {_MANAGE} with none of them")
    if answer.name == "out_of_scope":
        return Finding("withdrawal", "ok", "the key has no right to see withdrawals")
    todo = f"see to it {_MANAGE} that the key cannot withdraw"
    return Finding("withdrawal", "warn", f"whether the key can withdraw could not be seen ({answer})", todo)


def order(answer: Yes | No) -> Finding:
    """Judge a test order. A lack of money is found after everything else was: the key may order."""
    if isinstance(answer, Yes):
        return Finding("test order", "ok", "the exchange would take an order")
    if answer.name.startswith("insufficient_funds"):
        return Finding("test order", "ok", "the exchange would take an order, but there is no money for one")
    return no("test order", answer)


def no(name: str, answer: No) -> Finding:
    return _fail(name, str(answer), _TODO.get(answer.name, "look at the network, at UPBIT_BASE_URL and at the key"))


def objections(findings: Sequence[Finding]) -> str:
    """Every finding that forbids orders, in one sentence; empty if none does."""
    return "; ".join(f"{f.name}: {f.found}; {f.todo}" for f in findings if f.state == "fail")


def _fail(name: str, found: str, todo: str) -> Finding:
    return Finding(name, "fail", found, todo)
