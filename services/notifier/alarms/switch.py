"""Looks after the switch: one that is lost, spoilt or changed past the log is told, once for each trouble."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from services.notifier.core.messages import bad_switch
from services.notifier.ports import Messenger
from shared.fixed_clock import Clock
from shared.switch import SwitchState
from shared.types import Language

log = structlog.get_logger("notifier")


@dataclass(slots=True)
class SwitchAlarm:
    """switch: what the bot is to do. After a restart an alarm may come a second time."""

    switch: Callable[[], Awaitable[SwitchState]]
    messenger: Messenger
    clock: Clock
    language: Language
    _before: str = ""
    _reported: str = ""

    async def check(self) -> None:
        """A fault is one that two looks see: a command is for a moment in the bucket and not yet in the log."""
        state = await self.switch()
        if state.fault and state.fault == self._before and state.fault != self._reported:
            log.error("the switch is not well", why=state.trouble)
            await self.messenger.tell("error", bad_switch(state, self.clock.now(), self.language))
            self._reported = state.fault
        if not state.fault:
            self._reported = ""
        self._before = state.fault
