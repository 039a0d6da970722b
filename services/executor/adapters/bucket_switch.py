"""What the owner wants the bot to do: by the bucket on the broker and by the commands in the log."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

import nats.errors

from shared.bus.switch import Switch
from shared.errors import Transient
from shared.events import ControlGiven
from shared.events.control import control_id
from shared.stored import Stored
from shared.switch import SELLS, DesiredState, Status, of_log
from shared.types import UtcTime


class SwitchUnreachable(Transient):
    """The bucket or the log does not answer; without them no order leaves."""


class ControlWriter(Protocol):
    async def emit(self, event: ControlGiven) -> Stored: ...


class BucketSwitch:
    """owner: by the owner's login, which may write the wish. The executor's can only say pause, in the log."""

    def __init__(
        self, open_switch: Callable[[], Awaitable[Switch]], log: ControlWriter, *, owner: bool = False
    ) -> None:
        self._open, self._log, self._owner = open_switch, log, owner

    async def status(self) -> Status:
        with _broker_errors():
            return (await (await self._open()).state()).status

    async def pause(self, by: str, at: UtcTime) -> bool:
        """Pause a bot that may order, and let the log say so of one the bucket alone halts; whether it might."""
        paused = DesiredState(status="paused", by=by, at=at, command="pause")
        with _broker_errors():
            switch = await self._open()
            end, command_log = await switch.log.end(), of_log(await switch.log.commands())
            ran = (await switch.state()).status in SELLS
            if ran and self._owner:
                await switch.change(lambda wish: paused if wish.status in SELLS else None)
        if command_log.status in SELLS:
            # Named by what it follows, too: who pauses again what was resumed meanwhile says something new.
            await self._log.emit(ControlGiven(command="pause", id=f"{control_id(at)}-{end}", by=by, at=at))
        return ran


@contextmanager
def _broker_errors() -> Iterator[None]:
    try:
        yield
    except (nats.errors.Error, OSError, Transient) as e:
        raise SwitchUnreachable(f"the bot's switch cannot be reached: {type(e).__name__}") from e
