"""The owner's switch in NATS, opened when first asked: the bucket can be reached only once connected."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import nats.errors
import structlog

from shared.bus.switch import Switch
from shared.errors import Transient
from shared.switch import DesiredJobState, DesiredState, Heartbeat, SwitchState

log = structlog.get_logger("clock")

_Result = TypeVar("_Result")


class SwitchUnreachable(Transient):
    """The broker does not answer."""


class OwnerSwitch:
    def __init__(self, open_switch: Callable[[], Awaitable[Switch]]) -> None:
        self._open = open_switch
        self._opened: Switch | None = None
        self._trouble = ""  # told once, and not at each look

    async def state(self) -> SwitchState:
        found = await self._ask(lambda switch: switch.state())
        if found.fault != "untold" and found.trouble != self._trouble:  # a command may be on its way into the log
            self._trouble = found.trouble
            if found.trouble:
                log.error("the switch is not well", why=found.trouble)
        return found

    async def change(self, to: Callable[[DesiredState], DesiredState | None]) -> DesiredState:
        return await self._ask(lambda switch: switch.change(to))

    async def job(self, id: str) -> DesiredJobState:
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
