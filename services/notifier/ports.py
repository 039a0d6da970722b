"""What the notifier needs from the world."""

from typing import Any, Protocol

from services.notifier.core.asked import Said
from services.notifier.core.messages import Kind
from shared.errors import Permanent, Transient


class Messenger(Protocol):
    async def tell(self, kind: Kind, text: str) -> None:
        """Deliver a message, if the owner wants to hear of that kind; raise if it may not have arrived."""
        ...


class Carrier(Protocol):
    async def send(self, text: str, *, silent: bool = False) -> None:
        """Deliver; raise if it may not have arrived. silent: without a sound."""
        ...


class Later(Transient):
    """Not now. wait_s: how long the other side asks to wait, where it says so."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class Refused(Transient):
    """Nothing can be had until somebody does what the sentence says."""


class Overheard(Refused):
    """Somebody else hears the same inbox."""


class Inbox(Protocol):
    async def after(self, offset: int) -> list[Said]:
        """Wait a while for what is said from an update on. Raises Overheard, Refused, Later."""
        ...


class Seat(Protocol):
    """Who has it hears the commands. It is lost to another only after a silence; whatever is heard is heard once."""

    async def take(self) -> int | None:
        """Sit down, or go on sitting: from which update on to hear. None: another sits there."""
        ...

    async def advance(self, offset: int) -> bool:
        """Remember how far was heard. False: another has sat down, and it is his to answer."""
        ...

    async def leave(self) -> None: ...


class Unfit(Permanent):
    """The bot's state does not allow it; nothing was changed."""


class Api(Protocol):
    """The backend's. Raises Transient where it does not answer, Permanent where it says no."""

    async def get(self, path: str, **query: Any) -> Any: ...

    async def post(self, path: str) -> Any:
        """Raises Unfit, too."""
        ...
