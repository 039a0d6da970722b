"""How often a wrong token may be tried (pure but for what it remembers)."""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class TokenThrottle:
    """Of all callers together: behind one address there may be many."""

    most: int = 10
    within_s: float = 60.0
    _failed: deque[float] = field(default_factory=deque)

    def wait_s(self, now: float) -> int:
        """Seconds until the next try; 0: now."""
        while self._failed and now - self._failed[0] >= self.within_s:
            self._failed.popleft()
        if len(self._failed) < self.most:
            return 0
        return max(1, round(self.within_s - (now - self._failed[0])))

    def failed(self, now: float) -> None:
        self._failed.append(now)
