"""What the notifier needs from the world."""

from typing import Protocol

from services.notifier.core.messages import Kind


class Messenger(Protocol):
    async def tell(self, kind: Kind, text: str) -> None:
        """Deliver a message, if the owner wants to hear of that kind; raise if it may not have arrived."""
        ...


class Carrier(Protocol):
    async def send(self, text: str, *, silent: bool = False) -> None:
        """Deliver; raise if it may not have arrived. silent: without a sound."""
        ...
