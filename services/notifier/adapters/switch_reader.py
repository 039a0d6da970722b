"""What the bot is to do, read from the broker."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import nats.errors

from shared.bus.stream import BrokerAway
from shared.bus.switch import Switch
from shared.switch import SwitchState


@dataclass(frozen=True, slots=True)
class SwitchReader:
    open: Callable[[], Awaitable[Switch]]

    async def __call__(self) -> SwitchState:
        try:
            return await (await self.open()).state()
        except (nats.errors.Error, TimeoutError) as e:
            raise BrokerAway(f"the broker does not tell the bot's switch: {type(e).__name__}") from e
