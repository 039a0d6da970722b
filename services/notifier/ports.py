"""What the notifier needs from the world."""

from typing import Protocol


class Messenger(Protocol):
    async def send(self, text: str) -> None:
        """Deliver a message; raise if it may not have arrived."""
        ...
