"""What the notifier needs from the world."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from services.notifier.core.chat_message import ChatMessage
from services.notifier.core.messages import Kind
from shared.api.routes import Answer, Route
from shared.errors import Permanent, Transient

Picture = Callable[[], Awaitable[bytes | None]]  # made only if somebody is to see it; None where there is nothing


class Said(NamedTuple):
    """What a command is answered with. picture: a PNG."""

    text: str
    picture: bytes | None = None


class Messenger(Protocol):
    async def tell(self, kind: Kind, text: str, picture: Picture | None = None) -> None:
        """Deliver a message, if the owner wants to hear of that kind; raise if it may not have arrived.

        A picture belongs to the text, and never keeps it from arriving.
        """
        ...


class Channel(Protocol):
    async def send(self, text: str, *, silent: bool = False, picture: bytes | None = None) -> None:
        """Deliver; raise if the text may not have arrived. silent: without a sound. picture: a PNG beside it."""
        ...


class RetryLater(Transient):
    """Not now. wait_s: how long the other side asks to wait, where it says so."""

    def __init__(self, why: str, wait_s: float | None = None) -> None:
        super().__init__(why)
        self.wait_s = wait_s


class Refused(Transient):
    """Nothing can be had until somebody does what the sentence says."""


class InboxConflict(Refused):
    """Somebody else hears the same inbox."""


class Inbox(Protocol):
    async def after(self, offset: int) -> list[ChatMessage]:
        """Wait a while for what is written from an update on. Raises Overheard, Refused, Later."""
        ...


class Lease(Protocol):
    """Who holds it hears the commands. It is lost to another only after a silence; whatever is heard is heard once."""

    async def acquire(self) -> int | None:
        """Acquire or renew it: from which update on to hear. None: another holds it."""
        ...

    async def advance(self, offset: int) -> bool:
        """Remember how far was heard. False: another holds it now, and it is his to answer."""
        ...

    async def release(self) -> None: ...


class Unfit(Permanent):
    """The bot's state does not allow it; nothing was changed."""


class Api(Protocol):
    """The backend's. Raises Transient where it does not answer, Permanent where it says no."""

    async def get(self, route: Route[Answer], *parts: str, **query: str | int) -> Answer:
        """parts: of the route's address."""
        ...

    async def post(self, route: Route[Answer], *parts: str, **query: str | int) -> Answer:
        """Raises Unfit, too."""
        ...
