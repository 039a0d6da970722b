"""What the owner wants the bot to do, from the bucket on the broker."""

from collections.abc import Awaitable, Callable

import nats.errors
import nats.js.errors

from shared.bus.switch import Status, Switch
from shared.errors import Transient


class NoWish(Transient):
    """The bucket does not answer; without it no order leaves."""


class BucketWishes:
    def __init__(self, open_switch: Callable[[], Awaitable[Switch]]) -> None:
        self._open = open_switch

    async def status(self) -> Status:
        try:
            switch = await self._open()
            return (await switch.wish()).status
        except (nats.errors.Error, nats.js.errors.Error, OSError) as e:
            raise NoWish(f"the bot's switch cannot be read: {type(e).__name__}") from e
