"""The owner's switch in NATS, opened when first asked: the bucket can be reached only once connected."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import nats.errors

from shared.bus.switch import Heartbeat, JobWish, Switch, Wish
from shared.errors import Transient

_Result = TypeVar("_Result")


class SwitchUnreachable(Transient):
    """The broker does not answer."""


class OwnerSwitch:
    def __init__(self, open_switch: Callable[[], Awaitable[Switch]]) -> None:
        self._open = open_switch
        self._opened: Switch | None = None

    async def wish(self) -> Wish:
        return await self._ask(lambda switch: switch.wish())

    async def change(self, to: Callable[[Wish], Wish | None]) -> Wish:
        return await self._ask(lambda switch: switch.change(to))

    async def job(self, id: str) -> JobWish:
        return await self._ask(lambda switch: switch.job(id))

    async def beat(self, heartbeat: Heartbeat) -> None:
        await self._ask(lambda switch: switch.beat(heartbeat))

    async def _ask(self, question: Callable[[Switch], Awaitable[_Result]]) -> _Result:
        try:
            if self._opened is None:
                self._opened = await self._open()
            return await question(self._opened)
        except nats.errors.Error as e:
            raise SwitchUnreachable(type(e).__name__) from e
