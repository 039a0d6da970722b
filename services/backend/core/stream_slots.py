"""Places at the event stream: so many in all, so many to one client (pure but for what it remembers)."""

from collections import Counter
from dataclasses import dataclass, field

OWNER = "the owner"


@dataclass
class StreamSlots:
    """most: of all clients together. each: of one client; so many are the owner's, whoever else listens."""

    most: int = 50
    each: int = 10
    _taken: Counter[str] = field(default_factory=Counter)

    def take(self, client: str) -> str | None:
        """Take a place, or say why there is none. client: OWNER, or an address."""
        if self._taken[client] >= self.each:
            return f"{client} listens {self.each} times already, and no client may more often"
        if client != OWNER and self._taken.total() - self._taken[OWNER] >= self.most - self.each:
            return f"{self.most - self.each} readers listen already; the other places are for whoever has API_TOKEN"
        self._taken[client] += 1
        return None

    def leave(self, client: str) -> None:
        self._taken[client] -= 1
        if not self._taken[client]:
            del self._taken[client]
