"""Upbit's request quotas, and what is left of one as far as the answers tell (pure).

Measured by address (quotes) or by account (all else), so other processes take from the same quota: what counts
is `Remaining-Req` of the last answer; our own share of the published figure only until the first one.
"""

import re
from typing import NamedTuple

SHARE = 0.8  # of the published figure, which is a ceiling and no promise
BLOCK_S, BLOCK_MAX_S = 60.0, 3600.0  # where a block does not say how long it lasts; each one doubles
_LEFT = re.compile(r"\bsec=([0-9]{1,6})\b", re.I)  # longer ones are no number of requests
_SECONDS = re.compile(r"\b([0-9]{1,6})\s*(?:s\b|sec|초)", re.I)


class Group(NamedTuple):
    """`per_s` requests a second; `public` ones are counted by address, the others by account."""

    name: str
    per_s: float
    public: bool


DEFAULT = Group("default", 30, False)
ORDER, ORDER_TEST = Group("order", 12, False), Group("order-test", 8, False)
CANCEL_ALL = Group("order-cancel-all", 0.5, False)
_EXACT = {
    ("POST", "/v1/orders"): ORDER,
    ("POST", "/v1/orders/cancel_and_new"): ORDER,
    ("POST", "/v1/orders/test"): ORDER_TEST,
    ("DELETE", "/v1/orders/open"): CANCEL_ALL,
}
_QUOTES = (
    ("/v1/market/", Group("market", 10, True)),
    ("/v1/candles/", Group("candle", 10, True)),
    ("/v1/trades/", Group("trade", 10, True)),
    ("/v1/ticker", Group("ticker", 10, True)),
    ("/v1/orderbook", Group("orderbook", 10, True)),
)


def group_of(method: str, path: str) -> Group:
    exact = _EXACT.get((method, path))
    return exact or next((group for start, group in _QUOTES if path.startswith(start)), DEFAULT)


def left_of(remaining_req: str | None) -> int | None:
    """Requests left in this second; "group=default; min=1800; sec=29" -> 29. None where nobody says."""
    found = _LEFT.search(remaining_req or "")
    return int(found[1]) if found else None


def block_told(text: str) -> float | None:
    """The seconds a 418 names; its form is not documented."""
    found = _SECONDS.search(text)
    return float(found[1]) if found else None


class Pace:
    """When the next request of a group may leave. Times are seconds that only grow."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self._window_s = max(1.0, 1 / group.per_s)
        self._fresh = max(1, int(SHARE * group.per_s * self._window_s))
        self._left: float = self._fresh
        self._at = float("-inf")  # when `left` was known
        self._on_way = 0
        self._blocked_until = float("-inf")
        self._block_s = BLOCK_S

    def wait_s(self, now: float) -> float:
        """Seconds until the next may leave; 0: now."""
        return 0.0 if self._left_at(now) >= 1 else max(0.01, self._at + self._window_s - now)

    def blocked_s(self, now: float) -> float:
        """Seconds for which the exchange forbids us to ask; 0: it does not."""
        return max(0.0, self._blocked_until - now)

    def leaves(self, now: float) -> None:
        self._left = self._left_at(now) - 1
        if now - self._at >= self._window_s:
            self._at = now
        self._on_way += 1

    def lost(self) -> None:
        """No answer came."""
        self._on_way -= 1

    def answered(self, now: float, status: int, left: int | None, told_s: float | None = None) -> None:
        """told_s: how long a block shall last, where the answer says so."""
        self._on_way -= 1
        if status == 418:
            self._blocked_until = now + (told_s or self._block_s)
            self._block_s = min(BLOCK_MAX_S, 2 * self._block_s)
        elif status == 429:
            self._left, self._at = 0, now
        elif left is not None:
            # Those on the way may not have been counted yet.
            self._left, self._at = left - self._on_way, now
            self._block_s = BLOCK_S

    def _left_at(self, now: float) -> float:
        if now - self._at < self._window_s:
            return self._left
        return max(self._left, self._fresh - self._on_way)
