"""Upbit's request quotas: one bucket for each group and caller, then a block for whoever goes on hammering (pure)."""

from collections.abc import Callable
from typing import NamedTuple

from shared.upbit_quota import Group

HAMMERING = 20  # refusals without a second's pause, after which the caller is blocked
BLOCK_S, BLOCK_MAX_S = 10.0, 600.0  # the first block, and the longest; each one doubles
CALLERS_MAX = 10_000  # remembered
BROWSER_PER_S = 0.1  # of a request with an Origin header


def remaining_req(group: Group, left: float) -> str:
    """The header; `min` is the fixed number Upbit still sends."""
    return f"group={group.name}; min={int(group.per_s * 60)}; sec={int(left)}"


class Verdict(NamedTuple):
    status: int  # 200, 429 or 418
    left: float  # whole requests that may follow at once
    blocked_s: float = 0.0


class _Bucket:
    def __init__(self, full: float, at: float) -> None:
        self.tokens, self.at = full, at
        self.refusals, self.block_s, self.blocked_until = 0, BLOCK_S, 0.0


class Quotas:
    """seconds: the time it counts on; None: nothing is counted, every request is the first of its second."""

    def __init__(self, seconds: Callable[[], float] | None) -> None:
        self._seconds = seconds
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, group: Group, caller: str, per_s: float | None = None) -> Verdict:
        """Count one request; `per_s` is a quota of its own for this caller."""
        rate = per_s or group.per_s
        full = max(1.0, rate)
        if self._seconds is None:
            return Verdict(200, full - 1)
        now = self._seconds()
        bucket = self._bucket((group.name, caller), full, now)
        if now < bucket.blocked_until:
            return Verdict(418, 0, bucket.blocked_until - now)
        if now - bucket.at >= 1:
            bucket.refusals = 0
        bucket.tokens, bucket.at = min(full, bucket.tokens + (now - bucket.at) * rate), now
        if bucket.tokens >= 1:
            bucket.tokens -= 1  # one that passes between refusals is no pause
            return Verdict(200, bucket.tokens)
        bucket.refusals += 1
        if bucket.refusals <= HAMMERING:
            return Verdict(429, 0)
        bucket.blocked_until, bucket.refusals = now + bucket.block_s, 0
        bucket.block_s = min(BLOCK_MAX_S, bucket.block_s * 2)
        return Verdict(418, 0, bucket.blocked_until - now)

    def _bucket(self, key: tuple[str, str], full: float, now: float) -> _Bucket:
        if key not in self._buckets:
            if len(self._buckets) >= CALLERS_MAX:
                del self._buckets[next(iter(self._buckets))]
            self._buckets[key] = _Bucket(full, now)
        return self._buckets[key]
