"""What the owner wants the bot to do, from the bucket on the broker."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import nats.errors
import nats.js.errors

from shared.bus.switch import Status, Switch, Wish
from shared.errors import Transient
from shared.types import UtcTime


class NoWish(Transient):
    """The bucket does not answer; without it no order leaves."""


class BucketWishes:
    def __init__(self, open_switch: Callable[[], Awaitable[Switch]]) -> None:
        self._open = open_switch

    async def status(self) -> Status:
        with _translated():
            return (await (await self._open()).wish()).status

    async def pause(self, by: str, at: UtcTime) -> bool:
        """Pause a running bot; whether it was one."""
        paused = Wish(status="paused", by=by, at=at, command="pause")
        with _translated():
            switch = await self._open()
            return await switch.change(lambda wish: paused if wish.status == "running" else None) is paused


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, nats.js.errors.Error, OSError) as e:
        raise NoWish(f"the bot's switch cannot be reached: {type(e).__name__}") from e
